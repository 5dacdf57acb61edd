// The sentences about what a person asks of a running build.
import type {Ask} from '../build/requests.ts';
import type {Holder} from '../state/lock.ts';

export const noBuilder = 'no build runs in this workspace';

export function requestHeard(ask: Ask): string {
  return heard[ask];
}

const heard: Readonly<Record<Ask, string>> = {
  pause: 'The build pauses: its jobs stop between two batches, and nothing new starts. `ftsbuild resume` lets it go on.',
  resume: 'The build goes on.',
  stop: 'The build stops: its jobs save what they have and end.',
};

export function requestUnheard({pid, host, command}: Holder): string {
  return `process ${String(pid)} on ${host} (ftsbuild ${command}) holds this workspace and does not answer: it may be no build, or be busy; ask again`;
}
