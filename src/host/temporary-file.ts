// A file in the system's folder for temporary ones, for what must not be lost and belongs to no workspace.
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

/** The path of the new file; undefined where none can be written. */
export function writeTemporaryFile(name: string, text: string): string | undefined {
  try {
    const path = join(mkdtempSync(join(tmpdir(), 'ftsbuild-')), name);
    writeFileSync(path, text);
    return path;
  } catch {
    return undefined;
  }
}
