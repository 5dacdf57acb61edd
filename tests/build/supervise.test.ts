// Builds on a machine that gets hot, and builds that a person pauses: what waits, stands still, goes on, is given up, and what is written of it.
import {expect, test} from 'vitest';
// A build loads these at the first need: while a file is read, time that is moved by hand would pass in hours.
import '../../src/build/renew-log.ts';
import '../../src/config/results.ts';
import '../../src/results/log.ts';
import {projectPath} from '../../src/base/ids.ts';
import type {BuildEvent} from '../../src/build/events.ts';
import {parseLog} from '../../src/results/parse-log.ts';
import {listEntries} from '../../src/state/cache.ts';
import type {Built} from '../support/bench.ts';
import {refuseChanges} from '../support/refusing-disk.ts';
import {bestOf, study, StudyBench, training, metricsOf} from '../support/search-bench.ts';

const output = bestOf('x');
const nowhere = {file: 'experiments.yaml', offset: 0, length: 0, line: 1, column: 1};
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** One search, `x`, of so long. */
function benchOf(ms: number, options: {ignores?: boolean; names?: readonly string[]} = {}): StudyBench {
  const names = options.names ?? ['x'];
  const bench = new StudyBench(names.map((name) => study(name, {params: {name}})));
  for (const name of names) lasting(bench, bestOf(name), {ms, ignores: options.ignores ?? false});
  return bench;
}

function lasting(bench: StudyBench, out: string, lasts: {ms: number; ignores?: boolean}): void {
  const quick = bench.jobs.get(out);
  bench.jobs.set(out, (command) => ({...(quick?.(command) ?? {ending: {how: 'exited', status: 0}}), lasts}));
}

/** Degrees from so many milliseconds on. */
function trace(...steps: readonly (readonly [fromMs: number, celsius: number | undefined])[]): (ms: number) => number | undefined {
  return (ms) => steps.findLast(([fromMs]) => fromMs <= ms)?.[1];
}

function rowsOf(bench: StudyBench): ReturnType<typeof parseLog>['rows'] {
  return parseLog(bench.disk.readText('docs/experiment_results.csv') ?? '').rows;
}

/** What happened, in words: starts, waits, pauses, ends; with seconds since the start of the build. */
function story(built: Built): readonly string[] {
  const [first] = built.events;
  const startedAt = first !== undefined && 'at' in first ? first.at : 0;
  return built.events.flatMap((event) => {
    const told = tell(event);
    return told === undefined || !('at' in event) ? [] : [`${String(Math.round((event.at - startedAt) / second))}s ${told}`];
  });
}

function tell(event: BuildEvent): string | undefined {
  switch (event.type) {
    case 'node_started':
      return 'started';
    case 'node_held':
      return 'held';
    case 'paused':
    case 'resumed':
      return `${event.type} by ${event.by}`;
    case 'node_ended':
      return event.outcome.at === 'failed' ? event.outcome.status : event.outcome.at;
    default:
      return undefined;
  }
}

test('a start on a warm machine waits until it is below `resume`', async () => {
  const bench = benchOf(10 * second);
  const built = await bench.build({temperature: trace([0, 88], [30 * second, 82], [60 * second, 79])});
  expect(story(built)).toEqual(['0s held', '60s started', '70s done']);
  expect(built.events.find((event) => event.type === 'node_held')).toMatchObject({why: expect.stringContaining('88 °C (trace)')});
  expect(rowsOf(bench)).toMatchObject([{status: 'success', duration_seconds: 10, thermal_max_temp: 79, thermal_state: 'acceptable'}]);
});

test('a start on a critical machine is refused: exit status 3, nothing recorded, asked again by the next build', async () => {
  const bench = benchOf(10 * second);
  const built = await bench.build({temperature: () => 97});
  expect(built.outcomes.get(output)).toMatchObject({status: 'refused', reason: 'heat', message: '97 °C (trace), at or above 95 °C'});
  expect(bench.started).toEqual([]);
  expect(rowsOf(bench)).toEqual([]);
  expect((await bench.build({temperature: () => 50})).outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
});

test('a start that waits in vain is given up after `max_wait`', async () => {
  const bench = benchOf(10 * second);
  const built = await bench.build({temperature: () => 86});
  expect(built.outcomes.get(output)).toMatchObject({
    status: 'refused',
    reason: 'heat',
    message: expect.stringContaining('waited 2h in vain'),
  });
  expect(story(built)).toEqual(['0s held', '7200s refused']);
});

test('a wall clock that is set while a start waits neither ends its wait nor draws it out', async () => {
  for (const jump of [2, -2]) {
    const bench = benchOf(10 * second);
    let readings = 0;
    const built = await bench.build({
      temperature: () => (++readings < 5 ? 86 : 70),
      onEvent: ({type}) => {
        if (type === 'node_held') bench.clock.set(bench.clock.now() + jump * 86_400_000);
      },
    });
    expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  }
});

test('what runs pauses at the second warm reading, goes on below `resume`, and the pause is no run time', async () => {
  const bench = benchOf(60 * second);
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 87], [50 * second, 83], [600 * second, 75])});
  expect(story(built)).toEqual(['0s started', '25s paused by heat', '600s resumed by heat', '635s done']);
  const [row] = rowsOf(bench);
  expect(row).toMatchObject({status: 'success', thermal_max_temp: 87, thermal_state: 'warning'});
  expect(row?.duration_seconds).toBeGreaterThanOrEqual(60);
  expect(row?.duration_seconds).toBeLessThanOrEqual(62);
  const ended = built.events.find((event) => event.type === 'node_ended');
  expect(ended).toMatchObject({durationMs: (row?.duration_seconds ?? 0) * second});
  expect(bench.session().store.standingOf(bench.session().graph.nodes[0]!.id).lastTrace?.durationMs).toBe(
    (row?.duration_seconds ?? 0) * second,
  );
  expect(built.summary.thermal).toEqual({maxCelsius: 87, pausedMs: 575 * second});
});

test('nor is it of a result on which a check fails: what is kept of it teaches no price that was not paid', async () => {
  const bench = new StudyBench([study('x', {checks: [{expression: 'value > 1000', severity: 'fail', span: nowhere}]})]);
  lasting(bench, output, {ms: 60 * second});
  await bench.build({temperature: trace([0, 60], [20 * second, 87], [600 * second, 75])});
  const [rejected] = listEntries(bench.disk);
  expect(rejected?.holds).toBe('rejected');
  expect(rejected?.trace?.durationMs).toBeLessThanOrEqual(62 * second);
});

test('one warm reading is a slip', async () => {
  const built = await benchOf(60 * second).build({temperature: trace([0, 60], [20 * second, 99], [21 * second, 60])});
  expect(story(built)).toEqual(['0s started', '60s done']);
});

test('while the machine is hot nothing new starts', async () => {
  const bench = benchOf(20 * second, {names: ['x', 'y']});
  const built = await bench.build({temperature: trace([0, 60], [10 * second, 90], [100 * second, 70])});
  expect(story(built)).toEqual(['0s started', '15s paused by heat', '100s resumed by heat', '105s done', '105s started', '125s done']);
  expect((await benchOf(20 * second, {names: ['x', 'y']}).build({jobs: 2, temperature: () => 60})).summary.ran).toBe(2);
});

test('a job that does not answer is stopped as a group by signals, and continued by them', async () => {
  const bench = benchOf(60 * second, {ignores: true});
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 87], [100 * second, 75])});
  const signals = built.events.flatMap((event) => (event.type === 'node_progress' ? [event.progress['event']] : []));
  expect(signals).toEqual(['frozen', 'thawed']);
  // Five seconds to answer, which it went on in; then seventy in which it stood still.
  expect(rowsOf(bench)[0]?.duration_seconds).toBeGreaterThanOrEqual(60);
  expect(rowsOf(bench)[0]?.duration_seconds).toBeLessThanOrEqual(62);
});

test('two critical readings end what runs: a row thermal_abort, the report left alone, the next build goes on', async () => {
  const bench = benchOf(60 * second);
  bench.steps.push(training('x'), {out: 'unrelated', ms: 0});
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 90], [25 * second, 96.4])});
  expect(story(built).slice(-2)).toEqual(['30s thermal_abort', '30s blocked']);
  expect(built.outcomes.get(output)).toMatchObject({
    status: 'thermal_abort',
    reason: 'heat',
    message: '96.4 °C (trace), at or above 95 °C',
  });
  expect(built.outcomes.get(metricsOf('x'))).toMatchObject({at: 'blocked', by: {id: output}});
  expect(rowsOf(bench)).toMatchObject([
    {status: 'thermal_abort', reason: 'heat', thermal_max_temp: 96.4, thermal_state: 'critical', attempt: 1},
  ]);
  expect(built.summary.thermal).toMatchObject({maxCelsius: 96.4});
  lasting(bench, output, {ms: 10 * second});
  const again = await bench.build({temperature: () => 60});
  expect(again.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  const reason = again.events.find((event) => event.type === 'node_stale' && event.node.id === output);
  expect(reason).toMatchObject({reason: {because: 'unfinished', status: 'interrupted'}});
  expect(rowsOf(bench).map(({status, attempt}) => `${status} ${String(attempt)}`)).toContain('success 2');
});

test('after an abort nothing of the build starts any more, and what waits for a slot is blocked', async () => {
  const bench = benchOf(60 * second, {names: ['x', 'y']});
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 97])});
  expect(bench.started).toEqual([output]);
  expect(built.outcomes.get(bestOf('y'))).toMatchObject({at: 'blocked'});
});

test('a job that does not hear of the abort gets signals after five seconds', async () => {
  const bench = benchOf(600 * second, {ignores: true});
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 97])});
  expect(story(built)).toEqual(['0s started', '30s thermal_abort']);
  expect(rowsOf(bench)).toMatchObject([{status: 'thermal_abort', error_message: expect.stringContaining('97 °C')}]);
});

test('a pause that waits in vain is an abort', async () => {
  const bench = benchOf(hour);
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 86])});
  expect(built.outcomes.get(output)).toMatchObject({status: 'thermal_abort', message: expect.stringContaining('waited 2h in vain')});
  expect(rowsOf(bench)[0]?.duration_seconds).toBeLessThan(30);
});

test('a sensor that is lost in a pause resumes nothing; when it is back its word counts', async () => {
  const bench = benchOf(60 * second);
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 86], [40 * second, undefined], [hour, 70])});
  expect(story(built)).toEqual(['0s started', '25s paused by heat', '3600s resumed by heat', '3635s done']);
});

test('a sensor that stays lost in a pause ends in an abort, not in a pause for ever', async () => {
  const bench = benchOf(60 * second);
  const built = await bench.build({temperature: trace([0, 60], [20 * second, 86], [40 * second, undefined])});
  expect(built.outcomes.get(output)).toMatchObject({status: 'thermal_abort', message: expect.stringContaining('unknown (no answer)')});
  expect(rowsOf(bench)[0]).toMatchObject({thermal_max_temp: 86, thermal_state: 'warning'});
});

test('without a sensor everything works, and unknown is what is said', async () => {
  const bench = benchOf(hour);
  const built = await bench.build({temperature: () => undefined});
  expect(story(built)).toEqual(['0s started', '3600s done']);
  expect(built.events.filter(({type}) => type === 'temperature')).toMatchObject([{reading: {kind: 'unknown'}, state: 'unknown'}]);
  expect(rowsOf(bench)).toMatchObject([{status: 'success', thermal_max_temp: null, thermal_state: 'unknown'}]);
  expect(built.summary.thermal).toEqual({maxCelsius: undefined, pausedMs: 0});
});

test('with `unknown: refuse` nothing starts without a reading, and what runs waits for one', async () => {
  const bench = benchOf(60 * second);
  bench.thermal = {unknown: 'refuse'};
  const refused = await bench.build({temperature: () => undefined});
  expect(refused.outcomes.get(output)).toMatchObject({
    status: 'refused',
    message: expect.stringContaining('`thermal.unknown` is `refuse`'),
  });
  const built = await bench.build({temperature: trace([0, 60], [20 * second, undefined], [100 * second, 60])});
  expect(story(built)).toEqual(['0s started', '25s paused by heat', '100s resumed by heat', '135s done']);
});

test('a reading is looked at while jobs run or wait, and not else', async () => {
  const bench = new StudyBench([study('x'), training('x')]);
  lasting(bench, output, {ms: 20 * second});
  const built = await bench.build({temperature: () => 60});
  expect(built.events.filter(({type}) => type === 'temperature').length).toBeGreaterThanOrEqual(5);
  expect((await bench.build({temperature: () => 60})).events.filter(({type}) => type === 'temperature')).toEqual([]);
});

test('a person pauses what runs and holds what waits, until they let it go on', async () => {
  const bench = benchOf(20 * second, {names: ['x', 'y']});
  const built = await bench.build({
    temperature: () => 60,
    outside: ({at, supervisor}) => {
      at(10 * second, () => supervisor.pause());
      at(10 * second, () => supervisor.pause());
      at(10 * minute, () => supervisor.resume());
    },
  });
  expect(story(built)).toEqual(['0s started', '10s paused by person', '600s resumed by person', '610s done', '610s started', '630s done']);
  expect(built.summary.thermal?.pausedMs).toBe(590 * second);
});

test('the sensor is told when nothing heats the machine: before a start and in a pause it may stand still', async () => {
  const loads = new Map<number, string>();
  await benchOf(20 * second).build({
    temperature: (ms, load) => {
      loads.set(ms, load);
      return 60;
    },
    outside: ({at, supervisor}) => {
      at(10 * second, () => supervisor.pause());
      at(10 * minute, () => supervisor.resume());
    },
  });
  expect([0, 5, 15, 590, 605].map((seconds) => loads.get(seconds * second))).toEqual(['idle', 'loaded', 'idle', 'idle', 'loaded']);
});

test('a pause before anything started holds every start', async () => {
  const built = await benchOf(20 * second).build({
    temperature: () => 60,
    outside: ({at, supervisor}) => {
      supervisor.pause();
      at(minute, () => supervisor.resume());
    },
  });
  expect(story(built)).toEqual(['0s paused by person', '0s held', '60s resumed by person', '60s started', '80s done']);
});

test('what holds a start is told again when it is the reason once more', async () => {
  const built = await benchOf(20 * second).build({
    temperature: trace([0, 88], [5 * minute, 60]),
    outside: ({at, supervisor}) => {
      at(minute, () => supervisor.pause());
      at(2 * minute, () => supervisor.resume());
    },
  });
  const reasons = built.events.flatMap((event) => (event.type === 'node_held' ? [event.why] : []));
  expect(reasons).toEqual([expect.stringContaining('88 °C'), expect.stringContaining('a person paused'), expect.stringContaining('88 °C')]);
});

test("a person's pause and one for heat are independent: to go on, both must be gone", async () => {
  const heat = trace([0, 60], [20 * second, 86], [5 * minute, 70]);
  for (const [resumeAt, expected] of [
    [2 * minute, ['paused by heat', 'paused by person', 'resumed by person', 'resumed by heat']],
    [9 * minute, ['paused by heat', 'paused by person', 'resumed by heat', 'resumed by person']],
  ] as const) {
    const bench = benchOf(60 * second);
    const built = await bench.build({
      temperature: heat,
      outside: ({at, supervisor}) => {
        at(minute, () => supervisor.pause());
        at(resumeAt, () => supervisor.resume());
      },
    });
    const told = story(built);
    expect(told.slice(1, -1).map((line) => line.slice(line.indexOf(' ') + 1))).toEqual(expected);
    const goesOn = Math.max(resumeAt, 5 * minute) / second;
    expect(told.at(-1)).toBe(`${String(goesOn + 35)}s done`);
    expect(rowsOf(bench)[0]?.duration_seconds).toBeLessThanOrEqual(62);
  }
});

test('an interrupt ends what is paused and what is held', async () => {
  const bench = benchOf(hour, {names: ['x', 'y']});
  const built = await bench.build({
    temperature: trace([0, 60], [10 * second, 86]),
    jobs: 2,
    outside: ({at, stop}) => at(minute, stop),
  });
  expect(built.summary.interrupted).toBe(true);
  expect(built.summary.failed.map(({outcome}) => outcome.status)).toEqual(['interrupted', 'interrupted']);
  const held = await benchOf(hour).build({temperature: () => 86, outside: ({at, stop}) => at(minute, stop)});
  expect(held.outcomes.get(output)).toMatchObject({status: 'interrupted', message: 'it had not started'});
});

test('a failure under --fail-fast ends the wait of what is held', async () => {
  const bench = benchOf(19 * second, {ignores: true, names: ['x', 'y', 'z']});
  bench.jobs.set(output, () => ({ending: {how: 'exited', status: 1}, lasts: {ms: 21 * second, ignores: true}}));
  const built = await bench.build({
    failFast: true,
    jobs: 2,
    temperature: () => 60,
    outside: ({at, supervisor}) => at(18 * second, () => supervisor.pause()),
  });
  expect(story(built)).toEqual(['0s started', '0s started', '18s paused by person', '19s done', '19s held', '21s failed', '21s blocked']);
});

test('an attempt whose engine died in a pause does not count the time in which it stood still', async () => {
  const bench = benchOf(hour);
  // Nothing that the engine does from then on is seen.
  let isDead = false;
  const revive = refuseChanges(bench.disk, () => isDead);
  const dies = bench.build({
    temperature: trace([0, 60], [10 * second, 86]),
    onEvent: (event) => {
      if (event.type !== 'temperature' || bench.clock.now() < startedAt + 10 * minute) return;
      if (!isDead) bench.disk.append(`.ftsbuild/events/a.ndjson`, '{}\n');
      isDead = true;
      throw new Error('power cut');
    },
  });
  const startedAt = bench.clock.now();
  await expect(dies).rejects.toThrow('power cut');
  revive();
  bench.succeed(output);
  await bench.build();
  expect(rowsOf(bench)[0]).toMatchObject({status: 'interrupted', thermal_state: 'unknown'});
  expect(rowsOf(bench)[0]?.duration_seconds).toBeLessThan(20);
});

test('a data step waits and pauses like every other job', async () => {
  const bench = new StudyBench([study('x')]);
  const [step] = bench.steps;
  bench.steps[0] = {...step!, job: {...step!.job, rule: 'data', output: projectPath('outputs/hpo/x')}};
  const built = await bench.build({temperature: () => 97});
  expect(built.outcomes.get(output)).toMatchObject({status: 'refused', reason: 'heat'});
});

test('what the watchdog stopped waits for a cool machine before it starts once more, and the wait is no run time', async () => {
  const bench = benchOf(60 * second);
  const built = await bench.build({
    // One warm reading pauses nothing yet; the next one decides about starts.
    temperature: trace([0, 60], [10 * second, 88], [20 * minute, 70]),
    outside: ({at}) => at(12 * second, () => bench.pass(11 * minute)),
  });
  expect(story(built)).toEqual(['0s started', '672s held', '672s held', '1202s started', '1262s done']);
  const [stalled, done] = rowsOf(bench);
  expect(stalled).toMatchObject({status: 'failed', reason: 'stalled'});
  expect(done).toMatchObject({status: 'success'});
  const ended = built.events.find((event) => event.type === 'node_ended');
  expect(ended).toMatchObject({durationMs: (11 * 60 + 12 + 60) * second});
});

test('what the watchdog stopped on a machine that is too hot by now is refused', async () => {
  const bench = benchOf(60 * second);
  const built = await bench.build({
    temperature: trace([0, 60], [10 * second, 97]),
    outside: ({at}) => at(12 * second, () => bench.pass(11 * minute)),
  });
  expect(built.outcomes.get(output)).toMatchObject({status: 'refused', reason: 'heat'});
  expect(bench.started).toHaveLength(1);
});

test('what was told to end for the heat and does not answer has not stalled', async () => {
  const bench = benchOf(hour, {ignores: true});
  const built = await bench.build({
    temperature: trace([0, 60], [20 * second, 97]),
    outside: ({at}) => at(26 * second, () => bench.pass(11 * minute)),
  });
  expect(built.events.filter(({type}) => type === 'node_stalled')).toEqual([]);
  expect(built.outcomes.get(output)).toMatchObject({status: 'thermal_abort'});
});
