// `ftsbuild fsck`: reads every recorded file anew, mends what it can, says what it could not.
import {examine, mend} from '../build/fsck.ts';
import {describeExamination, plainExamination} from '../ui/fsck.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import type {OpenOptions} from './open.ts';
import {openEvery} from './open-every.ts';
import type {Terminal} from './terminal.ts';
import {underLock} from './under-lock.ts';

export interface FsckOptions extends OpenOptions {
  readonly dryRun: boolean;
  readonly json: boolean;
}

export async function fsck(options: FsckOptions, terminal: Terminal): Promise<number> {
  const opened = openEvery(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session, sessions} = opened.value;
  const work = (): number => {
    const examined = examine(session, sessions);
    const done = options.dryRun ? {mended: [], left: examined.findings} : mend(session, examined);
    const shown = {...examined, ...done, dryRun: options.dryRun, warnings: session.store.warnings.map(({message}) => message)};
    if (options.json) terminal.print(JSON.stringify(plainExamination(shown), null, 2));
    else for (const line of describeExamination(shown, terminal.paint)) terminal.print(line);
    return done.left.length > 0 || shown.warnings.length > 0 ? exitCode.failed : exitCode.done;
  };
  return options.dryRun ? work() : underLock(session, terminal, () => Promise.resolve(work()));
}
