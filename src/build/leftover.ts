// The process of an attempt whose engine died: ended for good before anything is done about its attempt, so that no two jobs write one result.
import {setTimeout as sleep} from 'node:timers/promises';
import {isJsonObject} from '../base/json.ts';
import type {NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {signalGroup} from '../host/process-group.ts';
import type {Processes} from '../host/processes.ts';
import {findJsonObject} from '../executors/progress-lines.ts';
import {jobFilesOf} from './job-file.ts';
import type {Session} from './session.ts';

/** Writes down which process works on a node, as soon as it is known. */
export function noteProcess(session: Session, node: Node, {pid, processes}: {pid: number; processes: Processes}): void {
  const start = processes.startOf(pid);
  if (start === undefined) return;
  session.disk.write(jobFilesOf(node.id).process, `${JSON.stringify({host: processes.host, pid, start})}\n`);
}

/**
 * Kills what is left of the job. Its engine is gone, so nobody hears how it ends, and it would stop at its next word anyway; what it had not
 * saved is done again. On another machine nothing can be asked or ended.
 */
export async function endLeftover(session: Session, node: NodeId, processes: Processes): Promise<void> {
  const noted = findJsonObject(session.disk.readText(jobFilesOf(node).process)?.trimEnd() ?? '');
  if (!isJsonObject(noted)) return;
  const {host, pid, start} = noted;
  if (host !== processes.host || typeof pid !== 'number') return;
  while (typeof start === 'string' && processes.startOf(pid) === start) {
    signalGroup(pid, 'SIGKILL');
    await sleep(pollMs);
  }
}

const pollMs = 5;
