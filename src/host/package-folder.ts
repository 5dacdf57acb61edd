// Finds the folder this program is installed in: the one that holds its Python package, templates and schemas.
import {existsSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import type {WatchedFolder} from './watcher.ts';

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

/** What of the program decides results, and may be edited by who works on it: its Python code and its templates. */
export function programFolders(): readonly WatchedFolder[] {
  const home = packageFolder();
  return [
    {path: join(home, 'python', 'fts'), ending: '.py'},
    {path: join(home, 'python', 'fts'), ending: '.json'},
    {path: join(home, 'templates'), ending: '.hbs'},
  ];
}
