// The process of an attempt whose engine died: ended for good before anything is done about its attempt, so that no two jobs write one result.
import {setTimeout as sleep} from 'node:timers/promises';
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {isJsonObject} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import {signalGroup} from '../host/process-group.ts';
import {killStrays} from '../host/strays.ts';
import {isThisMachine, type Processes} from '../host/processes.ts';
import {findJsonObject} from '../executors/progress-lines.ts';
import {jobFilesOf} from './job-file.ts';
import type {Session} from './session.ts';

/** Writes down which process works on a node, as soon as it is known. */
export function noteProcess(session: Session, node: Node, {pid, processes}: {pid: number; processes: Processes}): void {
  const start = processes.startOf(pid);
  if (start === undefined) return;
  session.disk.write(jobFilesOf(node.id).process, `${JSON.stringify({host: processes.host, boot: processes.boot, pid, start})}\n`);
}

/**
 * Kills what is left of the job. Its engine is gone, so nobody hears how it ends, and it would stop at its next word anyway; what it had not
 * saved is done again. On another machine nothing can be asked or ended. Tells what cannot be killed: it may still write.
 */
export async function endLeftover(
  session: Session,
  node: Pick<Node, 'id' | 'label'>,
  processes: Processes,
): Promise<Diagnostic | undefined> {
  const files = jobFilesOf(node.id);
  // Also what was not written down yet, or has left its group.
  killStrays('FTSBUILD_JOB', session.disk.resolve(files.job));
  const noted = findJsonObject(session.disk.readText(files.process)?.trimEnd() ?? '');
  if (!isJsonObject(noted)) return undefined;
  const {host, boot, pid, start} = noted;
  if (typeof host !== 'string' || !isProcessId(pid)) return undefined;
  if (!isThisMachine(processes, {host, boot: typeof boot === 'string' ? boot : undefined})) return undefined;
  const until = session.clock.elapsed() + patienceMs;
  while (typeof start === 'string' && processes.startOf(pid) === start) {
    if (session.clock.elapsed() >= until) return unkillable(node, pid);
    signalGroup(pid, 'SIGKILL');
    await sleep(pollMs);
  }
  return undefined;
}

/** What a signal may be sent to: 0 and 1 stand for groups of others. */
function isProcessId(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 1;
}

const pollMs = 5;
/** A process that the system waits for itself (a page from swap, a file server) ends only when the system answers. */
const patienceMs = 30_000;

function unkillable(node: Pick<Node, 'label'>, pid: number): Diagnostic {
  return problem('FTS606', `process ${String(pid)}, which a build that died left at work on ${node.label}, cannot be killed`, {
    help: `it may wait for swapped memory or a file server (\`ps -o pid,user,stat,wchan -p ${String(pid)}\`); build again when it has ended, which may take a restart of the machine`,
  });
}
