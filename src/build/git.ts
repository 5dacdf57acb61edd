// Which commit the workspace stands at, for the provenance of results. No git, or no repository, is a fact and no failure.
import {findOutput} from '../host/run.ts';

export interface GitState {
  readonly commit: string | null;
  readonly dirty: boolean | null;
}

export async function readGitState(directory: string): Promise<GitState> {
  const commit = await findOutput(['git', 'rev-parse', 'HEAD'], {directory, timeoutMs: 10_000});
  if (commit === undefined) return {commit: null, dirty: null};
  const changes = await findOutput(['git', 'status', '--porcelain', '--untracked-files=no'], {directory, timeoutMs: 30_000});
  return {commit: commit.trim(), dirty: changes === undefined ? null : changes.trim() !== ''};
}
