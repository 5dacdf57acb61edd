// A Python job from the engine's side: how its end, its words and its files decide, and what the log and the journal say.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {forecast, isUpToDate} from '../../src/build/verdicts.ts';
import {parseLog} from '../../src/results/parse-log.ts';
import {describeSummary} from '../../src/ui/summary.ts';
import {describeForecast} from '../../src/ui/reasons.ts';
import {Bench, type JobScript} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';

const output = 'outputs/hpo/x/best_params.json';

function studyBench(): Bench {
  return new Bench([
    {
      out: output,
      pool: 'cpu',
      extent: {trials: 3},
      job: {
        output: 'outputs/hpo/x' as never,
        record: {search: {learning_rate: {kind: 'log', low: 1e-4, high: 1e-3}}, architecture: null, seed: 42},
        extent: {trials: 3},
      },
    },
  ]);
}

function keyOfJob(bench: Bench): string {
  const folder = bench.disk.list('.ftsbuild/jobs');
  const job = JSON.parse(bench.disk.readText(`.ftsbuild/jobs/${folder === 'missing' ? '' : (folder[0] ?? '')}/job.json`) ?? '{}') as {
    key: string;
  };
  return job.key;
}

const success: JsonObject = {
  event: 'result',
  status: 'success',
  reason: null,
  message: null,
  val_loss: 0.5,
  hyperparameters: {learning_rate: 0.001},
  param_count: 100,
  val_windows: 300,
};

function writes(bench: Bench, change: JsonObject = {}): () => JobScript {
  return () => ({
    progress: [success],
    ending: {how: 'exited', status: 0},
    files: {[output]: JSON.stringify({...sampleBestParams(keyOfJob(bench)), ...change})},
  });
}

function rows(bench: Bench): readonly {status: string; reason: string | null; error_message: string | null; attempt: number | null}[] {
  return parseLog(bench.disk.readText('docs/experiment_results.csv') ?? '').rows;
}

test('success is exit status 0, a word that says so, and whole outputs', async () => {
  const bench = studyBench();
  bench.jobs.set(output, writes(bench));
  const built = await bench.build();
  expect(built.outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  expect(rows(bench)).toMatchObject([
    {status: 'success', attempt: 1, val_loss: 0.5, experiment: 'x', thermal_state: 'unknown', thermal_max_temp: null},
  ]);
  expect((await bench.build()).ran).toEqual([]);
});

test.each([
  ['exit status 0 without a word', {ending: {how: 'exited', status: 0}} as const, 'failed'],
  ['a crash', {ending: {how: 'signalled', signal: 'SIGSEGV'}} as const, 'failed'],
  [
    'exit status 1',
    {
      ending: {how: 'exited', status: 1},
      progress: [{event: 'result', status: 'failed', reason: 'diverged', message: 'the loss is NaN'}],
    } as const,
    'failed',
  ],
  [
    'a refusal',
    {
      ending: {how: 'exited', status: 3},
      progress: [{event: 'result', status: 'refused', reason: 'refused', message: '7 positives'}],
    } as const,
    'refused',
  ],
  [
    'a study cut by its timeout',
    {
      ending: {how: 'exited', status: 4},
      progress: [{event: 'result', status: 'partial', reason: 'timeout', message: '2 of 3 trials'}],
    } as const,
    'partial',
  ],
])('%s is no success, and has its row', async (_, script, status) => {
  const bench = studyBench();
  bench.jobs.set(output, () => script);
  const built = await bench.build();
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', status});
  expect(rows(bench)).toHaveLength(1);
  expect(rows(bench)[0]?.status).toBe(status === 'refused' ? 'failed' : status);
});

test('a refused study is not asked again under the same key', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => ({
    ending: {how: 'exited', status: 3},
    progress: [{event: 'result', status: 'refused', reason: 'refused', message: '7 positives'}],
  }));
  await bench.build();
  const again = await bench.build();
  expect(again.ran).toEqual([]);
  expect(again.outcomes.get(output)).toMatchObject({status: 'refused', message: '7 positives'});
  expect(rows(bench)).toHaveLength(1);
});

test('a refused study is asked again when what decided it changes, though that is in no key', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => ({
    ending: {how: 'exited', status: 3},
    progress: [{event: 'result', status: 'refused', reason: 'refused', message: '7 positives'}],
  }));
  await bench.build();
  const [step] = bench.steps;
  bench.steps[0] = {...step!, job: {...step!.job, record: {...step!.job?.record, 'split.min_positives': 5}}};
  bench.jobs.set(output, writes(bench));
  expect((await bench.build()).outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
});

test('a partial study blocks what needs it, unless that is accepted', async () => {
  const partial = (): JobScript => ({
    ending: {how: 'exited', status: 4},
    progress: [{event: 'result', status: 'partial', reason: 'timeout', message: '2 of 3 trials'}],
    files: {[output]: '{"params": {}}'},
  });
  for (const partialSuffices of [false, true]) {
    const bench = studyBench();
    bench.steps[0] = {...bench.steps[0]!, partialSuffices};
    bench.steps.push({out: 'trained', in: [output]});
    bench.jobs.set(output, partial);
    const built = await bench.build();
    expect(built.outcomes.get('trained')?.at).toBe(partialSuffices ? 'done' : 'blocked');
    expect(built.summary.failed).toHaveLength(1);
    bench.jobs.set(output, writes(bench));
    expect((await bench.build()).outcomes.get(output)).toEqual({at: 'done', how: 'ran'});
  }
});

/** A search over 800 rows whose split needs so many windows, and whose assertion is this; and what is made from it. */
function onFewRows({minWindows = 0, assertion = 'rows > 0'}: {minWindows?: number; assertion?: string}): Bench {
  const bench = studyBench();
  const [step] = bench.steps;
  const split = {'split.mode': 'scattered', 'split.block': 100, 'split.validation': 0.15, 'split.test': 0.15, 'split.embargo': 0};
  const record = {...step!.job?.record, ...split, 'split.min_windows': minWindows, context: 60, horizon: 5};
  const asserts = [{expression: assertion, span: undefined as never}];
  bench.steps[0] = {...step!, job: {...step!.job, data: 'data/x.parquet' as never, record, asserts}};
  bench.steps.push({out: 'trained', in: [output]});
  bench.disk.write('data/x.parquet', 'bytes');
  const sha256 = bench.session().world.digestOf('data/x.parquet');
  bench.disk.write('data/manifest.json', JSON.stringify({files: [{path: 'data/x.parquet', md5: 'm', sha256, rows: 800, columns: {}}]}));
  return bench;
}

test.each([
  ['whose data is known to be too little', {minWindows: 300}, /^refused: too little data: 800 rows .* hold 36 validation/],
  ['whose assertion does not hold', {assertion: 'val.windows >= 300'}, /^refused: the assertion .* does not hold \(val.windows = 36\)$/],
])('an experiment %s is refused by the plan already, with the numbers', async (_, options, message) => {
  const bench = onFewRows(options);
  expect(bench.plan()).toEqual({[output]: 'be_refused', trained: 'be_blocked'});
  const session = bench.session();
  const forecasts = forecast(session, session.graph.nodes);
  expect(describeForecast(forecasts.get(nodeId(output))!)).toMatch(message);
  expect(isUpToDate(forecasts)).toBe(false);
  const built = await bench.build();
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', status: 'refused'});
  expect(describeSummary(built.summary)).toMatch(/^1 refused, 1 blocked/);
});

test('a refusal before anything is spent is no attempt: no row, no record, and what lies at its place stays', async () => {
  const bench = onFewRows({});
  bench.jobs.set(output, writes(bench));
  await bench.build();
  const before = bench.disk.texts();
  const refused = onFewRows({assertion: 'val.windows >= 300'}).steps;
  const steps = bench.steps;
  bench.steps = [{...refused[0]!, params: {subset: 0.5}}, steps[1]!];
  expect((await bench.build()).outcomes.get(output)).toMatchObject({status: 'refused'});
  expect(bench.disk.texts()['.ftsbuild/journal']).toBe(before['.ftsbuild/journal']);
  expect(rows(bench)).toHaveLength(1);
  bench.steps = steps;
  expect((await bench.build()).summary).toMatchObject({fresh: 2});
});

test.each([
  ["another experiment's identity", {identity: {...sampleBestParams('').identity, experiment: 'other'}}, /identity/],
  ['another key', {key: 'f'.repeat(64)}, /key/],
  ['a searched parameter missing', {params: {}}, /params lack learning_rate/],
  ['a shape that is not the schema’s', {status: 'great'}, /status/],
])('a result with %s fails its node and is kept aside', async (_, change, message) => {
  const bench = studyBench();
  bench.jobs.set(output, writes(bench, change));
  const built = await bench.build();
  expect(built.outcomes.get(output)).toMatchObject({at: 'failed', reason: 'check', message: expect.stringMatching(message)});
  expect(bench.disk.stat(output)).toBe('missing');
  expect(built.events.find((event) => event.type === 'node_kept')).toMatchObject({path: 'outputs/hpo/x'});
});

test('a corrupt result fails its node with a sentence', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => ({
    progress: [success],
    ending: {how: 'exited', status: 0},
    files: {[output]: '{"schema_version": 1, "kind'},
  }));
  expect((await bench.build()).outcomes.get(output)).toMatchObject({at: 'failed', message: `${output} is no JSON object`});
});

test('a study under a new key begins in an empty folder, and the old one is kept', async () => {
  const bench = studyBench();
  bench.jobs.set(output, writes(bench));
  await bench.build();
  bench.steps[0] = {...bench.steps[0]!, params: {subset: 0.3}};
  const built = await bench.build();
  expect(built.ran).toEqual([output]);
  const kept = built.events.find((event) => event.type === 'node_kept');
  expect(kept).toMatchObject({path: 'outputs/hpo/x'});
  expect(kept?.type === 'node_kept' && bench.disk.readText(`${kept.movedTo}/best_params.json`)).toContain('best_params');
});

test('a row after one that a crash tore is whole', async () => {
  const bench = studyBench();
  bench.jobs.set(output, writes(bench));
  await bench.build();
  const path = 'docs/experiment_results.csv';
  const text = bench.disk.readText(path) ?? '';
  bench.disk.write(path, text.slice(0, -30));
  await bench.build({always: true});
  const {rows: whole, problems} = parseLog(bench.disk.readText(path) ?? '');
  expect(whole.at(-1)).toMatchObject({status: 'success', attempt: 2});
  expect(bench.disk.readText(path)?.startsWith(`${text.slice(0, -30)}\n`)).toBe(true);
  expect(problems.length).toBeLessThanOrEqual(1);
});

test('an engine that died leaves one interrupted row, written by the next build', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => {
    throw new Error('power cut');
  });
  await expect(bench.build()).rejects.toThrow('power cut');
  expect(rows(bench)).toHaveLength(0);
  bench.jobs.set(output, writes(bench));
  await bench.build();
  await bench.build();
  expect(rows(bench).map(({status, attempt}) => `${status} ${String(attempt)}`)).toEqual(['interrupted 1', 'success 2']);
});

test('an attempt whose engine died counts until its last sign of life, not until somebody came back', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => {
    bench.clock.advance(7000);
    bench.disk.write('outputs/hpo/x/hpo.log', 'Trial 1/3\n');
    bench.clock.advance(3_600_000);
    throw new Error('power cut');
  });
  await expect(bench.build()).rejects.toThrow('power cut');
  bench.jobs.set(output, () => {
    bench.clock.advance(4000);
    return writes(bench)();
  });
  await bench.build();
  const found = parseLog(bench.disk.readText('docs/experiment_results.csv') ?? '').rows;
  expect(found.map(({status, duration_seconds}) => [status, duration_seconds])).toEqual([
    ['interrupted', 7],
    ['success', 11],
  ]);
});

test('an attempt that has its row gets no second one when the engine died before the journal heard of its end', async () => {
  const bench = studyBench();
  bench.jobs.set(output, writes(bench));
  await bench.build();
  const journal = bench.disk.readText('.ftsbuild/journal') ?? '';
  bench.disk.write('.ftsbuild/journal', `${journal.trimEnd().split('\n').slice(0, -1).join('\n')}\n`);
  await bench.build();
  await bench.build();
  expect(rows(bench).map(({status, attempt}) => `${status} ${String(attempt)}`)).toEqual(['success 1', 'success 2']);
});

test('what a killed writer left beside a result is removed by the next build, and nothing else', async () => {
  const bench = studyBench();
  bench.jobs.set(output, () => {
    for (const name of ['.ftsbuild-0123456789ab.tmp', '.best_params.json.4711', '.mine', 'notes.1'])
      bench.disk.write(`outputs/hpo/x/${name}`, 'half');
    throw new Error('power cut');
  });
  await expect(bench.build()).rejects.toThrow('power cut');
  bench.jobs.set(output, writes(bench));
  await bench.build();
  expect(bench.disk.list('outputs/hpo/x')).toEqual(['.mine', 'best_params.json', 'notes.1']);
});
