// The Chrome trace of a build: slices that nest, tracks that do not overlap.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import fc from 'fast-check';
import {expect, onTestFinished, test} from 'vitest';
import {createJsonArrayFile} from '../../src/host/json-array-file.ts';
import {chromeTrace, type TraceEvent} from '../../src/ui/chrome-trace.ts';
import type {EventLine} from '../../src/ui/event-line.ts';
import {at, ended, epoch, progress, run, started, trialEnded} from '../support/streams.ts';

type Slice = Extract<TraceEvent, {ph: 'X'}>;

function traceOf(...lines: readonly EventLine[]): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const follow = chromeTrace((event) => events.push(event));
  for (const line of [run(), ...lines]) follow(line);
  return events;
}

function slices(events: readonly TraceEvent[]): readonly Slice[] {
  return events.filter((event) => event.ph === 'X');
}

function expectSound(events: readonly TraceEvent[]): void {
  for (const event of events) {
    expect(event.pid).toBe(1);
    expect(Number.isInteger(event.tid)).toBe(true);
    if (event.ph !== 'M') expect(Number.isInteger(event.ts) && event.ts >= 0).toBe(true);
  }
  const all = slices(events);
  for (const {dur} of all) expect(Number.isInteger(dur) && dur >= 0).toBe(true);
  // Two slices of a track either follow each other or one lies inside the other.
  for (const [place, one] of all.entries())
    for (const other of all.slice(place + 1).filter(({tid}) => tid === one.tid)) {
      const [first, second] = one.ts <= other.ts ? [one, other] : [other, one];
      const follows = first.ts + first.dur <= second.ts;
      const inside = second.ts + second.dur <= first.ts + first.dur;
      expect(follows || inside, JSON.stringify([first, second])).toBe(true);
    }
}

test('a node is a slice, its trials lie inside, and their epochs inside those', () => {
  const events = traceOf(
    ...[
      started('a', {time: 1}),
      progress('a', 2, {event: 'trial_started', trial: 0, params: {lr: 0.1}}),
      progress('a', 4, epoch(1, 2, 0.5)),
    ],
    ...[progress('a', 6, epoch(2, 2, 0.5)), progress('a', 7, trialEnded(1, 2, 0.5)), ended('a', 9)],
  );
  expectSound(events);
  expect(slices(events).map(({name, ts, dur}) => [name, Math.round(ts / 1e5), Math.round(dur / 1e5)])).toEqual([
    ['epoch 1', 20, 20],
    ['epoch 2', 40, 20],
    ['trial 0', 20, 50],
    ['hpo a', 10, 80],
  ]);
  expect(slices(events).at(-2)?.args).toMatchObject({params: {lr: 0.1}, state: 'complete', value: 0.5});
});

test('nodes that run side by side have tracks of their own; a free track is used again', () => {
  const lines = [started('a', {time: 1}), started('b', {time: 1}), ended('a', 3), started('c', {time: 3}), ended('b', 4), ended('c', 5)];
  const events = traceOf(...lines);
  expectSound(events);
  const lanes = Object.fromEntries(slices(events).map(({name, tid}) => [name, tid]));
  expect(lanes).toEqual({'hpo a': 1, 'hpo b': 2, 'hpo c': 1});
  const counts = events.filter(({ph, name}) => ph === 'C' && name === 'running nodes').map(({args}) => args);
  expect(counts.map((args) => (args as {nodes: number}).nodes)).toEqual([1, 2, 1, 2, 1, 0]);
});

test('steps of the engine, known at their end only, get tracks on which they do not overlap; what was fresh is not drawn', () => {
  const fresh = {...(ended('f', 5) as Extract<EventLine, {type: 'node_ended'}>), outcome: {at: 'done', how: 'fresh'}} as const;
  const took = (node: string, time: number, seconds: number): EventLine => ended(node, time, {rule: 'script', took: seconds});
  const events = traceOf(took('a', 3, 3), took('b', 4, 3), fresh, took('c', 9, 1));
  expectSound(events);
  expect(slices(events).map(({name, tid}) => [name, tid])).toEqual([
    ['script a', 1000],
    ['script b', 1001],
    ['script c', 1000],
  ]);
});

test('readings are a counter, pauses and stalls are marks', () => {
  const events = traceOf(
    {time: at(1), type: 'temperature', state: 'warning', celsius: 86, pressure: null, source: 'hwmon', why: null},
    {time: at(2), type: 'temperature', state: 'unknown', celsius: null, pressure: null, source: null, why: 'no sensor'},
    {time: at(3), type: 'paused', by: 'heat', why: '86 C'},
    started('a', {time: 4}),
    {time: at(5), type: 'node_stalled', node: 'a', label: 'hpo a', silent_seconds: 600, usual_seconds: 3, action: 'report'},
  );
  expect(events.filter(({ph, name}) => ph === 'C' && name === 'temperature')).toMatchObject([{args: {celsius: 86}}]);
  expect(events.filter(({ph}) => ph === 'i')).toMatchObject([
    {name: 'paused (heat)', s: 'g'},
    {name: 'stalled', s: 't', tid: 1},
  ]);
});

test('an attempt that another one replaces, and a build that ends early, leave whole slices', () => {
  const trials = {evaluated: 0, cached: 0, hit_rate: null};
  const cut = {
    trials,
    thermal: null,
    time: at(9),
    type: 'build_ended',
    ran: 0,
    fresh: 0,
    restored: 0,
    recognised: 0,
    failed: [],
    blocked: [],
  } as const;
  const events = traceOf(
    ...[started('a', {time: 1}), progress('a', 2, {event: 'trial_started', trial: 3, params: {}}), started('a', {time: 5})],
    {...cut, duration_seconds: 9, interrupted: true},
  );
  expectSound(events);
  expect(slices(events).map(({name, tid}) => [name, tid])).toEqual([
    ['trial 3', 1],
    ['hpo a', 1],
    ['hpo a', 1],
  ]);
});

test('whatever happens, and whatever the clock does, no slice overlaps another on its track', () => {
  const node = fc.constantFrom('a', 'b', 'c');
  const line = fc.oneof(
    node.map((name) => (time: number) => started(name, {time})),
    node.map((name) => (time: number) => ended(name, time, {took: 3})),
    node.map((name) => (time: number) => progress(name, time, epoch(1, 9, 0.5))),
    node.map((name) => (time: number) => progress(name, time, {event: 'trial_started', trial: 1, params: {}})),
    node.map((name) => (time: number) => progress(name, time, trialEnded(1, 9, 0.5))),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(line, fc.integer({min: -1, max: 3}))), (steps) => {
      let time = 10;
      expectSound(traceOf(...steps.map(([make, step]) => make((time = Math.max(0, time + step))))));
    }),
  );
});

test('the file is a whole JSON array after every write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-trace-'));
  onTestFinished(() => rmSync(folder, {recursive: true}));
  const path = join(folder, 'deep/trace.json');
  const file = createJsonArrayFile(path);
  const read = (): unknown => JSON.parse(readFileSync(path, 'utf8'));
  expect(read()).toEqual([]);
  for (const count of [1, 2, 3]) {
    file.append({name: `größer ${String(count)}`});
    expect(read()).toHaveLength(count);
  }
  file.close();
  createJsonArrayFile(path).close();
  expect(read()).toEqual([]);
});
