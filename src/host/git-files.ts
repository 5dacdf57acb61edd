// Files as they are at a revision, by git. Knows nothing of what they hold.
import {spawnSync} from 'node:child_process';
import {DiskError} from './disk.ts';

const longestBytes = 16 << 20;

/** The commit that a name stands for in the repository around a folder; undefined where there is no such revision, repository or git. */
export function findCommit(directory: string, revision: string): string | undefined {
  // What begins with a dash would be read as an option.
  if (revision.startsWith('-')) return undefined;
  const found = runGit(directory, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{commit}`]);
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Branches and tags, for suggestions. */
export function listRevisions(directory: string): readonly string[] {
  const found = runGit(directory, ['for-each-ref', '--format=%(refname:short)']);
  return found.status === 0 ? found.stdout.split('\n').filter((name) => name !== '') : [];
}

/** Reads paths relative to `directory`, which lies in the repository. Synchronous, as every reader of files here. */
export function filesAt(directory: string, commit: string): {readText(path: string): string | undefined} {
  return {
    readText: (path) => {
      const shown = runGit(directory, ['show', `${commit}:./${path}`]);
      if (shown.status === 0) return shown.stdout;
      if (/does not exist|exists on disk, but not|outside repository/.test(shown.stderr)) return undefined;
      throw new DiskError(`Cannot read ${path} at ${commit.slice(0, 12)}: ${shown.stderr.trim()}.`, path);
    },
  };
}

function runGit(directory: string, words: readonly string[]): {status: number | null; stdout: string; stderr: string} {
  const environment = {...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0'};
  const ran = spawnSync('git', words, {cwd: directory, env: environment, encoding: 'utf8', maxBuffer: longestBytes});
  // Without git nothing is said at all.
  return {status: ran.status, stdout: ran.stdout, stderr: ran.error === undefined ? ran.stderr : ran.error.message};
}
