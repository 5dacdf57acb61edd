// The watchdog: silence is measured against a run's own habit, and only in time in which it could have spoken.
import {expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import {Watchdog, type Stall} from '../../src/build/watchdog.ts';
import type {BuildEvent} from '../../src/build/events.ts';
import {handClock} from '../../src/host/clock.ts';
import {parseLog} from '../../src/results/parse-log.ts';
import {Bench, minimalStudy, type Built, type JobScript} from '../support/bench.ts';

const minute = 60_000;

function watching(settings: {factor?: number; atLeastMs?: number} = {}) {
  const clock = handClock();
  const watchdog = new Watchdog({factor: 10, atLeastMs: 10 * minute, action: 'retry', ...settings}, clock);
  const stalls: Stall[] = [];
  const watched = watchdog.watch((stall) => stalls.push(stall));
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 5000) {
      clock.advance(Math.min(left, 5000));
      watchdog.tick();
    }
  };
  const build = (type: 'paused' | 'resumed', by: 'heat' | 'person' = 'heat'): void =>
    watchdog.listen({type, by, why: '', at: clock.now()} satisfies BuildEvent);
  return {clock, watchdog, stalls, watched, pass, build, batch: (): void => watched.hear({event: 'batch'})};
}

test('silence of less than the shortest time is none, however fast the steps were', () => {
  const {stalls, pass, batch} = watching();
  for (let count = 0; count < 20; count++) {
    pass(1000);
    batch();
  }
  pass(10 * minute);
  expect(stalls).toEqual([]);
  pass(5000);
  expect(stalls).toEqual([{silentMs: 10 * minute + 5000, usualMs: 1000}]);
});

test('slow steps make for patience: so many times the usual one', () => {
  const {stalls, pass, batch} = watching();
  for (let count = 0; count < 20; count++) {
    pass(3 * minute);
    batch();
  }
  pass(30 * minute);
  expect(stalls).toEqual([]);
  pass(5000);
  expect(stalls).toMatchObject([{usualMs: 3 * minute}]);
});

test('words in bursts do not hide how long a step takes', () => {
  const {stalls, pass, batch, watched} = watching();
  for (let count = 0; count < 20; count++) {
    pass(3 * minute);
    batch();
    if (count % 10 === 0) watched.hear({event: 'trial_ended'});
  }
  pass(29 * minute);
  expect(stalls).toEqual([]);
});

test('a silence is told once, and again after the next word', () => {
  const {stalls, pass, batch} = watching();
  pass(60 * minute);
  expect(stalls).toHaveLength(1);
  batch();
  pass(9 * minute);
  expect(stalls).toHaveLength(1);
});

test('a pause is no silence, whoever says it', () => {
  const {stalls, pass, watched, build} = watching();
  build('paused');
  pass(60 * minute);
  watched.hear({event: 'paused'});
  build('resumed');
  pass(60 * minute);
  expect(stalls).toEqual([]);
  watched.hear({event: 'resumed'});
  pass(11 * minute);
  expect(stalls).toHaveLength(1);
});

test('jobs that heat and a person hold stand still until both have let them go', () => {
  const {stalls, pass, build} = watching();
  build('paused', 'heat');
  build('paused', 'person');
  build('resumed', 'person');
  pass(60 * minute);
  expect(stalls).toEqual([]);
  build('resumed', 'heat');
  pass(11 * minute);
  expect(stalls).toHaveLength(1);
});

test('what starts during a pause is not silent either', () => {
  const {watchdog, build, pass} = watching();
  build('paused');
  const stalls: Stall[] = [];
  watchdog.watch((stall) => stalls.push(stall));
  pass(60 * minute);
  expect(stalls).toEqual([]);
});

test('a machine that slept, or whose clock was set, makes no stall', () => {
  const {clock, watchdog, stalls} = watching();
  clock.advance(8 * 60 * minute);
  watchdog.tick();
  clock.advance(-60 * minute);
  watchdog.tick();
  expect(stalls).toEqual([]);
});

test('a run that ended is watched no more', () => {
  const {stalls, watched, pass} = watching();
  watched.end();
  pass(60 * minute);
  expect(stalls).toEqual([]);
});

const output = 'outputs/hpo/x/best_params.json';

function jobBench(): Bench {
  return new Bench([
    {out: output, pool: 'cpu', job: {output: projectPath('outputs/hpo/x'), record: {search: {}, architecture: null}}},
    {out: 'other', pool: 'cpu'},
  ]);
}

const hangs: JobScript = {progress: [{event: 'batch'}]};

function buildPassing(bench: Bench, ms: number): Promise<Built> {
  return bench.build({
    onEvent: (event) => {
      if (event.type === 'node_progress') bench.pass(ms);
    },
  });
}

function reasons(bench: Bench): readonly (readonly [string, string | null])[] {
  return parseLog(bench.disk.readText('docs/experiment_results.csv') ?? '').rows.map(({status, reason}) => [status, reason]);
}

test('a stalled job is stopped, goes on once, and then has failed as stalled, with a row for each attempt', async () => {
  const bench = jobBench();
  bench.jobs.set(output, () => hangs);
  const built = await buildPassing(bench, 11 * minute);
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', status: 'failed', reason: 'stalled'});
  expect(built.outcomes.get('other')).toMatchObject({at: 'done'});
  expect(built.events.flatMap((event) => (event.type === 'node_stalled' ? [event.action] : []))).toEqual(['retry', 'fail']);
  expect(reasons(bench)).toEqual([
    ['failed', 'stalled'],
    ['failed', 'stalled'],
  ]);
});

test('a stall that does not come again costs an attempt, and no more', async () => {
  const bench = jobBench();
  let attempts = 0;
  bench.jobs.set(output, () => (++attempts === 1 ? hangs : {ending: {how: 'exited', status: 75}, progress: []}));
  const built = await buildPassing(bench, 11 * minute);
  expect(built.outcomes.get(output)).toMatchObject({status: 'interrupted'});
  expect(reasons(bench)[0]).toEqual(['failed', 'stalled']);
});

test('with `action: report` a stall is said, and the job goes on', async () => {
  const bench = jobBench();
  bench.study = {...minimalStudy, safety: {...minimalStudy.safety, watchdog: {factor: 10, atLeastMs: minute, action: 'report'}}};
  bench.jobs.set(output, () => ({...hangs, ending: {how: 'exited', status: 75}}));
  const built = await buildPassing(bench, 2 * minute);
  expect(built.events.flatMap((event) => (event.type === 'node_stalled' ? [event.action] : []))).toEqual(['report']);
  expect(built.outcomes.get(output)).toMatchObject({status: 'interrupted'});
});
