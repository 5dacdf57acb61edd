// The repository's studies as graphs: their counts, what a prefix of the real one needs, and which results are one and the same.
import {expect, test} from 'vitest';
import type {NodeId} from '../../src/base/ids.ts';
import type {Graph} from '../../src/graph/graph.ts';
import type {Node} from '../../src/graph/node.ts';
import {neededFor} from '../../src/graph/order.ts';
import {selectNodes} from '../../src/graph/select.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {keyOf, manifestOf} from '../../src/state/manifest.ts';
import {openWorld, type World} from '../../src/state/world.ts';
import {nodeOf, performed, repositoryStudy} from '../support/studies.ts';

const real = repositoryStudy('experiments.yaml');

function countOf(graph: Graph, phase: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const node of graph.nodes) if (node.phase === phase) counts[node.rule] = (counts[node.rule] ?? 0) + 1;
  return counts;
}

function chosen(graph: Graph, target: string): readonly Node[] {
  const selected = selectNodes(graph, {targets: [target], only: [], except: []});
  if (!selected.ok) throw new Error(selected.error.map(({message}) => message).join('; '));
  return selected.value;
}

function labelsOf(nodes: readonly Node[]): readonly string[] {
  return nodes.map(({label}) => label);
}

test('phase 6A has 36 studies, 12 borrows and 48 trainings a seed', () => {
  expect(countOf(real.graph, 'phase6a')).toEqual({hpo: 36, borrow: 12, training: 3 * 48, script: 36 + 48 + 1});
  for (const seed of [42, 43, 44])
    expect(real.graph.nodes.filter(({phase, id}) => phase === 'phase6a' && id.endsWith(`/seed${seed}/metrics.json`))).toHaveLength(48);
});

test('feature scaling has 4 studies and 4 trainings a seed', () => {
  expect(countOf(real.graph, 'feature_scaling')).toEqual({hpo: 4, training: 3 * 4, script: 4 + 4 + 1});
});

test('beside its phases a study has an environment, its data and a report, which comes last', () => {
  const others = real.graph.nodes.filter(({phase}) => phase === undefined);
  expect(labelsOf(others)).toEqual(['environment .venv', 'data sp500', 'report docs/experiment_results.md']);
  expect(neededFor(real.graph, real.graph.nodes).at(-1)?.rule).toBe('report');
  expect(neededFor(real.graph, real.graph.nodes)).toHaveLength(real.graph.nodes.length);
});

test('a prefix selects exactly its studies and borrows, and brings what they need', () => {
  const wanted = chosen(real.graph, 'outputs/hpo/phase6a_2M_h1');
  expect(labelsOf(wanted)).toEqual([
    'hpo phase6a_2M_h1_threshold_1pct',
    'borrow phase6a_2M_h1_threshold_2pct',
    'hpo phase6a_2M_h1_threshold_3pct',
    'hpo phase6a_2M_h1_threshold_5pct',
  ]);
  expect(labelsOf(neededFor(real.graph, wanted)).toSorted()).toEqual(
    [
      'environment .venv',
      'data sp500',
      ...['1pct', '3pct', '5pct'].map((task) => `script experiments/phase6a/hpo_2M_h1_threshold_${task}.py`),
      ...labelsOf(wanted),
    ].toSorted(),
  );
});

test('a borrow brings the studies it borrows from', () => {
  const needed = neededFor(real.graph, chosen(real.graph, 'outputs/hpo/phase6a_20M_h5_threshold_2pct'));
  expect(labelsOf(needed).filter((label) => label.startsWith('hpo '))).toEqual([
    'hpo phase6a_20M_h5_threshold_1pct',
    'hpo phase6a_20M_h5_threshold_3pct',
  ]);
});

test('no two nodes write one file, and everything written lies inside the workspace', () => {
  const outputs = real.graph.nodes.flatMap((node) => node.outputs.map(({path}) => path as string));
  expect(new Set(outputs).size).toBe(outputs.length);
  expect(outputs.filter((path) => path.startsWith('/') || path.split('/').includes('..'))).toEqual([]);
});

test('each study and training takes a slot of the accelerator, the data step one of the CPU', () => {
  const pools = new Map(real.graph.nodes.map(({rule, cost}) => [rule, cost.pool]));
  expect(Object.fromEntries(pools)).toEqual({
    environment: undefined,
    data: 'cpu',
    script: undefined,
    hpo: 'accelerator',
    borrow: undefined,
    training: 'accelerator',
    report: undefined,
  });
  expect(repositoryStudy('configs/quickstart.yaml').graph.nodes.find(({rule}) => rule === 'hpo')?.cost.pool).toBe('cpu');
});

test('the plan knows the cost of every study and training from the file', () => {
  const unknown = real.graph.nodes.filter(({cost}) => cost.estimateMs === undefined);
  expect(labelsOf(unknown)).toEqual([]);
  expect(nodeOf(real, 'outputs/hpo/phase6a_2M_h1_threshold_1pct/best_params.json').cost.estimateMs).toBe(50 * 26_000);
});

test('the smoke profile is 3 studies, a borrow and 4 trainings, with outputs of its own', () => {
  const {graph} = repositoryStudy('experiments.yaml', 'smoke');
  expect(countOf(graph, 'phase6a')).toEqual({hpo: 3, borrow: 1, training: 4, script: 3 + 4 + 1});
  expect(countOf(graph, 'feature_scaling')).toEqual({});
  const apart = graph.nodes.flatMap(({outputs}) => outputs).filter(({path}) => !path.startsWith('outputs/smoke/'));
  expect(apart.map(({path}) => path)).toEqual(['.venv/ftsbuild.json']);
});

test('the quickstart is 8 studies, 4 borrows and 24 trainings', () => {
  const {graph} = repositoryStudy('configs/quickstart.yaml');
  expect(countOf(graph, 'quickstart')).toEqual({hpo: 8, borrow: 4, training: 24, script: 8 + 12 + 1});
});

// What the point of one phase and that of the other have on disk once their scripts, data and environment are made.
async function worldWith(paths: readonly string[], extra: Readonly<Record<string, string>> = {}): Promise<World> {
  const scripts = await Promise.all(paths.map((path) => performed(nodeOf(real, path))));
  const columns = Object.fromEntries(
    ['Date', 'Open', 'High', 'Low', 'Close', 'Volume', ...featureNames()].map((name) => [name, {sha256: name}]),
  );
  const clock = handClock();
  const made = scripts.flatMap((files) => Object.entries(files));
  const disk = memoryDisk({...Object.fromEntries(made), 'data/processed/v1/sp500.parquet': 'bytes', ...extra}, clock);
  const digests = openDigests(disk, clock, '.ftsbuild/digests');
  const sha256 = digests.digestOf('data/processed/v1/sp500.parquet');
  const entry = {path: 'data/processed/v1/sp500.parquet', md5: 'm', sha256, rows: 4779, columns};
  disk.write('data/manifest.json', JSON.stringify({files: [entry]}));
  disk.write('.venv/ftsbuild.json', '{"training": {"python": "3.11", "torch": "2.9"}}');
  return openWorld({disk, digests, packageRoot: '/package', dataManifest: 'data/manifest.json'});
}

function featureNames(): readonly string[] {
  return real.study.experiments.flatMap(({training}) => {
    const features = training.record.get('features')?.value;
    return Array.isArray(features) ? features.map(String) : [];
  });
}

const onePoint = [
  {phase: 'phase6a', shortName: '2M_h1_threshold_1pct'},
  {phase: 'feature_scaling', shortName: '2M_h1_threshold_1pct_a20'},
] as const;

test('the a20 study of feature scaling has the key of the same study in phase 6A', async () => {
  const world = await worldWith(onePoint.map(({phase, shortName}) => `experiments/${phase}/hpo_${shortName}.py`));
  const keys = onePoint.map(({phase, shortName}) => {
    const manifest = manifestOf(nodeOf(real, `outputs/hpo/${phase}_${shortName}/best_params.json`), world);
    expect(manifest.filter(([, value]) => value === 'missing')).toEqual([]);
    return keyOf(manifest);
  });
  expect(keys[0]).toBe(keys[1]);
});

test('its trainings have the keys of the same trainings, once their studies found the same', async () => {
  const best = Object.fromEntries(
    onePoint.map(({phase, shortName}) => [`outputs/hpo/${phase}_${shortName}/best_params.json`, '{"params": {"d_model": 64}}']),
  );
  const world = await worldWith(
    onePoint.map(({phase, shortName}) => `experiments/${phase}/train_${shortName}.py`),
    best,
  );
  const keys = onePoint.map(({phase, shortName}) =>
    keyOf(manifestOf(nodeOf(real, `outputs/training/${phase}_${shortName}/seed43/metrics.json`), world)),
  );
  expect(keys[0]).toBe(keys[1]);
});

test('no two other searches or trainings have one key', async () => {
  const jobs = real.graph.nodes.filter(({rule}) => rule === 'hpo');
  const world = await worldWith(jobs.map(({inputs}) => inputs[0]?.path ?? ''));
  const byKey = new Map<string, NodeId[]>();
  for (const node of jobs) {
    const key = keyOf(manifestOf(node, world));
    byKey.set(key, [...(byKey.get(key) ?? []), node.id]);
  }
  expect([...byKey.values()].filter((ids) => ids.length > 1)).toEqual([
    onePoint.map(({phase, shortName}) => `outputs/hpo/${phase}_${shortName}/best_params.json`),
  ]);
});
