// Finds the folder this program is installed in: the one that holds its Python package, templates and schemas.
import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

/** Absolute. Works from the sources and from the bundle, which lie at different depths. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'python', 'fts', 'scripts.py'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('unreachable: the Python package is not beside the program');
    folder = above;
  }
  return folder;
}
