// The sentence for a workspace that another build holds.
import type {Holder} from '../state/lock.ts';

/** What a command can do about it: some wait when told to, and `watch` looks again of itself. */
export type Way = Exclude<keyof typeof remedies, 'suspended'>;

const remedies = {
  waits_with_flag: 'Wait for it with --wait, or end it.',
  looks_again: 'Watching goes on when it has ended.',
  suspended: 'It is suspended (Ctrl-Z): `ftsbuild resume` lets it go on, `ftsbuild stop` ends it.',
  none: 'Try again when it has ended, or end it.',
};

export function workspaceBusy(holder: Holder, way: Way | 'suspended'): string {
  return `${describeOtherBuild(holder)}. ${remedies[way]}`;
}

export function describeOtherBuild({pid, host, since, command}: Holder): string {
  return `another build holds this workspace: process ${String(pid)} on ${host}, since ${describeSince(since)} (ftsbuild ${command})`;
}

export function describeSince(since: Holder['since']): string {
  return since === 0 ? 'a time that its lock does not tell' : new Date(since).toISOString();
}
