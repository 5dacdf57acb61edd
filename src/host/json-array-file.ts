// A JSON array on disk that grows element by element and is a whole array after every write. Knows nothing of the elements.
import * as fs from 'node:fs';
import {dirname} from 'node:path';
import {diskError} from './disk-failure.ts';

export interface JsonArrayFile {
  append(element: object): void;
  close(): void;
}

const opening = '[\n';
const closing = '\n]\n';

/** Begins the file anew. The path is absolute. */
export function createJsonArrayFile(path: string): JsonArrayFile {
  let end = opening.length;
  let isEmpty = true;
  const file = attempt(path, () => {
    fs.mkdirSync(dirname(path), {recursive: true});
    const opened = fs.openSync(path, 'w', 0o644);
    fs.writeSync(opened, `${opening}${closing}`);
    return opened;
  });
  return {
    append: (element) => {
      // One write over the closing bracket, with a new one at its end.
      const text = Buffer.from(`${isEmpty ? '' : ',\n'}${JSON.stringify(element)}`);
      attempt(path, () => fs.writeSync(file, Buffer.concat([text, Buffer.from(closing)]), 0, text.length + closing.length, end));
      end += text.length;
      isEmpty = false;
    },
    close: () => attempt(path, () => fs.closeSync(file)),
  };
}

function attempt<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw diskError('write', path, error);
  }
}
