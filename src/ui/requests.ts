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

/** The rest of the answer where Ctrl-Z had stopped it. */
export const wasSuspended = 'It was suspended (Ctrl-Z) and goes on in the background of its terminal; `fg` there brings it to the front.';

export const isSuspended = 'It is suspended (Ctrl-Z) and stands still: `ftsbuild resume` lets it go on, `fg` in its terminal too.';

export const suspendedAlready = 'The build is suspended (Ctrl-Z): it stands still already. `ftsbuild resume` lets it go on.';

export function requestUnheard({pid, host, command}: Holder): string {
  return `process ${String(pid)} on ${host} (ftsbuild ${command}) holds this workspace and does not answer: it may be no build, or be busy; ask again`;
}
