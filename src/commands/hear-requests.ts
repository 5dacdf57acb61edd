// Listens for what a person asks of this build from another terminal, for as long as it runs.
import {requestFolder, takeRequests, type Ask} from '../build/requests.ts';
import {DiskError, type Disk} from '../host/disk.ts';
import type {Processes} from '../host/processes.ts';
import {watchFolder} from '../host/watch-folder.ts';

/** For file systems that tell nothing of changes. */
const pollMs = 2000;

/** Returns what ends the listening. What was asked of an earlier build, which is dead, is thrown away. */
export function hearRequests(disk: Disk, processes: Processes, obey: Readonly<Record<Ask, () => void>>): () => void {
  const {host, ownPid: pid} = processes;
  const builder = {host, pid, start: processes.startOf(pid) ?? 'unknown'};
  const hear = (): void => {
    for (const ask of take(disk, builder)) obey[ask]();
  };
  const watch = watchFolder(disk.resolve(requestFolder), hear);
  const timer = setInterval(hear, pollMs).unref();
  hear();
  return () => {
    clearInterval(timer);
    watch.close();
  };
}

// A request that cannot be taken away is not obeyed, or it would be again and again; it ends no build.
function take(disk: Disk, builder: Parameters<typeof takeRequests>[1]): readonly Ask[] {
  try {
    return takeRequests(disk, builder);
  } catch (error) {
    if (error instanceof DiskError) return [];
    throw error;
  }
}
