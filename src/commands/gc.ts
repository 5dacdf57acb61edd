// `ftsbuild gc`: shows what of the cache would be removed within the limits given, and removes it when a person agrees.
import {formatBytes, formatDuration} from '../base/units.ts';
import {chooseRemovals, findNeeds, type Candidate, type Collection, type Limits} from '../build/gc.ts';
import {hasConditions} from '../build/conditions.ts';
import type {Session} from '../build/session.ts';
import {failure, success, type Result} from '../base/result.ts';
import {refuse} from './build.ts';
import {confirm} from './confirm.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {underLock} from './under-lock.ts';

export interface GcOptions extends OpenOptions, Limits {
  readonly dryRun: boolean;
  readonly yes: boolean;
}

export async function gc(options: GcOptions, terminal: Terminal): Promise<number> {
  const opened = openEvery(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const [session] = opened.value;
  for (const {study, conditions} of opened.value) if (hasConditions(study)) await conditions.load();
  const choose = (): Collection => chooseRemovals(session.disk, findNeeds(opened.value), options, session.clock.now());
  const chosen = choose();
  show(chosen, options, session.clock.now(), terminal);
  if (chosen.remove.length === 0 || options.dryRun) return exitCode.done;
  if (!options.yes && !(await confirm(`Remove ${String(chosen.remove.length)} for good?`))) {
    terminal.print('Nothing was removed (--yes removes without asking).');
    return exitCode.done;
  }
  return underLock(session, terminal, () => {
    // Only what was shown, and only while it is still to go: a build may have run meanwhile.
    const shown = new Set(chosen.remove.map(({path}) => path));
    const removed = choose().remove.filter(({path}) => shown.has(path));
    for (const {path} of removed) session.disk.remove(path);
    terminal.print(`removed ${String(removed.length)}, ${formatBytes(total(removed))}`);
    return Promise.resolve(exitCode.done);
  });
}

/** The study plain and under each of its profiles: what one of them needs stays. */
function openEvery(options: OpenOptions): Result<readonly [Session, ...Session[]]> {
  const {profile, ...plain} = options;
  const first = openSession(options);
  if (!first.ok) return first;
  const others: Session[] = [];
  for (const name of [undefined, ...first.value.profiles].filter((candidate) => candidate !== profile)) {
    const opened = openSession({...plain, profile: name});
    if (!opened.ok) return failure(opened.error);
    others.push(opened.value.session);
  }
  return success([first.value.session, ...others]);
}

function show(
  {remove, stay, needed}: Collection,
  limits: Limits,
  nowMs: number,
  {print, paint}: Pick<Terminal, 'paint'> & {print: (text: string) => void},
): void {
  for (const candidate of remove) print(describe(candidate, nowMs));
  if (limits.maxBytes === undefined && limits.olderThanMs === undefined)
    print(paint.dim('No limit is given: --max-size 10GB, --older-than 30d, or both.'));
  print(`${String(remove.length)} to remove, ${formatBytes(total(remove))}`);
  print(
    `${String(stay.length)} stay within the limits, ${formatBytes(total(stay))}; ${String(needed.length)} stay because today's targets need them, ${formatBytes(total(needed))}`,
  );
}

function describe({what, key, bytes, lastUsedMs}: Candidate, nowMs: number): string {
  const age = formatDuration(Math.max(0, nowMs - lastUsedMs));
  return `${formatBytes(bytes).padStart(9)}  ${age.padStart(8)}  ${(key ?? '').slice(0, 12).padEnd(12)}  ${what}`;
}

function total(candidates: readonly Candidate[]): number {
  return candidates.reduce((sum, {bytes}) => sum + bytes, 0);
}
