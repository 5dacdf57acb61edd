// The text in which remembered digests are stored: a line a file, tabs between the fields. Knows nothing of when one is trusted.
import {type Digest, digest} from '../base/ids.ts';

export interface Entry {
  /** Size, times and inode of the file at the recording. */
  readonly stamp: string;
  /** When the file was read, in nanoseconds since 1970. */
  readonly recordedNs: bigint;
  readonly digest: Digest;
  /** Kind -> what follows from the bytes. */
  readonly derived: Map<string, string>;
}

const firstLine = 'ftsbuild_digests 1';

/**
 * Lines by path. A line is taken apart only when somebody asks for its file: ten thousand of them load in milliseconds.
 * A text of another format is no loss, everything is read again.
 */
export function readEntries(text: string): Map<string, string> {
  const entries = new Map<string, string>();
  if (!text.startsWith(`${firstLine}\n`)) return entries;
  // What follows the last line end is torn.
  for (const line of text.split('\n').slice(1, -1)) {
    const end = line.indexOf('\t');
    if (end > 0) entries.set(line.slice(0, end), line);
  }
  return entries;
}

/** Undefined for a damaged line. */
export function parseEntry(line: string): Entry | undefined {
  const [, stamp, recorded, hex, ...rest] = line.split('\t');
  if (stamp === undefined || recorded === undefined || !/^\d+$/u.test(recorded) || !/^[0-9a-f]{64}$/u.test(hex ?? '')) return undefined;
  const derived = new Map<string, string>();
  for (const field of rest) {
    const at = field.indexOf('=');
    if (at < 0) return undefined;
    derived.set(unescape(field.slice(0, at)), unescape(field.slice(at + 1)));
  }
  return {stamp, recordedNs: BigInt(recorded), digest: digest(hex ?? ''), derived};
}

export function writeEntries(entries: Iterable<readonly [string, string | Entry]>): string {
  const lines = [firstLine];
  for (const [path, entry] of entries) {
    // A name that holds a tab or a line end is not remembered; its file is read each time.
    if (/[\t\n]/u.test(path)) continue;
    lines.push(typeof entry === 'string' ? entry : entryLine(path, entry));
  }
  return `${lines.join('\n')}\n`;
}

function entryLine(path: string, {stamp, recordedNs, digest: hex, derived}: Entry): string {
  const fields = [...derived].map(([kind, value]) => `${escape(kind).replaceAll('=', '\\e')}=${escape(value)}`);
  return [path, stamp, recordedNs, hex, ...fields].join('\t');
}

const marks: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['e', '='],
]);

function escape(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n');
}

function unescape(value: string): string {
  return value.replace(/\\([\\tne])/gu, (_, mark: string) => marks.get(mark) ?? mark);
}
