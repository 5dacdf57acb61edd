// `ftsbuild invalidate`: declares results wrong, with a reason, and everything that was built on them.
import {invalidate as invalidateAll} from '../build/invalidate.ts';
import {refuse, selectFor} from './build.ts';
import type {AdoptOptions} from './adopt.ts';
import {exitCode} from './exit-codes.ts';
import {openSession} from './open.ts';
import type {Terminal} from './terminal.ts';
import {renewReport, underLock} from './under-lock.ts';

export async function invalidate(options: AdoptOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, options);
  if (!selected.ok) return refuse(selected.error, options, terminal);
  return underLock(session, terminal, async () => {
    const done = invalidateAll(session, selected.value, options.reason);
    for (const {node, reason, kept} of done) {
      terminal.print(`${terminal.paint.yellow('invalid')} ${node.label}: ${reason}`);
      if (kept !== undefined) terminal.print(terminal.paint.dim(`        what was at ${kept.path} is now at ${kept.movedTo}`));
    }
    if (done.length === 0) {
      terminal.printError('nothing to invalidate: there is no result of these targets');
      return exitCode.failed;
    }
    if ((await renewReport(session, terminal)) === 'renewed') terminal.print(`made anew: ${session.study.paths.report}`);
    terminal.print(`${String(done.length)} invalid`);
    return exitCode.done;
  });
}
