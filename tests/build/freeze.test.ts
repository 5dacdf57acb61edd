// Freeze: an edit in mid-build touches only what has not started, and what ran is recorded under what it really ran.
import {expect, test} from 'vitest';
import type {JsonObject} from '../../src/base/json.ts';
import type {BuildEvent} from '../../src/build/events.ts';
import {parseLog} from '../../src/results/parse-log.ts';
import {Bench, type JobScript} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';

const code = {'/package/fts/__init__.py': '', '/package/fts/train.py': 'WIDTH = 4\n'};

function when(type: BuildEvent['type'], id: string, act: () => void): (event: BuildEvent) => void {
  let done = false;
  return (event) => {
    if (done || event.type !== type || !('node' in event) || event.node.id !== id) return;
    done = true;
    act();
  };
}

test('code edited between two nodes is judged again for the second; the first is recorded under what it ran', async () => {
  const bench = new Bench(
    [
      {out: 'a', code: ['fts.train']},
      {out: 'b', code: ['fts.train'], after: ['a']},
    ],
    code,
  );
  const built = await bench.build({onEvent: when('node_ended', 'a', () => bench.disk.write('/package/fts/train.py', 'WIDTH = 5\n'))});
  expect(built.ran).toEqual(['a', 'b']);
  expect((await bench.build()).ran).toEqual(['a']);
});

test('a file edited while a node waits makes it run, though it was fresh when the build began', async () => {
  const bench = new Bench(
    [
      {out: 'a', in: ['x']},
      {out: 'b', in: ['y'], after: ['a']},
    ],
    {x: '1', y: '1'},
  );
  await bench.build();
  bench.disk.write('x', '2');
  const built = await bench.build({onEvent: when('node_ended', 'a', () => bench.disk.write('y', '2'))});
  expect(built.ran).toEqual(['a', 'b']);
  expect((await bench.build()).ran).toEqual([]);
});

test('parameters edited in mid-build wait for the next build', async () => {
  const bench = new Bench([{out: 'a'}, {out: 'b', after: ['a'], params: {d_model: 64}}]);
  const edit = when('node_ended', 'a', () => (bench.steps[1] = {...bench.steps[1]!, params: {d_model: 128}}));
  expect((await bench.build({onEvent: edit})).ran).toEqual(['a', 'b']);
  expect(bench.disk.readText('b')).toContain('64');
  expect((await bench.build()).ran).toEqual(['b']);
});

test('what changes between being judged and starting is judged again', async () => {
  const bench = new Bench([{out: 'a', code: ['fts.train']}], code);
  const built = await bench.build({onEvent: when('node_stale', 'a', () => bench.disk.write('/package/fts/train.py', 'WIDTH = 5\n'))});
  expect(built.outcomes.get('a')).toEqual({at: 'done', how: 'ran'});
  expect(built.events.filter(({type}) => type === 'node_stale')).toHaveLength(2);
  expect(bench.plan()).toEqual({a: 'stay'});
});

const output = 'outputs/hpo/x/best_params.json';
const success: JsonObject = {event: 'result', status: 'success', reason: null, message: null, val_loss: 0.5};
const changed: JsonObject = {
  event: 'result',
  status: 'failed',
  reason: 'changed_underway',
  message: 'fts/train.py changed while the job started',
};

function studyBench(): Bench {
  return new Bench([{out: output, pool: 'cpu', code: ['fts.train'], job: {output: 'outputs/hpo/x' as never}}], code);
}

function jobOf(bench: Bench): {key: string; judged: {modules: string[]; versions: Record<string, string>}} {
  const [folder] = bench.disk.list('.ftsbuild/jobs') as readonly string[];
  return JSON.parse(bench.disk.readText(`.ftsbuild/jobs/${folder ?? ''}/job.json`) ?? '{}') as ReturnType<typeof jobOf>;
}

function succeeds(bench: Bench): JobScript {
  return {progress: [success], ending: {how: 'exited', status: 0}, files: {[output]: JSON.stringify(sampleBestParams(jobOf(bench).key))}};
}

function statuses(bench: Bench): readonly string[] {
  return parseLog(bench.disk.readText('docs/experiment_results.csv') ?? '').rows.map(({status, reason}) =>
    `${status} ${reason ?? ''}`.trim(),
  );
}

test('code edited while a job runs leaves it alone: it is recorded under the old code, and stale afterwards', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => succeeds(bench));
  const edit = when('node_started', output, () => bench.disk.write('/package/fts/train.py', 'WIDTH = 5\n'));
  const built = await bench.build({onEvent: edit});
  expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  expect(bench.plan()).toEqual({[output]: 'run'});
  bench.disk.write('/package/fts/train.py', 'WIDTH = 4\n');
  expect(bench.plan()).toEqual({[output]: 'stay'});
});

test('a job that found other code than was judged ends at once, and is judged and run again', async () => {
  const bench = studyBench();
  let starts = 0;
  bench.jobs.set(output, () => {
    starts++;
    if (starts > 1) return succeeds(bench);
    bench.disk.write('/package/fts/train.py', 'WIDTH = 5\n');
    return {progress: [changed], ending: {how: 'exited', status: 1}};
  });
  const built = await bench.build();
  expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  expect(statuses(bench)).toEqual(['interrupted changed_underway', 'success']);
  expect(bench.plan()).toEqual({[output]: 'stay'});
});

test('what changes at every start is given up after the second', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => ({progress: [changed], ending: {how: 'exited', status: 1}}));
  const built = await bench.build();
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', status: 'interrupted', reason: 'changed_underway'});
  expect(statuses(bench)).toHaveLength(2);
});

test('a job is told what was judged', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => succeeds(bench));
  await bench.build();
  expect(jobOf(bench).judged).toEqual({modules: ['fts/__init__.py', 'fts/train.py'], files: {}, versions: {}, workspace: {}});
});

const record = '.ftsbuild/interpreter.json';
const versions = (torch: string): string => JSON.stringify({training: {python: '3.11', torch}});

function benchWithEnvironment(): Bench {
  const environment = {path: record, part: {of: 'json', pointer: '/training'}, role: 'environment'} as const;
  const bench = new Bench([
    {out: record, isEnvironment: true},
    {out: output, pool: 'cpu', in: [environment], job: {output: 'outputs/hpo/x' as never}},
  ]);
  bench.environment = versions('2.14');
  return bench;
}

const otherTorch: JsonObject = {...changed, message: 'the Python environment (torch 2.14 -> 2.15.0) changed while the job started'};

test('a job that found other versions than were judged has the environment looked at anew, and runs under the key of those', async () => {
  const bench = benchWithEnvironment();
  const judged: unknown[] = [];
  bench.jobs.set(output, () => {
    judged.push(jobOf(bench).judged.versions);
    if (judged.length > 1) return succeeds(bench);
    bench.environment = versions('2.15');
    return {progress: [otherTorch], ending: {how: 'exited', status: 1}};
  });
  const built = await bench.build();
  expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  expect(judged).toEqual([
    {python: '3.11', torch: '2.14'},
    {python: '3.11', torch: '2.15'},
  ]);
  expect(statuses(bench)).toEqual(['interrupted changed_underway', 'success']);
  expect(bench.plan()).toEqual({[record]: 'stay', [output]: 'stay'});
});

test('in an environment that can no longer be used nothing is started again', async () => {
  const bench = benchWithEnvironment();
  bench.jobs.set(output, () => {
    bench.environment = undefined;
    return {progress: [otherTorch], ending: {how: 'exited', status: 1}};
  });
  const built = await bench.build();
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', reason: 'environment', message: 'missing packages: torch'});
  expect(statuses(bench)).toEqual(['interrupted changed_underway']);
});
