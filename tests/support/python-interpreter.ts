// The Python that tests run: the repository's environment, or the one named by FTS_PYTHON.
import {existsSync} from 'node:fs';
import {fileURLToPath} from 'node:url';

export const repositoryRoot = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/u, '');
export const packageRoot = `${repositoryRoot}/python`;

export function testPython(): string {
  const path = process.env['FTS_PYTHON'] ?? `${repositoryRoot}/.venv/bin/python`;
  if (!existsSync(path)) throw new Error(`tests need Python at ${path}; make .venv, or name another one in FTS_PYTHON`);
  return path;
}
