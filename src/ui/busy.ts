// The sentence for a workspace that another build holds.
import type {Holder} from '../state/lock.ts';

export function workspaceBusy(holder: Holder): string {
  return `${describeHolder(holder)}. Wait for it with --wait, or end it.`;
}

export function describeHolder({pid, host, since, command}: Holder): string {
  return `another build holds this workspace: process ${String(pid)} on ${host}, since ${new Date(since).toISOString()} (ftsbuild ${command})`;
}
