// The hardware log of a build: rows at the start, at each interval and at the end, and what is in them.
import {parse} from 'csv-parse/sync';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import type {BuildEvent} from '../../src/build/events.ts';
import {hardwareColumns, hardwareLog, type HardwareLog} from '../../src/build/hardware-log.ts';
import type {Node} from '../../src/graph/node.ts';
import {systemClock} from '../../src/host/clock.ts';
import {DiskError} from '../../src/host/disk.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import type {AcceleratorState} from '../../src/host/thermometer.ts';
import {Bench} from '../support/bench.ts';

const start = Date.UTC(2026, 4, 1, 8, 30, 0);
const path = '.ftsbuild/hardware/2026-05-01T083000.000Z.csv';
const minute = 60_000;

beforeEach(() => void vi.useFakeTimers({now: start}));
afterEach(() => void vi.useRealTimers());

interface Setup {
  readonly disk: MemoryDisk;
  readonly log: HardwareLog;
  accelerator: AcceleratorState | undefined;
}

function setUp(disk = memoryDisk({}, systemClock)): Setup {
  const setup = {disk, accelerator: undefined as AcceleratorState | undefined};
  const log = hardwareLog({
    ...{disk, clock: systemClock, everyMs: 5 * minute},
    usage: () => Promise.resolve({cpu: 0.4567, usedMemory: 3e9, freeMemory: 9e9}),
    accelerator: () => setup.accelerator,
  });
  return Object.assign(setup, {log});
}

function rowsOf(disk: MemoryDisk): readonly Record<string, string>[] {
  return parse(disk.readText(path) ?? '', {columns: true});
}

const [job, work] = new Bench([{out: 'outputs/hpo/x', job: {}}, {out: 'notes'}]).session().graph.nodes as readonly [Node, Node];
const started = (node: Node): BuildEvent => ({type: 'node_started', node, attempt: 1, at: Date.now()});
const ended = (node: Node): BuildEvent => ({
  ...{type: 'node_ended', node, outcome: {at: 'done', how: 'ran'}},
  ...{durationMs: 1, at: Date.now()},
});

test('a row is written at the start, at each interval and at the end, in the columns of the manual', async () => {
  const {disk, log} = setUp();
  log.listen(started(job));
  await vi.advanceTimersByTimeAsync(11 * minute);
  log.listen(ended(job));
  await log.close();
  expect(disk.readText(path)?.split('\n')[0]).toBe(hardwareColumns.join(','));
  expect(rowsOf(disk).map(({time, running}) => [time, running])).toEqual([
    ['2026-05-01T08:30:01.000Z', '1'],
    ['2026-05-01T08:35:01.000Z', '1'],
    ['2026-05-01T08:40:01.000Z', '1'],
    ['2026-05-01T08:41:00.000Z', '0'],
  ]);
  expect(rowsOf(disk)[0]).toMatchObject({cpu_percent: '45.7', memory_percent: '25'});
  await vi.advanceTimersByTimeAsync(20 * minute);
  expect(rowsOf(disk)).toHaveLength(4);
});

test('a build without a job writes no log', async () => {
  const {disk, log} = setUp();
  log.listen(started(work));
  await vi.advanceTimersByTimeAsync(11 * minute);
  await log.close();
  expect(disk.list('.ftsbuild')).toBe('missing');
});

test('an unknown temperature is an empty cell and the state unknown, never a number', async () => {
  const {disk, log} = setUp();
  log.listen(started(job));
  log.listen({type: 'temperature', reading: {kind: 'unknown', why: 'no sensor'}, state: 'unknown', at: start});
  await vi.advanceTimersByTimeAsync(1000);
  await log.close();
  expect(rowsOf(disk)[0]).toMatchObject({
    ...{temperature: '', temperature_source: '', thermal_state: 'unknown'},
    ...{accelerator_percent: '', accelerator_temperature: '', paused: 'false'},
  });
});

test('a row tells the last reading with its sensor, the accelerator, and whether the jobs stand still', async () => {
  const setup = setUp();
  const {disk, log} = setup;
  setup.accelerator = {percent: 98, celsius: 79};
  log.listen(started(job));
  log.listen({type: 'temperature', reading: {kind: 'known', celsius: 86.04, source: 'file heat.txt'}, state: 'warning', at: start});
  log.listen({type: 'paused', by: 'heat', why: '86 C', at: start});
  await vi.advanceTimersByTimeAsync(1000);
  log.listen({type: 'temperature', reading: {kind: 'pressure', level: 'nominal', source: 'thermal pressure'}, state: 'normal', at: start});
  log.listen({type: 'resumed', by: 'heat', why: 'cool', at: start});
  await log.close();
  expect(rowsOf(disk)).toMatchObject([
    {temperature: '86', temperature_source: 'file heat.txt', thermal_state: 'warning', paused: 'true', accelerator_percent: '98'},
    {
      temperature: '',
      temperature_source: 'thermal pressure nominal',
      thermal_state: 'normal',
      paused: 'false',
      accelerator_temperature: '79',
    },
  ]);
});

test('jobs that heat and a person hold are paused until both have let them go', async () => {
  const {disk, log} = setUp();
  log.listen(started(job));
  log.listen({type: 'paused', by: 'heat', why: '86 C', at: start});
  log.listen({type: 'paused', by: 'person', why: 'asked', at: start});
  log.listen({type: 'resumed', by: 'person', why: 'asked', at: start});
  await vi.advanceTimersByTimeAsync(1000);
  log.listen({type: 'resumed', by: 'heat', why: 'cool', at: start});
  await log.close();
  expect(rowsOf(disk).map(({paused}) => paused)).toEqual(['true', 'false']);
});

test('a disk that refuses a row ends the log, not the build', async () => {
  const append = (file: string): never => {
    throw new DiskError('no space is left on the device', file);
  };
  const {log} = setUp(Object.assign(memoryDisk({}, systemClock), {append}));
  log.listen(started(job));
  await vi.advanceTimersByTimeAsync(11 * minute);
  await log.close();
});
