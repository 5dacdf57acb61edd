// `ftsbuild gc`: shows what of the cache would be removed within the limits given, and removes it when a person agrees.
import {formatBytes} from '../base/units.ts';
import {chooseRemovals, findNeeds, sum, type Candidate, type Collection, type Limits} from '../build/gc.ts';
import {dropEntry} from '../state/cache.ts';
import {describeCollection, plainCollection} from '../ui/collection.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import type {OpenOptions} from './open.ts';
import {openEvery, type Every} from './open-every.ts';
import type {Terminal} from './terminal.ts';
import {underLock} from './under-lock.ts';

export interface GcOptions extends OpenOptions, Limits {
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Prints JSON, and asks nobody. */
  readonly json: boolean;
}

export async function gc(options: GcOptions, terminal: Terminal): Promise<number> {
  const opened = openEvery(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session, unreadable} = opened.value;
  const chosen = await choose(opened.value, options);
  const shown = {...chosen, unreadable, limits: options, nowMs: session.clock.now()};
  if (!options.json) for (const line of describeCollection(shown, terminal.paint)) terminal.print(line);
  const isAgreed = chosen.remove.length > 0 && !options.dryRun && (options.yes || (await ask(chosen, options, terminal)));
  if (!isAgreed) {
    if (options.json) terminal.print(JSON.stringify(plainCollection(shown, []), null, 2));
    return exitCode.done;
  }
  return underLock(session, terminal, async () => {
    const removed = await remove(chosen, options);
    if (options.json) terminal.print(JSON.stringify(plainCollection(shown, removed), null, 2));
    else terminal.print(`removed ${String(removed.length)}, ${formatBytes(sum(removed))}`);
    return exitCode.done;
  });
}

async function choose({session, sessions, unreadable}: Every, limits: Limits): Promise<Collection> {
  return chooseRemovals(session.disk, unreadable.length > 0 ? 'unknown' : await findNeeds(sessions), limits, session.clock.now());
}

async function ask({remove}: Collection, {json}: GcOptions, terminal: Terminal): Promise<boolean> {
  if (json) return false;
  if (await terminal.confirm(`Remove ${String(remove.length)} for good?`)) return true;
  terminal.print('Nothing was removed (--yes removes without asking).');
  return false;
}

// Only what was shown, and only while it is still to go: a build may have run meanwhile, or somebody may have changed a study.
async function remove(chosen: Collection, options: GcOptions): Promise<readonly Candidate[]> {
  const again = openEvery(options);
  if (!again.ok) return [];
  const shown = new Set(chosen.remove.map(({path}) => path));
  const removed = (await choose(again.value, options)).remove.filter(({path}) => shown.has(path));
  const {disk} = again.value.session;
  for (const {kind, path} of removed) {
    if (kind === 'results') dropEntry(disk, {folder: path});
    else disk.remove(path);
  }
  return removed;
}
