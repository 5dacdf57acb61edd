// Results and scripts of experiments that the study no longer has: `list --orphans` names them, `gc --orphans` moves them into the cache.
import {collectOrphans, findOrphans, hasCandidates, type Orphan} from '../build/orphans.ts';
import type {Session} from '../build/session.ts';
import {describeCollected, describeOrphans, plainOrphans, unknownOrphans} from '../ui/orphans.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import type {OpenOptions} from './open.ts';
import {openEvery} from './open-every.ts';
import type {Terminal} from './terminal.ts';
import {underLock} from './under-lock.ts';

interface ListOptions extends OpenOptions {
  readonly json: boolean;
}

interface CollectOptions extends ListOptions {
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** For who has opened the study already. Undefined where another study does not load: what is its, nobody knows. */
export function findOwnOrphans(options: OpenOptions, session: Session): readonly Orphan[] | undefined {
  if (!hasCandidates(session)) return [];
  const every = openEvery(options);
  return every.ok && every.value.unreadable.length === 0 ? findOrphans(session, every.value.sessions) : undefined;
}

export function listOrphans(options: ListOptions, terminal: Terminal): number {
  const opened = openEvery(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session, sessions, unreadable} = opened.value;
  if (unreadable.length > 0) return refuseUnknown(unreadable, terminal);
  const found = findOrphans(session, sessions);
  if (options.json) terminal.print(JSON.stringify({schema_version: 1, targets: [], orphans: plainOrphans(found, [])}, null, 2));
  else for (const line of describeOrphans(found, terminal.paint)) terminal.print(line);
  return exitCode.done;
}

export async function collect(options: CollectOptions, terminal: Terminal): Promise<number> {
  const opened = openEvery(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session, sessions, unreadable} = opened.value;
  if (unreadable.length > 0) return refuseUnknown(unreadable, terminal);
  const found = findOrphans(session, sessions);
  if (!options.json) for (const line of describeOrphans(found, terminal.paint)) terminal.print(line);
  const isAgreed = found.length > 0 && !options.dryRun && (options.yes || (await ask(found, options, terminal)));
  if (!isAgreed) {
    if (options.json) terminal.print(JSON.stringify({schema_version: 1, orphans: plainOrphans(found, [])}, null, 2));
    return exitCode.done;
  }
  return underLock(session, terminal, () => {
    const collected = collectOrphans(session, found);
    if (options.json) terminal.print(JSON.stringify({schema_version: 1, orphans: plainOrphans(found, collected)}, null, 2));
    else for (const line of describeCollected(collected)) terminal.print(line);
    return Promise.resolve(exitCode.done);
  });
}

function refuseUnknown(unreadable: readonly {readonly file: string}[], terminal: Terminal): number {
  terminal.printError(unknownOrphans(unreadable.map(({file}) => file)));
  return exitCode.failed;
}

async function ask(found: readonly Orphan[], {json}: ListOptions, terminal: Terminal): Promise<boolean> {
  if (json) return false;
  if (await terminal.confirm(`Move ${String(found.length)} into the cache?`)) return true;
  terminal.print('Nothing was moved (--yes moves without asking).');
  return false;
}
