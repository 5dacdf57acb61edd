// The canary: the first study of each budget goes alone, and what becomes of it decides about the others.
import {expect, test} from 'vitest';
import {canaryGroups, forecastCanaries} from '../../src/build/canary.ts';
import {priceOf} from '../../src/build/price.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {projectPath} from '../../src/base/ids.ts';
import {Bench, minimalStudy, type Built, type JobScript, type Step} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';

const span = {file: 'experiments.yaml', offset: 0, length: 0, line: 1, column: 1};
const outputOf = (name: string): string => `outputs/hpo/${name}/best_params.json`;

function study(name: string, budget: string): Step {
  const output = projectPath(`outputs/hpo/${name}`);
  const identity = {experiment: name, phase: 'p', budget, task: 't', horizon: 1, timescale: 'daily', tier: 'a20', data: 'd'};
  const checks = [{expression: 'val_loss < 0.6', severity: 'fail' as const, span}];
  return {
    out: outputOf(name),
    phase: 'p',
    // Else they are one result under several names, paid for once.
    params: {name},
    dims: {budget},
    pool: 'cpu',
    ms: 10,
    job: {output, logFile: projectPath(`${output}/hpo.log`), identity, record: {search: {}, architecture: null}, checks},
  };
}

interface How {
  readonly loss?: number;
  readonly script?: JobScript;
}

function keyOf(bench: Bench, name: string): string {
  const folders = bench.disk.list('.ftsbuild/jobs');
  for (const folder of folders === 'missing' ? [] : folders) {
    const job = JSON.parse(bench.disk.readText(`.ftsbuild/jobs/${folder}/job.json`) ?? '{}') as {key: string; node: string};
    if (job.node === outputOf(name)) return job.key;
  }
  return '';
}

/** Studies `{name}` of `{budget}`, in the order given; each succeeds with a loss of 0.5 unless it is said how it ends. */
function careful(studies: Readonly<Record<string, string>>, how: Readonly<Record<string, How>> = {}): Bench {
  const bench = new Bench(Object.entries(studies).map(([name, budget]) => study(name, budget)));
  bench.study = {
    ...minimalStudy,
    phases: [{name: 'p', title: 'p', dataset: 'd', experiments: Object.keys(studies), canary: 'budget', span}],
  };
  for (const [name, budget] of Object.entries(studies)) {
    bench.jobs.set(outputOf(name), () => how[name]?.script ?? succeeds(bench, name, budget, how[name]?.loss ?? 0.5));
  }
  return bench;
}

function succeeds(bench: Bench, name: string, budget: string, loss: number): JobScript {
  const key = keyOf(bench, name);
  const sample = sampleBestParams(key);
  const identity = {...(sample['identity'] as object), experiment: name, budget};
  return {
    progress: [{event: 'result', status: 'success', reason: null, message: null, val_loss: loss, hyperparameters: {}, param_count: 1}],
    ending: {how: 'exited', status: 0},
    files: {[outputOf(name)]: JSON.stringify({...sample, key, identity, value: loss})},
  };
}

const refusal: JobScript = {
  ending: {how: 'exited', status: 3},
  progress: [{event: 'result', status: 'refused', reason: 'refused', message: '7 positives'}],
};

function short(id: string): string {
  return id.split('/')[2] ?? id;
}

function ended(built: Built): Record<string, string> {
  return Object.fromEntries([...built.outcomes].map(([id, outcome]) => [short(id), outcome.at]));
}

/** Begins and ends, in order. */
function course(built: Built): readonly string[] {
  return built.events.flatMap((event) => {
    if (event.type === 'node_started') return [`+${short(event.node.id)}`];
    return event.type === 'node_ended' ? [`-${short(event.node.id)}`] : [];
  });
}

test('the first study of a budget runs alone for its budget; others are held, and say for what', async () => {
  const built = await careful({a1: 'A', a2: 'A', a3: 'A', b1: 'B'}).build({jobs: 4});
  const order = course(built);
  expect(order.indexOf('-a1')).toBeLessThan(Math.min(order.indexOf('+a2'), order.indexOf('+a3')));
  expect(order.indexOf('+b1')).toBeLessThan(order.indexOf('-a1'));
  const held = built.events.flatMap((event) => (event.type === 'node_held' ? [[short(event.node.id), event.why]] : []));
  const why = `it waits for the canary of its budget, ${outputOf('a1')}`;
  expect(held).toEqual([
    ['a2', why],
    ['a3', why],
  ]);
  expect(ended(built)).toEqual({a1: 'done', a2: 'done', a3: 'done', b1: 'done'});
});

test('without the key, nobody waits', async () => {
  const bench = careful({a1: 'A', a2: 'A'});
  bench.study = minimalStudy;
  const order = course(await bench.build({jobs: 2}));
  expect(order.indexOf('+a2')).toBeLessThan(order.indexOf('-a1'));
});

test('a canary whose check fails blocks its budget, and no other one', async () => {
  const built = await careful({a1: 'A', a2: 'A', b1: 'B', b2: 'B'}, {a1: {loss: 0.9}}).build({jobs: 4});
  expect(ended(built)).toEqual({a1: 'failed', a2: 'blocked', b1: 'done', b2: 'done'});
  expect(built.summary.blocked.map(({node, by}) => `${short(node.id)} by ${short(by.id)}`)).toEqual(['a2 by a1']);
});

test('a canary that is refused has spent nothing: the next study of its budget is the canary', async () => {
  const built = await careful({a1: 'A', a2: 'A', a3: 'A'}, {a1: {script: refusal}}).build({jobs: 4});
  const order = course(built);
  expect(order.indexOf('-a2')).toBeLessThan(order.indexOf('+a3'));
  expect(ended(built)).toEqual({a1: 'failed', a2: 'done', a3: 'done'});
});

test('when every study of a budget is refused, nothing hangs', async () => {
  const built = await careful({a1: 'A', a2: 'A'}, {a1: {script: refusal}, a2: {script: refusal}}).build({jobs: 4});
  expect(ended(built)).toEqual({a1: 'failed', a2: 'failed'});
});

test('a fresh canary holds nobody', async () => {
  const bench = careful({a1: 'A', a2: 'A', a3: 'A'});
  await bench.build({targets: [outputOf('a1')]});
  const built = await bench.build({jobs: 4});
  expect(built.events.filter(({type}) => type === 'node_held')).toEqual([]);
  const order = course(built);
  expect(order.indexOf('+a3')).toBeLessThan(order.indexOf('-a2'));
});

test('of a selection, its first study is the canary', async () => {
  const built = await careful({a1: 'A', a2: 'A', a3: 'A'}).build({targets: [outputOf('a2'), outputOf('a3')], jobs: 4});
  expect(course(built)).toEqual(['+a2', '-a2', '+a3', '-a3']);
});

test('the plan and its clock time know of the canary', () => {
  const bench = careful({a1: 'A', a2: 'A', a3: 'A'});
  const session = bench.session();
  const order = session.graph.nodes;
  const forecasts = forecast(session, order);
  const price = priceOf({session, order, forecasts, jobs: 2});
  expect([...price.waits].map(([id, by]) => `${short(id)} after ${short(by.id)}`)).toEqual(['a2 after a1', 'a3 after a1']);
  // One alone, then two beside each other on two slots.
  expect(price.parallel.ms).toBe(20);
  const {
    graph,
    study: {phases},
  } = session;
  const refused = new Map(forecasts).set(order[0]!.id, {...forecasts.get(order[0]!.id)!, will: 'be_refused'} as never);
  expect([...forecastCanaries(canaryGroups(phases, graph, order), refused).values()].map(({id}) => short(id))).toEqual(['a2', 'a2']);
});
