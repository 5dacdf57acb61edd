// The sentence for a workspace that another build holds.
import type {Holder} from '../state/lock.ts';

export function workspaceBusy(holder: Holder): string {
  return `another build holds this workspace: process ${String(holder.pid)} on ${holder.host}, since ${new Date(holder.since).toISOString()} (ftsbuild ${holder.command}). Wait for it with --wait, or end it.`;
}
