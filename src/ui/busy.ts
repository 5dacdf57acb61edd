// The sentence for a workspace that another build holds.
import type {Holder} from '../state/lock.ts';

export function workspaceBusy(holder: Holder): string {
  return `${describeOtherBuild(holder)}. Wait for it with --wait, or end it.`;
}

export function describeOtherBuild({pid, host, since, command}: Holder): string {
  return `another build holds this workspace: process ${String(pid)} on ${host}, since ${new Date(since).toISOString()} (ftsbuild ${command})`;
}
