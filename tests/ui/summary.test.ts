// What is printed of a build: plain lines as it goes, then what it came to.
import {expect, test} from 'vitest';
import type {BuildEvent, Summary} from '../../src/build/events.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {plainReporter, type PlainOptions} from '../../src/ui/plain.ts';
import {describeExit, summaryReporter} from '../../src/ui/summary.ts';
import {Bench, type Built} from '../support/bench.ts';

async function failing(): Promise<Built> {
  const job = {logFile: 'outputs/hpo/x/hpo.log' as never, output: 'x' as never};
  const bench = new Bench([{out: 'ok'}, {out: 'x', job, pool: 'cpu'}, {out: 'y', in: ['x']}, {out: 'z', in: ['x']}]);
  bench.jobs.set('x', () => ({
    progress: [{event: 'result', status: 'failed', reason: 'error', message: 'the loss is gone'}],
    ending: {how: 'exited', status: 1},
  }));
  return bench.build();
}

function summaryOf(events: readonly BuildEvent[], level: 'silent' | 'normal' = 'normal'): readonly string[] {
  const lines: string[] = [];
  const report = summaryReporter({
    ...{level, paint: plainPaint, print: (line: string) => void lines.push(line)},
    lastLines: () => ['Traceback', 'ValueError: nan'],
    pathFor: (file) => `study/${file}`,
  });
  for (const event of events) report(event);
  return lines;
}

const done: Summary = {
  ...{ran: 1, fresh: 0, restored: 0, recognised: 0, failed: [], blocked: [], durationMs: 0, interrupted: false},
  trials: {evaluated: 0, cached: 0, hitRate: null},
};

function plainOf(events: readonly BuildEvent[], level: PlainOptions['level']): readonly string[] {
  const lines: string[] = [];
  const report = plainReporter({level, paint: plainPaint, print: (line) => void lines.push(line)});
  for (const event of events) report(event);
  return lines;
}

test('the summary shows of a failure the last lines of its log and how to read on, then the counts', async () => {
  expect(summaryOf((await failing()).events)).toEqual([
    'failed x: the loss is gone',
    '    | Traceback',
    '    | ValueError: nan',
    '    more: less study/outputs/hpo/x/hpo.log',
    '1 ran, 1 failed, 2 blocked in 0ms',
    '  2 blocked by x',
  ]);
});

test('what the build found and where the report is come last', () => {
  const shown = summaryOf([
    {type: 'report_made', path: 'docs/experiment_results.md', findings: ['p, horizon 1, up1: no law shown']},
    {type: 'build_ended', summary: done, at: 0},
  ]);
  expect(shown.slice(-3)).toEqual(['found:', '  p, horizon 1, up1: no law shown', 'report: study/docs/experiment_results.md']);
});

test('a refusal is said once: when it is, with its reason', () => {
  const [node] = new Bench([{out: 'a'}]).session().graph.nodes;
  const outcome = {
    at: 'failed',
    status: 'refused',
    reason: 'bad_input',
    message: 'too few rows',
    logFile: 'outputs/hpo/x/hpo.log',
  } as const;
  const ended = {type: 'node_ended', node: node!, outcome, durationMs: 1, at: 0} as const;
  const events = [ended, {type: 'build_ended', summary: {...done, failed: [{node: node!, outcome}]}, at: 0} as const];
  const said = [...plainOf(events, 'normal'), ...summaryOf(events)].join('\n');
  expect(said.match(/too few rows/g)).toHaveLength(1);
});

test('that there is no sensor is said once, on a live screen too, and not again at the end', () => {
  const none: BuildEvent = {type: 'temperature', reading: {kind: 'unknown', why: 'no sensor'}, state: 'unknown', at: 0};
  for (const level of ['normal', 'notable'] as const) expect(plainOf([none, none], level)).toEqual(['temperature: unknown (no sensor)']);
  const ended = (thermal: {maxCelsius: number | undefined; pausedMs: number}): readonly string[] =>
    summaryOf([{type: 'build_ended', summary: {...done, thermal}, at: 0}]);
  expect(ended({maxCelsius: undefined, pausedMs: 0}).join()).not.toContain('temperature');
  expect(ended({maxCelsius: 71, pausedMs: 0})).toContain('  temperature: at most 71 °C');
});

test('silent says nothing of a build without failures', async () => {
  expect(summaryOf((await new Bench([{out: 'a'}]).build()).events, 'silent')).toEqual([]);
});

test('trials are counted, with those from the cache, and the longest steps named', async () => {
  const {events, summary} = await new Bench([{out: 'a'}]).build();
  const [node] = new Bench([{out: 'a'}]).session().graph.nodes;
  const ran = {type: 'node_ended', node: node!, outcome: {at: 'done', how: 'ran'}, durationMs: 65_000, at: 0} as const;
  const trials = {evaluated: 3, cached: 1, hitRate: 0.25};
  const lines = summaryOf([ran, {type: 'build_ended', summary: {...summary, trials}, at: 0}]);
  expect(lines).toContain('  trials: 3 evaluated, 1 from the cache (25 % of 4)');
  expect(lines).toContain('  longest: a 1m 5s');
  expect(summaryOf(events).join('\n')).not.toContain('trials');
});

test('beside the live view only what matters later is printed', async () => {
  const {events} = await failing();
  expect(plainOf(events, 'notable').slice(1)).toEqual(['failed x: the loss is gone\n       log: outputs/hpo/x/hpo.log']);
  expect(plainOf(events, 'normal')).toContain('[1/4] done ok (0ms)');
  expect(plainOf(events, 'verbose')).toContain('blocked y: x did not succeed');
  expect(plainOf(events, 'silent')).toHaveLength(1);
});

test('plain lines tell the steps of a long engine step, and the temperature when its state changes', () => {
  const [node] = new Bench([{out: 'a'}]).session().graph.nodes;
  const reading = {kind: 'known', celsius: 71, source: 'hwmon'} as const;
  const heat = (state: 'normal' | 'acceptable'): BuildEvent => ({type: 'temperature', reading, state, at: 0});
  const step = {type: 'node_step', node: node!, what: 'installing 61 Python packages with pip', at: 0} as const;
  expect(plainOf([step, heat('normal'), heat('normal'), heat('acceptable')], 'normal')).toEqual([
    '      a: installing 61 Python packages with pip',
    'temperature: 71 C, normal (hwmon)',
    'temperature: 71 C, acceptable (hwmon)',
  ]);
});

test('every exit status but success is explained', () => {
  expect([0, 1, 3, 130].map((status) => describeExit(status)?.slice(0, 15))).toEqual([
    undefined,
    ...['1: ', '3: ', '130'].map((text) => `exit status ${text}`),
  ]);
});
