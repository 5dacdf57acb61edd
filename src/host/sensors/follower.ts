// Follows a program that goes on printing what it measures, one process for all readings. Knows nothing of what the lines say.
import type {LineProcess} from '../line-process.ts';
import type {SensorSite} from './sensor.ts';

export interface Follower<T> {
  /** What was said last; waits for the first word. Text: why there is nothing. */
  latest(): Promise<T | string>;
  /** What was said last, if it is still true. */
  current(): T | undefined;
  close(): Promise<void>;
}

export interface FollowerOptions<T> {
  readonly argv: readonly [string, ...string[]];
  /** Takes a line into what was said before; undefined for a line that says nothing. */
  readonly take: (line: string, before: T | undefined) => T | undefined;
  /** Silence for longer than this makes the last word old. */
  readonly staleMs: number;
}

/** How soon a program that ended is started again: a driver that is being exchanged comes back. */
const restartMs = 60_000;

export function follow<T>(site: SensorSite, {argv, take, staleMs}: FollowerOptions<T>): Follower<T> {
  let process: LineProcess | undefined;
  let startedAt = 0;
  let ended: string | undefined;
  let said: {readonly value: T; readonly at: number} | undefined;
  let announce: () => void = () => undefined;
  let firstWord = Promise.resolve();

  function start(): void {
    firstWord = new Promise((resolve) => {
      announce = resolve;
    });
    ended = undefined;
    startedAt = site.now();
    process = site.follow(argv, {
      onLine: (line) => {
        const value = take(line, said?.value);
        if (value === undefined) return;
        said = {value, at: site.now()};
        announce();
      },
      onEnd: (message) => {
        ended = message;
        process = undefined;
        announce();
      },
    });
  }

  const current = (): T | undefined => (said !== undefined && site.now() - said.at <= staleMs ? said.value : undefined);

  return {
    current,
    latest: async () => {
      if (process === undefined && (startedAt === 0 || site.now() - startedAt >= restartMs)) start();
      if (current() === undefined && ended === undefined) await firstWord;
      return current() ?? ended ?? `${argv[0]} has said nothing for ${String(Math.round(staleMs / 1000))} s`;
    },
    close: async () => {
      // They take no input, so there is nothing to wait for.
      await process?.close(0);
    },
  };
}
