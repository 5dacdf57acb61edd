// `ftsbuild data list`, `verify` and `register`: what the data manifest says, whether it holds, and one file more in it.
import {listData as listAll, registerFile, verifyData as verifyAll, type DataFile} from '../build/data-files.ts';
import type {Session} from '../build/session.ts';
import {describeDataFiles, describeVerified, plainDataFiles} from '../ui/data-files.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {underLock} from './under-lock.ts';

interface ReadOptions extends OpenOptions {
  readonly json: boolean;
}

export function listData(options: ReadOptions, terminal: Terminal): number {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const files = listAll(session);
  print(session, files, options, terminal, describeDataFiles);
  return exitCode.done;
}

export function verifyData(options: ReadOptions, terminal: Terminal): number {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const files = verifyAll(session);
  print(session, files, options, terminal, describeVerified);
  return files.every(({state}) => state === 'sound') ? exitCode.done : exitCode.failed;
}

export async function registerData(
  options: OpenOptions & {readonly path: string; readonly timescale: string},
  terminal: Terminal,
): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  return underLock(session, terminal, async () => {
    const registered = await registerFile(session, options);
    if (!registered.ok) {
      terminal.printError(registered.error);
      return exitCode.gate;
    }
    const {path, rows, sha256} = registered.value;
    terminal.print(`registered ${path}: ${String(rows)} rows, ${sha256.slice(0, 12)}, in ${session.study.paths.manifest}`);
    return exitCode.done;
  });
}

function print(
  session: Session,
  files: readonly DataFile[],
  {json}: ReadOptions,
  terminal: Terminal,
  describe: typeof describeDataFiles,
): void {
  const {manifest} = session.study.paths;
  if (json) terminal.print(JSON.stringify(plainDataFiles(manifest, files), null, 2));
  else for (const line of describe(files, terminal.paint, manifest)) terminal.print(line);
}
