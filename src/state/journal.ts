// An append-only file of records, one JSON value a line. Knows nothing of what the records mean.
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Json} from '../base/json.ts';
import {failure, type Result, success} from '../base/result.ts';
import {stampOf, type Disk} from '../host/disk.ts';

export interface Journal<R> {
  /** What was loaded and appended since, in order. */
  readonly records: readonly R[];
  /** Numbers of the lines that are no record: a damaged disk, or a kind of record that this version does not know. */
  readonly unreadable: readonly number[];
  /** Whether somebody else has written the file since it was read here. To be asked before the first record of one's own. */
  readonly isOutdated: boolean;
  /** Only under the workspace's lock. */
  append(record: R): void;
  /** Rewrites the file with these records only. Only under the workspace's lock. */
  compact(records: readonly R[]): void;
}

export interface RecordForm<R> {
  /** The record in a line's value, or undefined where it is none. */
  accept(value: unknown): R | undefined;
  toJson(record: R): Json;
}

/** Raised when an older program could no longer read the file. */
const format = 1;
const firstLine = `{"ftsbuild_journal":${format}}`;
const lineEnd = 0x0a;

/** Reads and writes nothing. A last line without its end was torn by a crash and is dropped. */
export function openJournal<R>(disk: Disk, path: string, form: RecordForm<R>): Result<Journal<R>> {
  // The stamp first: what is written while we read is then seen as new.
  const stamp = stampAt(disk, path);
  const [head, ...lines] = wholeLines(disk.readBytes(path) ?? new Uint8Array());
  const refusal = head === undefined ? undefined : findRefusal(head, path);
  if (refusal !== undefined) return failure([refusal]);
  return success(new FileJournal({disk, path, form, lines, stamp}));
}

interface Opened<R> {
  readonly disk: Disk;
  readonly path: string;
  readonly form: RecordForm<R>;
  readonly lines: readonly string[];
  readonly stamp: string;
}

class FileJournal<R> implements Journal<R> {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #form: RecordForm<R>;
  readonly #stamp: string;
  #records: R[];
  #isWhole = false;
  readonly unreadable: readonly number[];

  constructor({disk, path, form, lines, stamp}: Opened<R>) {
    this.#disk = disk;
    this.#path = path;
    this.#form = form;
    this.#stamp = stamp;
    const read = lines.map((line) => readRecord(line, form));
    this.#records = read.filter((record) => record !== undefined);
    // The first line is the version's.
    this.unreadable = read.flatMap((record, at) => (record === undefined ? [at + 2] : []));
  }

  get records(): readonly R[] {
    return this.#records;
  }

  get isOutdated(): boolean {
    return stampAt(this.#disk, this.#path) !== this.#stamp;
  }

  append(record: R): void {
    if (!this.#isWhole) this.#mend();
    // A full disk may take a part of the line: until it is there whole, the file counts as torn.
    this.#isWhole = false;
    this.#disk.append(this.#path, `${JSON.stringify(this.#form.toJson(record))}\n`);
    this.#isWhole = true;
    this.#records.push(record);
  }

  compact(records: readonly R[]): void {
    const lines = records.map((record) => JSON.stringify(this.#form.toJson(record)));
    this.#disk.write(this.#path, `${[firstLine, ...lines].join('\n')}\n`);
    this.#records = [...records];
    this.#isWhole = true;
  }

  /** Before the first append, and after one that failed: a record behind a torn line would be lost with it. */
  #mend(): void {
    const bytes = this.#disk.readBytes(this.#path) ?? new Uint8Array();
    const length = bytes.lastIndexOf(lineEnd) + 1;
    if (length === 0) this.#disk.write(this.#path, `${firstLine}\n`);
    else if (length < bytes.length) this.#disk.truncate(this.#path, length);
    this.#isWhole = true;
  }
}

function stampAt(disk: Disk, path: string): string {
  const stat = disk.stat(path);
  return stat === 'missing' ? stat : stampOf(stat);
}

function wholeLines(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes.subarray(0, bytes.lastIndexOf(lineEnd) + 1));
  return text === '' ? [] : text.slice(0, -1).split('\n');
}

function findRefusal(head: string, path: string): Diagnostic | undefined {
  if (head === firstLine) return undefined;
  const found = /^\{"ftsbuild_journal": ?(\d+)\}$/u.exec(head)?.[1];
  if (found === undefined) {
    return problem('FTS801', `${path} is no journal of ftsbuild`, {help: 'Move it away; the next build starts a new one.'});
  }
  if (Number(found) === format) return undefined;
  const message = `${path} has format ${found}, and this version of ftsbuild reads format ${format}`;
  return problem('FTS802', message, {help: 'Use the version that wrote it, or a newer one.'});
}

function readRecord<R>(line: string, form: RecordForm<R>): R | undefined {
  try {
    return form.accept(JSON.parse(line));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
