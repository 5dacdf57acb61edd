// Everybody who hears of a build's events: the screen or plain lines, the event stream, the trace, the summary. Composes them only.
import {relative} from 'node:path';
import type {Listener} from '../build/events.ts';
import type {Price} from '../build/price.ts';
import {tellEach} from '../base/tell-each.ts';
import type {Clock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {readLastLines} from '../host/file-follower.ts';
import {createJsonArrayFile} from '../host/json-array-file.ts';
import {lineOf, runLineOf, type EventLine, type RunLine} from './event-line.ts';
import {openStream} from './ndjson.ts';
import type {Paint} from './paint.ts';
import {plainReporter} from './plain.ts';
import type {Screen} from './screen.ts';
import {summaryReporter} from './summary.ts';

export interface ReporterOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly level: 'silent' | 'normal' | 'verbose';
  readonly paint: Paint;
  /** To the standard output. */
  readonly print: (text: string) => void;
  readonly printError: (text: string) => void;
  /** Where a live view can be drawn. */
  readonly screen?: Screen | undefined;
  readonly run: Pick<RunLine, 'pid' | 'host' | 'command'>;
  readonly price: Price;
  /** --events and --trace, relative to the workspace. */
  readonly eventsFile?: string | undefined;
  readonly traceFile?: string | undefined;
}

export interface Reporter {
  readonly listen: Listener;
  /** Says something that is no event, without disturbing the screen. */
  say(text: string): void;
  /** Somebody else has written to the terminal: what is shown starts below. */
  drawAnew(): void;
  /** Once, however the build ended; then plain printing is free again. */
  close(): void;
}

export async function openReporter(options: ReporterOptions): Promise<Reporter> {
  const {disk, clock, level, paint, price} = options;
  const run = runLineOf(options.run, price, clock.now());
  const followers: ((line: EventLine) => void)[] = [openStream(disk, run, options.eventsFile)];
  const closers: (() => void)[] = [];
  if (options.traceFile !== undefined) {
    const {chromeTrace} = await import('./chrome-trace.ts');
    const file = createJsonArrayFile(disk.resolve(options.traceFile));
    followers.push(chromeTrace((event) => file.append(event)));
    closers.push(() => file.close());
  }
  const show = await openShow(options);
  followers.push((line) => show.follow(line));
  closers.push(() => show.close());
  for (const follower of followers.slice(1)) follower(run);
  const listeners: Listener[] = [];
  if (level === 'verbose') {
    const {jobOutput} = await import('./job-output.ts');
    listeners.push(jobOutput({resolve: (file) => disk.resolve(file), print: (line) => show.print(paint.dim(line))}));
  }
  listeners.push(plainReporter({level: show.isLive && level === 'normal' ? 'notable' : level, paint, print: (line) => show.print(line)}));
  listeners.push((event) => {
    tellEach(followers, lineOf(event, price, clock.now()));
  });
  listeners.push((event) => {
    // The summary stands alone, below all that scrolled.
    if (event.type === 'build_ended') show.close();
  });
  listeners.push(
    summaryReporter({
      ...{level, paint, print: (line: string) => options.print(show.clean(line))},
      lastLines: (file) => readLastLines(disk.resolve(file), shownLogLines),
      pathFor: (file) => relative('.', disk.resolve(file)),
    }),
  );
  return {
    listen: (event) => tellEach(listeners, event),
    say: (text) => (show.isLive ? show.print(text) : options.printError(text)),
    drawAnew: () => show.drawAnew(),
    close: () => tellEach(closers, undefined),
  };
}

const shownLogLines = 5;

interface Show {
  readonly isLive: boolean;
  follow(line: EventLine): void;
  print(text: string): void;
  clean(text: string): string;
  drawAnew(): void;
  close(): void;
}

async function openShow({screen, clock, level, paint, print}: ReporterOptions): Promise<Show> {
  if (screen === undefined || level === 'silent') {
    const stamped = (text: string): void => print(`${new Date(clock.now()).toISOString().slice(0, 19)}Z ${text}`);
    return {
      isLive: false,
      follow: () => undefined,
      print: stamped,
      clean: (text) => text,
      drawAnew: () => undefined,
      close: () => undefined,
    };
  }
  const {openLive} = await import('./live.ts');
  const live = openLive({screen, paint, clock});
  // Without UTF-8 whatever a job or a name says is shown in ASCII.
  const clean = (text: string): string => (screen.unicode ? text : text.replaceAll(/[^\0-\u007f]/g, '?'));
  return {
    isLive: true,
    follow: (line) => live.follow(line),
    print: (text) => live.print(clean(text)),
    clean,
    drawAnew: () => live.drawAnew(),
    close: () => live.close(),
  };
}
