// An append-only file of records, one JSON value a line. Knows nothing of what the records mean.
import {type Diagnostic, problem} from '../base/diagnostic.ts';
import type {Json} from '../base/json.ts';
import {failure, type Result, success} from '../base/result.ts';
import type {Disk} from '../host/disk.ts';

export interface Journal<R> {
  /** What was loaded and appended since, in order. */
  readonly records: readonly R[];
  /** Numbers of the lines that are no record: a damaged disk, or a kind of record that this version does not know. */
  readonly unreadable: readonly number[];
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
  const [head, ...lines] = wholeLines(disk.readBytes(path) ?? new Uint8Array());
  const refusal = head === undefined ? undefined : findRefusal(head, path);
  if (refusal !== undefined) return failure([refusal]);
  return success(new FileJournal({disk, path, form, lines}));
}

class FileJournal<R> implements Journal<R> {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #form: RecordForm<R>;
  #records: R[];
  #isWhole = false;
  readonly unreadable: readonly number[];

  constructor({disk, path, form, lines}: {disk: Disk; path: string; form: RecordForm<R>; lines: readonly string[]}) {
    this.#disk = disk;
    this.#path = path;
    this.#form = form;
    const read = lines.map((line) => readRecord(line, form));
    this.#records = read.filter((record) => record !== undefined);
    // The first line is the version's.
    this.unreadable = read.flatMap((record, at) => (record === undefined ? [at + 2] : []));
  }

  get records(): readonly R[] {
    return this.#records;
  }

  append(record: R): void {
    if (!this.#isWhole) this.#mend();
    this.#disk.append(this.#path, `${JSON.stringify(this.#form.toJson(record))}\n`);
    this.#records.push(record);
  }

  compact(records: readonly R[]): void {
    const lines = records.map((record) => JSON.stringify(this.#form.toJson(record)));
    this.#disk.write(this.#path, `${[firstLine, ...lines].join('\n')}\n`);
    this.#records = [...records];
    this.#isWhole = true;
  }

  /** Before the first append: a record behind a torn line would be lost with it. */
  #mend(): void {
    const bytes = this.#disk.readBytes(this.#path) ?? new Uint8Array();
    const length = bytes.lastIndexOf(lineEnd) + 1;
    if (length === 0) this.#disk.write(this.#path, `${firstLine}\n`);
    else if (length < bytes.length) this.#disk.truncate(this.#path, length);
    this.#isWhole = true;
  }
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
