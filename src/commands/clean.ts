// `ftsbuild clean`: moves the results of targets into the cache when a person agrees.
import {clean as cleanAll, findCleanable, type Cleanable} from '../build/clean.ts';
import {describeCleanable, describeCleaned, plainCleaned} from '../ui/cleaning.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {underLock} from './under-lock.ts';

export interface CleanOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly dryRun: boolean;
  readonly yes: boolean;
  /** Prints JSON, and asks nobody. */
  readonly json: boolean;
}

export async function clean(options: CleanOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const selected = selectFor(session, options);
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const found = findCleanable(session, selected.value);
  if (!options.json) for (const line of describeCleanable(found, terminal.paint)) terminal.print(line);
  const isAgreed = found.length > 0 && !options.dryRun && (options.yes || (await ask(found, options, terminal)));
  if (!isAgreed) {
    if (options.json) terminal.print(JSON.stringify(plainCleaned(found, []), null, 2));
    return exitCode.done;
  }
  return underLock(session, terminal, () => {
    const cleaned = cleanAll(session, findCleanable(session, selected.value));
    if (options.json) terminal.print(JSON.stringify(plainCleaned(found, cleaned), null, 2));
    else for (const line of describeCleaned(cleaned)) terminal.print(line);
    return Promise.resolve(exitCode.done);
  });
}

async function ask(found: readonly Cleanable[], {json}: CleanOptions, terminal: Terminal): Promise<boolean> {
  if (json) return false;
  if (await terminal.confirm(`Move ${String(found.length)} into the cache?`)) return true;
  terminal.print('Nothing was moved (--yes moves without asking).');
  return false;
}
