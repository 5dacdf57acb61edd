// Places where no study may write, wherever a path comes from: the study's files, or a record of what an earlier build did.
import {findProjectPath, type ProjectPath} from './ids.ts';

/** Folders of other programs: what lies in one is theirs, at whatever depth it is. */
const foreign: ReadonlyMap<string, string> = new Map([
  ...['.git', '.hg', '.svn', '.jj'].map((name) => [name, 'the records of version control'] as const),
  ['node_modules', 'the packages of Node'],
  ['.venv', 'a Python environment'],
]);

/** Whose folder the path leads into: the name of the step, and what it holds. */
export function findForeignPlace(path: string): {readonly step: string; readonly what: string} | undefined {
  for (const step of path.split('/')) {
    // On some disks `.GIT` is the same folder.
    const what = foreign.get(step.toLowerCase());
    if (what !== undefined) return {step, what};
  }
  return undefined;
}

/** A path that was read from a record: undefined where nothing may be written or removed there. */
export function findWritablePath(text: string): ProjectPath | undefined {
  const path = findProjectPath(text);
  return path === undefined || /^\.ftsbuild(?:\/|$)/i.test(path) || findForeignPlace(path) !== undefined ? undefined : path;
}
