// Rows that the log did not take when their attempts ended: kept until the next build, which writes them. Composes no row.
import type {ProjectPath} from '../base/ids.ts';
import {findWritablePath} from '../base/places.ts';
import {isJsonObject} from '../base/json.ts';
import {findJsonObject} from '../executors/progress-lines.ts';
import {DiskError, type Disk} from '../host/disk.ts';
import type {LogRow} from '../results/log.ts';
import {appendLine, appendRow} from './log-row.ts';
import type {RenewedLog} from './renew-log.ts';
import type {Runner} from './runner.ts';
import {isOurCode, type Session} from './session.ts';

const path = '.ftsbuild/owed-rows';

/** A row for a log and that log: studies of one workspace may have several. */
interface Owed {
  readonly log: ProjectPath;
  readonly row: LogRow;
}

/** Writes the row of an attempt. Where the log takes none the build ends, but not at the cost of what the attempt has made. */
export async function logAttempt({session, trouble, listen}: Runner, row: LogRow): Promise<void> {
  try {
    const renewed = await appendRow(session, row, session.study.paths.log);
    if (renewed !== undefined) listen({type: 'log_renewed', ...renewed});
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    trouble.take(error);
    const owed: Owed = {log: session.study.paths.log, row};
    appendLine(session.disk, path, `${JSON.stringify(owed)}\n`);
  }
}

export function owesRows(disk: Disk): boolean {
  return disk.stat(path) !== 'missing';
}

/** At the start of a build, under the lock. A row that is there already was written by an engine that died before it could say so. */
export async function payRows(session: Session): Promise<readonly RenewedLog[]> {
  const {disk} = session;
  const text = disk.readText(path);
  if (text === undefined) return [];
  const renewed: (RenewedLog | undefined)[] = [];
  const {formatRow} = await import('../results/log.ts');
  for (const {log, row} of text.split('\n').flatMap((line) => findOwed(session, line) ?? []))
    if (!(disk.readText(log) ?? '').includes(formatRow(row))) renewed.push(await appendRow(session, row, log));
  disk.remove(path);
  return renewed.filter((log) => log !== undefined);
}

// The parse boundary: only what this program wrote has the shape.
function findOwed(session: Session, line: string): Owed | undefined {
  const value = findJsonObject(line);
  const log = typeof value?.['log'] === 'string' ? findWritablePath(value['log']) : undefined;
  return log !== undefined && !isOurCode(session, log) && isJsonObject(value?.['row']) ? (value as unknown as Owed) : undefined;
}
