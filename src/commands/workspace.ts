// Finds the workspace and the file of a study from where a person stands. Reads no file.
import {dirname, join, relative, resolve, sep} from 'node:path';
import {problem} from '../base/diagnostic.ts';
import {failure, success, type Result} from '../base/result.ts';
import {workspaceDisk} from '../host/real-disk.ts';

export const configName = 'experiments.yaml';

export interface Place {
  /** Absolute. */
  readonly root: string;
  /** Relative to the root. */
  readonly file: string;
}

/** The workspace is the directory itself, else the nearest folder upwards that holds an experiments.yaml; -f names a file without moving it. */
export function findWorkspace(options: {readonly directory?: string | undefined; readonly file?: string | undefined}): Result<Place> {
  const start = resolve(options.directory ?? '.');
  if (workspaceDisk(start).stat('.') === 'missing') return failure([problem('FTS002', `there is no folder ${options.directory ?? '.'}`)]);
  const root = findRoot(start);
  const file = relative(root, resolve(start, options.file ?? join(root, configName))).replaceAll(sep, '/');
  if (workspaceDisk(root).stat(file) !== 'missing') return success({root, file});
  return failure([
    options.file === undefined
      ? problem('FTS001', `there is no ${configName} here or in a folder above`, {
          help: 'change into a study, name one with -C DIR or -f FILE, or start one with `ftsbuild init`',
        })
      : problem('FTS001', `there is no file ${options.file}`, {help: 'the path after -f is relative to the working directory, or to -C'}),
  ]);
}

/** The nearest folder from `start` upwards that holds a study; `start` itself where there is none. */
export function findRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (workspaceDisk(folder).stat(configName) !== 'missing') return folder;
    if (dirname(folder) === folder) return start;
  }
}
