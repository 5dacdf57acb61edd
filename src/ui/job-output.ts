// Prints what running jobs write into their logs, line by line as it comes, each with the name of its node (-v).
import {stripVTControlCharacters} from 'node:util';
import type {BuildEvent} from '../build/events.ts';
import {followFile, type FileFollower} from '../host/file-follower.ts';

export interface JobOutputOptions {
  /** Absolute path of a log. */
  readonly resolve: (logFile: string) => string;
  readonly print: (line: string) => void;
}

const pollMs = 250;

export function jobOutput({resolve, print}: JobOutputOptions): (event: BuildEvent) => void {
  const running = new Map<string, {readonly label: string; readonly follower: FileFollower}>();
  let polling: NodeJS.Timeout | undefined;
  const say = (label: string, lines: readonly string[]): void => {
    for (const line of lines) print(`${label} | ${lastShown(line)}`);
  };
  const poll = (): void => {
    for (const {label, follower} of running.values()) say(label, follower.readLines());
  };
  return (event) => {
    if (event.type === 'node_started' && event.logFile !== undefined) {
      running.set(event.node.id, {label: event.node.label, follower: followFile(resolve(event.logFile))});
      polling ??= setInterval(poll, pollMs).unref();
    } else if (event.type === 'node_ended') {
      const ended = running.get(event.node.id);
      if (ended !== undefined) say(ended.label, ended.follower.readRest());
      running.delete(event.node.id);
      if (running.size > 0) return;
      clearInterval(polling);
      polling = undefined;
    }
  };
}

// A progress bar goes back to the start of its line again and again: its last state is what a person would see.
function lastShown(line: string): string {
  return stripVTControlCharacters(line.trimEnd().split('\r').at(-1) ?? '').replaceAll('\t', '    ');
}
