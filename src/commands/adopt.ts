// `ftsbuild adopt`: takes the results that lie there as those of today's key, with a reason.
import {adopt as adoptOne, isResult, type Adoption} from '../build/adopt.ts';
import type {Session} from '../build/session.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {renewReport, underLock} from './under-lock.ts';

export interface AdoptOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly reason: string;
}

export async function adopt(options: AdoptOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, options);
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const wanted = new Set(selected.value.filter(isResult));
  if (wanted.size === 0) {
    terminal.printError('nothing to adopt: only searches, borrowed parameters and trainings are');
    return exitCode.failed;
  }
  const order = neededFor(session.graph, [...wanted]).filter((node) => wanted.has(node));
  return underLock(session, terminal, () => adoptAll(session, order, options.reason, terminal));
}

async function adoptAll(session: Session, order: readonly Node[], reason: string, terminal: Terminal): Promise<number> {
  let refused = 0;
  let fresh = 0;
  for (const node of order) {
    const adoption = await adoptOne(session, node, reason);
    if (adoption.is === 'refused') refused++;
    if (adoption.is === 'fresh') fresh++;
    else print(node, adoption, terminal);
  }
  const adopted = order.length - refused - fresh;
  if (adopted > 0 && (await renewReport(session, terminal)) === 'renewed') terminal.print(`made anew: ${session.study.paths.report}`);
  terminal.print(`${String(adopted)} adopted, ${String(fresh)} fresh already, ${String(refused)} refused`);
  return refused > 0 ? exitCode.failed : exitCode.done;
}

function print(node: Node, adoption: Exclude<Adoption, {is: 'fresh'}>, terminal: Terminal): void {
  const {paint} = terminal;
  if (adoption.is === 'refused')
    for (const problem of adoption.problems) terminal.printError(`${paint.red('refused')} ${node.label}: ${problem}`);
  else if (adoption.is === 'recognised')
    terminal.print(`${paint.green('recognised')} ${node.label}: it was made from what today's key names`);
  else terminal.print(`${paint.green('adopted')} ${node.label} under the key ${adoption.key.slice(0, 12)}`);
}
