// `ftsbuild list`: every target with its dimensions; with --scripts the commands a person would run by hand.
import type {Node} from '../graph/node.ts';
import type {Session} from '../build/session.ts';
import {interpreterName} from '../ui/interpreter.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';

export interface ListOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly scripts: boolean;
  readonly json: boolean;
}

export function list(options: ListOptions, terminal: Terminal): number {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, {...options, targets: options.targets.length > 0 ? options.targets : ['all']});
  if (!selected.ok) return refuse(selected.error, options, terminal);
  if (options.scripts) printScripts(session, selected.value, terminal);
  else if (options.json) terminal.print(JSON.stringify({schema_version: 1, targets: selected.value.map(plainNode)}, null, 2));
  else
    for (const node of selected.value)
      terminal.print(
        [
          node.rule.padEnd(11),
          node.outputs[0]?.path ?? node.id,
          ...(node.dims.size > 0 ? [terminal.paint.dim(` ${describeDims(node)}`)] : []),
        ].join(' '),
      );
  return exitCode.done;
}

function plainNode(node: Node): object {
  return {
    target: node.outputs[0]?.path ?? node.id,
    rule: node.rule,
    phase: node.phase ?? null,
    experiment: node.experiment ?? null,
    dims: Object.fromEntries(node.dims),
    outputs: node.outputs.map(({path}) => path),
  };
}

function describeDims(node: Node): string {
  return [...node.dims].map(([name, value]) => `${name}=${value}`).join(' ');
}

function printScripts(session: Session, nodes: readonly Node[], terminal: Terminal): void {
  const scripts = new Set(
    nodes.flatMap(({work}) => (work.kind === 'job' && work.job.target.kind === 'script' ? [work.job.target.path] : [])),
  );
  for (const path of scripts) terminal.print(`${interpreterName(session.study)} ${path}`);
}
