// Opens plain files only. A pipe would keep us waiting for its other end, perhaps for ever, and a device may never end.
import * as fs from 'node:fs';

const {O_RDONLY, O_WRONLY, O_APPEND, O_CREAT, O_NONBLOCK} = fs.constants;

/** The code of the error that says so. */
export const notPlain = 'NOT_PLAIN';

export function openPlain(path: string): number {
  const file = fs.openSync(path, O_RDONLY | O_NONBLOCK);
  const stat = fs.fstatSync(file);
  if (stat.isFile()) return file;
  fs.closeSync(file);
  throw refusal(stat.isDirectory() ? 'EISDIR' : notPlain, path);
}

/** Made where it is missing. A terminal and the like take what is written without anybody at the other end. */
export function openToAppend(path: string): number {
  const file = fs.openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, 0o644);
  const stat = fs.fstatSync(file);
  if (stat.isFile() || stat.isCharacterDevice()) return file;
  fs.closeSync(file);
  throw refusal(notPlain, path);
}

export function readPlainText(path: string): string {
  return withFile(path, (file) => fs.readFileSync(file, 'utf8'));
}

export function readPlainBytes(path: string): Uint8Array {
  return withFile(path, (file) => fs.readFileSync(file));
}

function withFile<T>(path: string, read: (file: number) => T): T {
  const file = openPlain(path);
  try {
    return read(file);
  } finally {
    fs.closeSync(file);
  }
}

function refusal(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path} is no plain file`), {code});
}
