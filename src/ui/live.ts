// The live view of a build on a terminal: redrawn when something changed, at most ten times a second, once a second for the clock.
import type {Clock} from '../host/clock.ts';
import type {EventLine} from './event-line.ts';
import {frame} from './frame.ts';
import type {Paint} from './paint.ts';
import {Block, type Screen} from './screen.ts';
import {emptyView, follow} from './view.ts';

export interface LiveOptions {
  readonly screen: Screen;
  readonly paint: Paint;
  readonly clock: Clock;
}

export interface Live {
  follow(line: EventLine): void;
  /** Prints a text that stays, above the view. */
  print(text: string): void;
  /** Leaves what is shown to whoever wrote below it, and shows the view under that. */
  drawAnew(): void;
  /** Takes the view away, for good. */
  close(): void;
}

const leastPauseMs = 100;
const tickMs = 1000;

export function openLive({screen, paint, clock}: LiveOptions): Live {
  const view = emptyView();
  const block = new Block(screen);
  let lastDrawn = 0;
  let waiting: NodeJS.Timeout | undefined;
  let above: string[] = [];
  let isClosed = false;
  const draw = (): void => {
    clearTimeout(waiting);
    waiting = undefined;
    lastDrawn = performance.now();
    const size = {columns: screen.columns(), rows: screen.rows()};
    const lines = view.startedAt === undefined ? [] : frame(view, size, {now: clock.now(), paint, unicode: screen.unicode});
    block.draw(lines, above);
    above = [];
  };
  const drawSoon = (): void => {
    if (!isClosed) waiting ??= setTimeout(draw, Math.max(0, lastDrawn + leastPauseMs - performance.now())).unref();
  };
  const ticking = setInterval(drawSoon, tickMs).unref();
  const stopWatching = screen.onResize(drawSoon);
  return {
    follow: (line) => {
      follow(view, line);
      drawSoon();
    },
    print: (text) => {
      if (isClosed) {
        screen.write(`${text}\n`);
        return;
      }
      above.push(...text.split('\n'));
      drawSoon();
    },
    drawAnew: () => {
      block.forget();
      drawSoon();
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(waiting);
      clearInterval(ticking);
      stopWatching();
      block.draw([], above);
    },
  };
}
