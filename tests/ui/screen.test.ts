// Drawing on a terminal: what is written, and how often.
import {systemClock} from '../../src/host/clock.ts';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {openLive} from '../../src/ui/live.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {Block, type Screen} from '../../src/ui/screen.ts';
import {at, epoch, progress, start, started} from '../support/streams.ts';

// A terminal as far as it is written to here: what stands in it, row by row, and where the cursor is.
class Glass implements Screen {
  readonly unicode = true;
  readonly writes: string[] = [];
  width = 40;
  rowsShown: string[] = [''];
  #row = 0;
  #resized: () => void = () => undefined;

  columns(): number {
    return this.width;
  }

  rows(): number {
    return 24;
  }

  onResize(listener: () => void): () => void {
    this.#resized = listener;
    return () => (this.#resized = () => undefined);
  }

  /** Lines that are too long now are wrapped, as terminals do. */
  resize(width: number): void {
    this.width = width;
    this.rowsShown = this.rowsShown.flatMap((row) => (row === '' ? [''] : (row.match(new RegExp(`.{1,${String(width)}}`, 'g')) ?? [])));
    this.#row = this.rowsShown.length - 1;
    this.#resized();
  }

  write(text: string): void {
    this.writes.push(text);
    for (const [part] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g)) this.#take(part);
  }

  #take(part: string): void {
    const up = /^\u001b\[(\d+)A$/.exec(part)?.[1];
    if (up !== undefined) this.#row = Math.max(0, this.#row - Number(up));
    else if (part === '\n') this.rowsShown[++this.#row] ??= '';
    else if (part === '\u001b[2K') this.rowsShown[this.#row] = '';
    else if (part === '\u001b[J') this.rowsShown.splice(this.#row, Number.POSITIVE_INFINITY, '');
    if (part.startsWith('\u001b') || part === '\n' || part === '\r') return;
    for (let from = 0; from === 0 || from < part.length; from += this.width) {
      if (from > 0) this.rowsShown[++this.#row] ??= '';
      const piece = part.slice(from, from + this.width);
      this.rowsShown[this.#row] = piece + (this.rowsShown[this.#row] ?? '').slice(piece.length);
    }
  }
}

test('a block replaces itself in one write, shorter lines and fewer of them included', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw(['one long line', 'two', 'three']);
  block.draw(['one', 'two']);
  expect(glass.rowsShown).toEqual(['one', 'two', '']);
  expect(glass.writes).toHaveLength(2);
});

test('what goes above stays there, and the block is below it', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw(['one', 'two']);
  block.draw(['one', 'two'], ['failed: x', 'log: y']);
  block.draw(['1']);
  block.draw([]);
  expect(glass.rowsShown).toEqual(['failed: x', 'log: y', '']);
});

test('what goes above may be wider than the terminal', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw(['one', 'two, of the old block']);
  block.draw(['1'], [`${'x'.repeat(40)}tail`]);
  expect(glass.rowsShown).toEqual(['x'.repeat(40), 'tail', '1', '']);
});

test('after somebody else wrote below it, the block starts there and leaves what stands above', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw(['one', 'two']);
  glass.write('[1]+ Stopped\n$ fg\n');
  block.forget();
  block.draw(['one', 'two']);
  expect(glass.rowsShown).toEqual(['one', 'two', '[1]+ Stopped', '$ fg', 'one', 'two', '']);
});

test('the same block is not written again', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw(['one']);
  block.draw(['one']);
  expect(glass.writes).toHaveLength(1);
});

test('a terminal that became narrower has wrapped the lines: all of them are replaced', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw([], ['above']);
  block.draw(['a line of thirty-five characters ..', 'two']);
  glass.resize(20);
  block.draw(['short', 'two']);
  expect(glass.rowsShown).toEqual(['above', 'short', 'two', '']);
});

test('after every write the cursor is shown and the terminal shows what it was sent', () => {
  const glass = new Glass();
  const block = new Block(glass);
  block.draw(['one']);
  block.draw([], ['above']);
  for (const text of glass.writes) expect(text).toMatch(/^\u001b\[\?2026h\u001b\[\?25l.*\u001b\[\?25h\u001b\[\?2026l$/s);
});

beforeEach(() => void vi.useFakeTimers({now: start}));
afterEach(() => void vi.useRealTimers());

function live(): {glass: Glass; view: ReturnType<typeof openLive>} {
  const glass = new Glass();
  const view = openLive({screen: glass, paint: plainPaint, clock: systemClock});
  view.follow({time: at(0), type: 'build_started', wanted: 3});
  return {glass, view};
}

test('however much happens, it is drawn at most ten times a second', () => {
  const {glass, view} = live();
  view.follow(started('a', {rule: 'training'}));
  for (let step = 0; step < 1000; step++) {
    view.follow(progress('a', 0, epoch(step + 1, 1000, 0.5)));
    vi.advanceTimersByTime(1);
  }
  expect(glass.writes.length).toBeGreaterThan(5);
  expect(glass.writes.length).toBeLessThanOrEqual(11);
  vi.advanceTimersByTime(100);
  expect(glass.rowsShown.join('\n')).toContain('epoch 1000 of 1000');
});

test('while nothing happens, it is drawn for the clock alone', () => {
  const {glass} = live();
  vi.advanceTimersByTime(1000);
  const before = glass.writes.length;
  vi.advanceTimersByTime(10_000);
  expect(glass.writes.length - before).toBeLessThanOrEqual(10);
});

test('a new size is drawn at once, and what is closed is gone and stays so', () => {
  const {glass, view} = live();
  vi.advanceTimersByTime(200);
  const before = glass.writes.length;
  glass.resize(30);
  vi.advanceTimersByTime(100);
  expect(glass.writes.length).toBe(before + 1);
  view.print('failed: x');
  view.close();
  expect(glass.rowsShown).toEqual(['failed: x', '']);
  view.follow(started('b'));
  vi.advanceTimersByTime(5000);
  view.print('later');
  expect(glass.rowsShown).toEqual(['failed: x', 'later', '']);
});
