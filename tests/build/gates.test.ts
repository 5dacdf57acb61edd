// Gates before spending: every reason at once, over the whole plan, and nothing is spent or recorded where one is shut.
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import type {PythonChecks} from '../../src/build/input-gates.ts';
import {failuresByNode, findEarlyFailures, findLateFailures} from '../../src/build/plan-gates.ts';
import {findResourceFailures} from '../../src/build/resource-gates.ts';
import type {Session} from '../../src/build/session.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {leastTrainingBytes, trainingBytes} from '../../src/config/memory.ts';
import type {GateSettings, Study} from '../../src/config/study.ts';
import {parseSize} from '../../src/base/units.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import type {Resources} from '../../src/host/resources.ts';
import {exitCodeOf} from '../../src/commands/exit-codes.ts';
import {Bench, type Step} from '../support/bench.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';
import {StudyBench} from '../support/study-bench.ts';

const plenty: Resources = {freeDisk: () => 1e15, freeMemory: () => 1e15, hasDevice: () => true};
const goodPython: PythonChecks = {checkSyntax: () => Promise.resolve([]), findMissingModules: () => Promise.resolve([])};

function quickstart(): StudyBench {
  const clock = handClock();
  // An environment that is there needs no room.
  const disk = memoryDisk({'.venv/lib/python3.13/site-packages/six.py': '', '.venv/ftsbuild-made.json': '{}'}, clock);
  return new StudyBench({disk, clock, packageRoot: '/package'}, 'configs/quickstart.yaml');
}

function withGates(session: Session, gates: Partial<GateSettings>): Session {
  const {safety} = session.study;
  return {...session, study: {...session.study, safety: {...safety, gates: {...safety.gates, ...gates}}} satisfies Study};
}

function early(session: Session, resources: Partial<Resources> = {}): readonly string[] {
  const {nodes} = session.graph;
  return findEarlyFailures(session, nodes, forecast(session, nodes), {...plenty, ...resources}).map(({diagnostic}) => diagnostic.message);
}

async function late(session: Session, python: Partial<PythonChecks> = {}): Promise<readonly string[]> {
  const {nodes} = session.graph;
  const site = {resources: plenty, python: {...goodPython, ...python}};
  return (await findLateFailures(session, {open: nodes, forecasts: forecast(session, nodes)}, site)).map(
    ({diagnostic}) => diagnostic.message,
  );
}

/** Everything that the gates look at is there, and nothing has been spent. */
async function prepared(change: (bench: StudyBench) => void = () => undefined): Promise<StudyBench> {
  const bench = quickstart();
  change(bench);
  await bench.build();
  const {disk} = bench.site;
  for (const folder of [
    'outputs/quickstart/outputs/hpo',
    'outputs/quickstart/outputs/training',
    'outputs/quickstart/hpo',
    'outputs/quickstart/training',
  ])
    disk.remove(folder);
  return bench;
}

test('a machine with everything refuses nothing', async () => {
  expect(early(quickstart().session())).toEqual([]);
  expect(await late((await prepared()).session())).toEqual([]);
});

test('all that is short is said at once', () => {
  const session = quickstart().session();
  const found = early(session, {freeDisk: () => 1e6, freeMemory: () => 1e6});
  expect(found.filter((text) => text.includes('on the disk'))).toHaveLength(1);
  expect(found.filter((text) => text.includes('of memory, and 1')).length).toBeGreaterThan(4);
});

test('the checkpoints of the plan need room as well', () => {
  const session = withGates(quickstart().session(), {diskBytes: 1e9});
  // 12 trainings of two seeds: 24 of 6K to 160K parameters, 20 bytes each.
  const checkpoints = 20 * 6 * (6000 + 18_000 + 54_000 + 160_000);
  expect(early(session, {freeDisk: () => 1e9 + checkpoints})).toEqual([]);
  expect(early(session, {freeDisk: () => 1e9 + checkpoints - 1})).toHaveLength(1);
});

test('so do the copies of what is restored from another experiment', () => {
  const session = withGates(quickstart().session(), {diskBytes: 1e9});
  const jobs = session.graph.nodes.flatMap((node) =>
    node.rule === 'training' && node.work.kind === 'job' ? [{node, work: node.work.job}] : [],
  );
  const [first, second] = jobs;
  if (first === undefined || second === undefined) throw new Error('the quickstart has trainings');
  const sizeOf = ({work}: typeof first): number => Number(work.record['budget.params']);
  const needed = 1e9 + 20 * sizeOf(first) + 4 * sizeOf(second);
  const found = (free: number): number => findResourceFailures(session, [first], {...plenty, freeDisk: () => free}, [second.work]).length;
  expect([found(needed), found(needed - 1)]).toEqual([0, 1]);
});

test('a study is refused only where nothing of its grid fits', () => {
  const session = quickstart().session();
  const needs = session.graph.nodes.flatMap(({rule, work}) =>
    rule === 'hpo' && work.kind === 'job' ? [leastTrainingBytes(work.job.record) ?? 0] : [],
  );
  const largest = Math.max(...needs);
  expect(early(session, {freeMemory: () => largest})).toEqual([]);
  const short = early(session, {freeMemory: () => largest - 1});
  expect(short).toHaveLength(2);
  expect(short[0]).toMatch(/^hpo quickstart_160K_.*even its smallest configuration needs about/);
});

test('`gates.memory` may be a size, or none', () => {
  const session = quickstart().session();
  expect(early(withGates(session, {memory: 4e9}), {freeMemory: () => 3e9})).toHaveLength(1);
  expect(early(withGates(session, {memory: 4e9}), {freeMemory: () => 4e9})).toEqual([]);
  expect(early(withGates(session, {memory: 'none'}), {freeMemory: () => 1})).toEqual([]);
});

test('a device that is asked for and not there is refused once, with how many ask for it', () => {
  const bench = quickstart();
  bench.edit('configs/quickstart.yaml', 'device: cpu', 'device: cuda');
  const found = early(bench.session(), {hasDevice: () => false});
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(/ and 31 more: `device: cuda` is asked for, and this machine has none$/);
  expect(early(bench.session())).toEqual([]);
});

test('a fresh study spends nothing, and no gate is asked', async () => {
  const bench = quickstart();
  await bench.build();
  expect(early(bench.session(), {freeDisk: () => 0, freeMemory: () => 0})).toEqual([]);
});

test('a data file that somebody must provide and did not is named', () => {
  const bench = quickstart();
  bench.edit('configs/quickstart.yaml', 'builder: {source: arch.sp500, tiers: [a20]}', 'path: data/prices.parquet');
  expect(early(bench.session())).toEqual(['data sp500: data/prices.parquet is missing']);
});

test('columns and missing values are known from the manifest, before anything runs', async () => {
  const bench = await prepared();
  const session = bench.session();
  const manifest = session.study.paths.manifest;
  const text = bench.site.disk.readText(manifest) ?? '';
  const feature = /"(rsi_\w+|[a-z]+_\d+)": \{/.exec(text)?.[1] ?? '';
  expect(feature).not.toBe('');
  bench.site.disk.write(manifest, text.replace(new RegExp(`("${feature}": \\{[^}]*"nan": )0`), '$17'));
  expect((await late(bench.session())).join()).toContain(`values are missing (empty, NaN or infinite) in ${feature}`);
  bench.site.disk.write(manifest, text.replace(`"${feature}"`, '"another"'));
  expect((await late(bench.session())).join()).toContain(`it lacks ${feature}`);
});

test('a script that does not compile and a module that is not there are told before the first study', async () => {
  const session = (await prepared()).session();
  const asked: string[] = [];
  const found = await late(session, {
    findMissingModules: (names) => {
      asked.push(...names);
      return Promise.resolve(['optuna']);
    },
  });
  expect(asked).toEqual(expect.arrayContaining(['torch', 'optuna', 'numpy', 'pathlib']));
  expect(asked).not.toContain('fts');
  expect(found).toEqual(['the scripts import optuna, and the Python environment has no such module']);
});

test('a module of the package that is gone is told by name', async () => {
  const bench = await prepared();
  bench.site.disk.remove('/package/fts/memory.py');
  expect(await late(bench.session())).toEqual(['the scripts import fts.memory, and the Python environment has no such module']);
});

test('`code` puts modules into the keys of searches and trainings; one that is nowhere is told by its place', async () => {
  const bench = await prepared((made) => {
    made.edit('configs/quickstart.yaml', '    tier: a20\n', '    tier: a20\n    code: [fts.memory, helpers.labels, nowhere]\n');
    made.site.disk.write('helpers/labels.py', 'A = 1\n');
    made.site.disk.write('helpers/__init__.py', '');
  });
  const session = bench.session();
  expect(await late(session)).toEqual(['`code` names nowhere, and neither the package nor the workspace has it']);
  const jobs = session.graph.nodes.filter(({rule}) => rule === 'hpo' || rule === 'training');
  const namesOf = (node: (typeof jobs)[number]): readonly string[] => session.world.listModules(node.code).map(({name}) => name);
  for (const node of jobs) expect(namesOf(node)).toEqual(expect.arrayContaining(['helpers/__init__.py', 'helpers/labels.py']));
});

const spending: readonly Step[] = [
  {out: 'data.parquet'},
  {out: 'hpo', in: ['data.parquet'], pool: 'cpu', job: {output: projectPath('outputs/hpo/x')}},
  {out: 'training', in: ['data.parquet'], pool: 'cpu', job: {rule: 'training', output: projectPath('outputs/training/x')}},
  {out: 'after', in: ['hpo']},
];

test('gates are asked once, when all that makes the inputs is there; one that is shut refuses everything that spends', async () => {
  const bench = new Bench(spending);
  let asked = 0;
  const findGateFailures = (open: readonly {id: string}[]) => {
    asked++;
    expect(bench.disk.readText('data.parquet')).toBeDefined();
    expect(open.map(({id}) => id)).toEqual(['hpo', 'training', 'after']);
    return Promise.resolve(
      failuresByNode([
        {node: bench.session().graph.nodes[1]!, diagnostic: {code: 'FTS601', severity: 'error', message: 'no room', help: 'Make room.'}},
      ]),
    );
  };
  const built = await bench.build({findGateFailures});
  expect(asked).toBe(1);
  expect(built.ran).toEqual(['data.parquet']);
  expect(built.outcomes.get('hpo')).toMatchObject({at: 'failed', status: 'refused', reason: 'gate', message: 'no room. Make room.'});
  expect(built.outcomes.get('training')).toMatchObject({at: 'blocked'});
  expect(built.outcomes.get('after')).toMatchObject({at: 'blocked'});
  expect(exitCodeOf(built.summary)).toBe(3);
  expect(bench.disk.readText('docs/experiment_results.csv')).toBeUndefined();
  // Nothing is recorded of it: the next start finds another machine.
  expect(bench.plan()['hpo']).toBe('run');
});

test('memory that is gone when a job is to start refuses that job, and is not remembered', async () => {
  const record = {...bigRecord, batch_size: 64};
  const step: Step = {out: 'outputs/hpo/x/best_params.json', pool: 'cpu', job: {record, output: projectPath('outputs/hpo/x')}};
  const bench = new Bench([step]);
  const built = await bench.build({resources: {...plenty, freeMemory: () => 1e6, hasDevice: () => false}});
  expect(built.outcomes.get(step.out)).toMatchObject({status: 'refused', reason: 'gate'});
  expect(bench.disk.readText('docs/experiment_results.csv')).toBeUndefined();
  expect(bench.plan()[step.out]).toBe('run');
});

const bigRecord = {
  ...{device: 'auto', precision: 'float32', features: ['a', 'b'], context: 60, 'patch.length': 10, 'patch.stride': 5},
  ...{d_model: 64, n_layers: 2, n_heads: 2, ff_ratio: 2},
};

test('the estimate is that of the Python package', () => {
  const answers = JSON.parse(readFileSync(`${repositoryRoot}/python/tests/memory-answers.json`, 'utf8')) as Record<string, number>[];
  expect(answers.length).toBeGreaterThan(5);
  for (const {d_model, n_layers, ff_ratio, batch_size, features, context, patch_length, patch_stride, bytes, ...rest} of answers) {
    const valueBytes = (rest as Record<string, unknown>)['precision'] === 'bfloat16' ? 2 : 4;
    const model = {dModel: d_model!, nLayers: n_layers!, ffRatio: ff_ratio!, batchSize: batch_size!};
    const input = {features: features!, context: context!, patchLength: patch_length!, patchStride: patch_stride!};
    expect(Math.round(trainingBytes({...model, ...input, valueBytes}))).toBe(bytes);
  }
});

test('the smallest of a grid is what fits the budget, with the smallest batch', () => {
  const record = {
    ...bigRecord,
    architecture: {d_model: [8, 64], n_layers: [2], n_heads: [2], ff_ratio: [2]},
    search: {batch_size: {kind: 'choice', choices: [128, 32]}},
    'budget.params': 80_000,
    'budget.tolerance': 0.25,
  };
  const {d_model: _d, n_layers: _l, ff_ratio: _f, ...searched} = record;
  const model = {dModel: 64, nLayers: 2, ffRatio: 2, features: 2, context: 60, patchLength: 10, patchStride: 5, valueBytes: 4} as const;
  expect(leastTrainingBytes(searched)).toBe(trainingBytes({...model, batchSize: 32}));
  expect(leastTrainingBytes({...bigRecord})).toBeUndefined();
  expect(parseSize('1GB')).toBe(1e9);
});
