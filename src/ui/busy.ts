// The sentence for a workspace that another build holds.
import {isThisMachine, type Machine} from '../host/processes.ts';
import type {Holder} from '../state/lock.ts';

/** What a command can do about it: some wait when told to, and `watch` looks again of itself. */
export type Way = Exclude<keyof typeof remedies, 'suspended'>;

const remedies = {
  waits_with_flag: 'Wait for it with --wait, or end it.',
  looks_again: 'Watching goes on when it has ended.',
  suspended: 'It is suspended (Ctrl-Z): `ftsbuild resume` lets it go on, `ftsbuild stop` ends it.',
  none: 'Try again when it has ended, or end it.',
};

export function workspaceBusy(holder: Holder, way: Way | 'suspended', here: Machine): string {
  // From here nobody can see whether it lives.
  const isElsewhere = holder.pid !== 0 && !isThisMachine(here, holder);
  const remedy = isElsewhere ? ` If ${holder.host} is gone for good: \`ftsbuild unlock ${holder.host}\`.` : '';
  return `${describeOtherBuild(holder)}. ${remedies[way]}${remedy}`;
}

export function describeOtherBuild({pid, host, since, command}: Holder): string {
  return `another build holds this workspace: process ${String(pid)} on ${host}, since ${describeSince(since)} (ftsbuild ${command})`;
}

export function describeSince(since: Holder['since']): string {
  return since === 0 ? 'a time that its lock does not tell' : new Date(since).toISOString();
}

export const workspaceChanged = 'Another build has run since this command looked at the workspace: nothing was done. Run it again.';

export const workspaceFree = 'nobody holds this workspace';

export function unlocked({pid, host, command}: Holder): string {
  return `The workspace is free: process ${String(pid)} on ${host} (ftsbuild ${command}) holds it no more. The next build closes what it had begun.`;
}

export function unlockRefused(holder: Holder, why: 'alive' | 'elsewhere'): string {
  const remedy = why === 'alive' ? 'It lives: end it, with `ftsbuild stop`' : `Name that machine: \`ftsbuild unlock ${holder.host}\``;
  return `${describeOtherBuild(holder)}. ${remedy}.`;
}
