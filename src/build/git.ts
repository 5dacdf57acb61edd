// Which commit the workspace stands at, for the provenance of results. No git, or no repository, is a fact and no failure.
import {runToEnd} from '../host/run.ts';

export interface GitState {
  readonly commit: string | null;
  readonly dirty: boolean | null;
}

export async function readGitState(directory: string): Promise<GitState> {
  const head = await runToEnd(['git', 'rev-parse', 'HEAD'], {directory, timeoutMs: 10_000});
  if (!head.ok) return {commit: null, dirty: null};
  const status = await runToEnd(['git', 'status', '--porcelain', '--untracked-files=no'], {directory, timeoutMs: 30_000});
  return {commit: head.stdout.trim(), dirty: status.ok ? status.stdout.trim() !== '' : null};
}
