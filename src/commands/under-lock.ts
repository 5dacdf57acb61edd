// Holds the workspace while a command that writes does its work, and makes the report anew where results were declared otherwise.
import {readGitState} from '../build/git.ts';
import type {BuildEvent} from '../build/events.ts';
import {closeUnfinished} from '../build/unfinished.ts';
import {runReport} from '../build/run-report.ts';
import type {Session} from '../build/session.ts';
import {judgeReport} from '../build/verdicts.ts';
import {machineProcesses} from '../host/processes.ts';
import {lockPath} from '../state/lock.ts';
import {workspaceBusy, workspaceChanged} from '../ui/busy.ts';
import {describeKept, describeRenewed} from '../ui/plain.ts';
import {closing} from './closing.ts';
import {holdWorkspace} from './hold.ts';
import {exitCode} from './exit-codes.ts';
import {findSuspension} from './suspended-builder.ts';
import type {Terminal} from './terminal.ts';

export async function underLock(session: Session, terminal: Terminal, work: () => Promise<number>): Promise<number> {
  const site = {
    disk: session.disk,
    clock: session.clock,
    processes: machineProcesses(),
    path: lockPath,
    command: process.argv.slice(2).join(' '),
  };
  const acquired = await holdWorkspace(site, 0);
  if ('by' in acquired) {
    terminal.printError(workspaceBusy(acquired.by, findSuspension(acquired.by) === undefined ? 'none' : 'suspended', site.processes));
    return exitCode.gate;
  }
  return closing(async (atEnd) => {
    atEnd(() => acquired.held.release());
    // A build may have run between the look at the journal and the hold, for as long as a person thought about the question: by what was seen
    // then its results would be taken for edited ones, and its attempts for dead.
    if (session.store.isOutdated) {
      terminal.printError(workspaceChanged);
      return exitCode.gate;
    }
    atEnd(() => session.digests.save());
    await session.conditions.load();
    const left = await closeUnfinished(session, {processes: site.processes, tell: (log) => terminal.print(describeRenewed(log))});
    if (left.length === 0) return work();
    terminal.printProblems(left, session.disk.root);
    return exitCode.gate;
  });
}

/** A report that was made before must not go on showing what no longer holds. */
export async function renewReport(session: Session, terminal: Terminal): Promise<'renewed' | 'as_it_was'> {
  const node = session.graph.nodes.find(({rule}) => rule === 'report');
  if (node === undefined || session.store.standingOf(node.id).lastTrace === undefined) return 'as_it_was';
  session.world.refresh();
  const verdict = judgeReport(session, node);
  if (verdict.is !== 'stale') return 'as_it_was';
  const listen = (event: BuildEvent): void => {
    if (event.type === 'node_kept') terminal.print(describeKept(event));
  };
  await runReport({session, listen, git: () => readGitState(session.disk.root)}, node, verdict);
  return 'renewed';
}
