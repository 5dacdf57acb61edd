// Reads what is added to a text file, by whole lines, without reading what was there before. Knows nothing of who writes it.
import * as fs from 'node:fs';
import {StringDecoder} from 'node:string_decoder';
import {isMissing} from './disk-failure.ts';
import {openPlain} from './plain-file.ts';

export interface FileFollower {
  /** The lines that became whole since the last call. */
  readLines(): readonly string[];
  /** Those, and a last line without its end. */
  readRest(): readonly string[];
}

const pieceBytes = 64 << 10;

/** Begins where the file ends now, or with its first byte where there is none yet. The path is absolute. */
export function followFile(path: string): FileFollower {
  let offset = fs.statSync(path, {throwIfNoEntry: false})?.size ?? 0;
  const decoder = new StringDecoder('utf8');
  let rest = '';
  const readLines = (): readonly string[] => {
    for (let bytes = readAt(path, offset, pieceBytes); bytes.length > 0; bytes = readAt(path, offset, pieceBytes)) {
      offset += bytes.length;
      rest += decoder.write(bytes);
    }
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    return lines;
  };
  return {
    readLines,
    readRest: () => {
      const lines = readLines();
      const last = rest + decoder.end();
      rest = '';
      return last === '' ? lines : [...lines, last];
    },
  };
}

/** The last lines of a text file that may be very large; none where it is missing. */
export function readLastLines(path: string, count: number): readonly string[] {
  const size = fs.statSync(path, {throwIfNoEntry: false})?.size ?? 0;
  const from = Math.max(0, size - pieceBytes);
  const lines = readAt(path, from, pieceBytes)
    .toString('utf8')
    .split('\n')
    .map((line) => line.trimEnd());
  return (from > 0 ? lines.slice(1) : lines).filter((line) => line !== '').slice(-count);
}

function readAt(path: string, offset: number, length: number): Buffer {
  let file: number;
  try {
    file = openPlain(path);
  } catch (error) {
    if (isMissing(error)) return Buffer.alloc(0);
    throw error;
  }
  try {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, fs.readSync(file, buffer, 0, length, offset));
  } finally {
    fs.closeSync(file);
  }
}
