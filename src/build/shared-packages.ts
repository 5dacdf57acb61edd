// Makes, once for all workspaces of a user, the environment that holds the packages of a lock. Who comes first makes it, under a lock; whoever
// comes meanwhile waits, and uses it. Knows nothing of the workspaces.
import {createHash} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseObject} from '../base/json.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {isThisMachine, type Processes} from '../host/processes.ts';
import {acquire, type Holder, type Lock} from '../state/lock.ts';

export interface SharedPackages {
  /** Of the lock, of what is installed of it, and of Python's version, in words: environments that differ in one are apart. */
  readonly identity: readonly string[];
  /** Makes it in this folder; returns why it could not. */
  readonly make: (folder: string) => Promise<string | undefined>;
}

export interface SharingSite {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly processes: Processes;
  /** The user's, absolute. */
  readonly cacheFolder: string;
  readonly say: (what: string) => void;
  readonly stop: AbortSignal | undefined;
}

/** Written last: only with it the environment is whole. */
const marker = 'ftsbuild.json';
const pollMs = 200;

/** The folder of the whole environment, or why there is none. */
export async function sharePackages(
  {identity, make}: SharedPackages,
  site: SharingSite,
): Promise<{readonly folder: string} | {readonly why: string}> {
  const {disk, cacheFolder} = site;
  const digest = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
  const folder = `${cacheFolder}/ftsbuild/environments/${digest.slice(0, 16)}`;
  const isWhole = (): boolean => parseObject(disk.readText(`${folder}/${marker}`))?.['digest'] === digest;
  if (isWhole()) return {folder};
  const held = await hold(`${folder}.lock`, site);
  if (held === undefined) return {why: 'it was stopped'};
  try {
    if (isWhole()) return {folder};
    const why = await make(folder);
    if (why !== undefined) return {why};
    disk.write(`${folder}/${marker}`, `${JSON.stringify({schema_version: 1, digest, identity})}\n`);
    return {folder};
  } finally {
    held.release();
  }
}

async function hold(path: string, {disk, clock, processes, say, stop}: SharingSite): Promise<Lock | undefined> {
  let isTold = false;
  for (;;) {
    if (stop?.aborted === true) return undefined;
    const acquired = acquire({disk, clock, processes, path, command: 'environment'});
    if ('held' in acquired) return acquired.held;
    if (!isTold)
      say(
        `waiting for process ${String(acquired.by.pid)} on ${acquired.by.host}, which makes the shared environment${remedyFor(acquired.by, path, processes)}`,
      );
    isTold = true;
    await sleep(pollMs);
  }
}

// A home folder may be shared by machines, and of another one nobody can see from here whether the process lives.
function remedyFor(holder: Holder, path: string, processes: Processes): string {
  return isThisMachine(processes, holder) ? '' : ` (if ${holder.host} is gone for good, remove ${path})`;
}
