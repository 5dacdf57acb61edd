// What is installed in the Python environment makes stale what rests on it, and nothing else: told by its files, without Python.
import {beforeEach, expect, test} from 'vitest';
import {explain} from '../../src/commands/why.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {describeChange} from '../../src/ui/changes.ts';
import {describeReason} from '../../src/ui/reasons.ts';
import {changed} from '../support/command-line.ts';
import {StudyBench} from '../support/study-bench.ts';

const text = `version: 1
python: {interpreter: /opt/python}
data:
  prices: {builder: {source: arch.sp500, tiers: [a20]}}
budgets: {2M: {params: 2M}}
tasks:
  up1: {kind: threshold, pct: 1}
phases:
  one:
    matrix: {budget: [2M], task: [up1], horizon: [1]}
    tier: a20
    hpo: {trials: 50, search: {architecture: {d_model: [128, 192, 256], n_layers: [2, 4, 6, 8], n_heads: [8], ff_ratio: [2, 4]}}}
`;
const environment = 'environment /opt/python';
const search = 'hpo one_2M_h1_up1';
const training = 'training one_2M_h1_up1 seed 42';
const packages = {torch: '2.14.0', optuna: '5.0.0', numpy: '2.4.6', pandas: '3.1.1', pyarrow: '26.0.1', TA_Lib: '0.8.2', arch: '8.0.0'};
let disk: MemoryDisk;
let bench: StudyBench;

beforeEach(async () => {
  await begin(text);
});

async function begin(study: string, record = {executable: '/opt/python', folders: ['/opt/own', '/opt/lib']}): Promise<void> {
  const clock = handClock();
  disk = memoryDisk({'/opt/python': 'ELF'}, clock);
  bench = new StudyBench({disk, clock, packageRoot: '/package'}, 'experiments.yaml');
  disk.write('experiments.yaml', study);
  for (const [name, version] of Object.entries(packages)) install(name, version);
  const python = '3.11';
  bench.environment = {
    ...{places: record, packages},
    training: {python, torch: '2.14', optuna: '5.0', numpy: '2.4'},
    data: {python, numpy: '2.4', pandas: '3.1', 'ta-lib': '0.8', arch: '8.0'},
  };
  await bench.build();
}

function install(name: string, version: string, folder = '/opt/lib'): void {
  disk.write(
    `${folder}/${name}-${version}.dist-info/METADATA`,
    `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n\nVersion: 0\n`,
  );
}

function replace(name: keyof typeof packages, version: string): void {
  disk.remove(`/opt/lib/${name}-${packages[name]}.dist-info`);
  install(name, version);
}

function stale(): Record<string, string> {
  return Object.fromEntries([...bench.stale()].map(([label, {will}]) => [label, will]));
}

function why(label: string): readonly string[] {
  const session = bench.session();
  const node = session.graph.nodes.find((candidate) => candidate.label === label);
  if (node === undefined) throw new Error(`there is no ${label}`);
  return explain(session, [node], false).flatMap(({changes}) => changes.map(describeChange));
}

test("an environment as it was is fresh; a package that nobody's numbers depend on leaves everything fresh", () => {
  expect(stale()).toEqual({});
  install('ipython', '9.9.0');
  expect(stale()).toEqual({});
});

test('another torch makes searches stale and not the data, and is named with both versions', () => {
  replace('torch', '2.15.0');
  expect(stale()).toMatchObject({[environment]: 'run', [search]: 'run', [training]: 'run'});
  expect(stale()).not.toHaveProperty('data prices');
  expect(why(environment)).toEqual(['environment: torch 2.14.0 -> 2.15.0']);
  expect(why(search)).toEqual(['environment: torch 2.14 -> 2.15']);
});

test('so does one that only its metadata tells, and one that comes first on the import path', () => {
  disk.write('/opt/lib/torch-2.14.0.dist-info/METADATA', 'Name: torch\nVersion: 2.16.0\n');
  expect(why(environment)).toEqual(['environment: torch 2.14.0 -> 2.16.0']);
  install('torch', '2.13.1', '/opt/own');
  expect(why(environment)).toEqual(['environment: torch 2.14.0 -> 2.13.1']);
});

test('another pandas makes the data stale; the search waits for what comes out', () => {
  replace('pandas', '3.2.0');
  expect(stale()).toMatchObject({[environment]: 'run', 'data prices': 'run', [search]: 'follow'});
});

test('a patch release is looked at, and nothing that rests on it is stale', () => {
  replace('torch', '2.14.1');
  const [[label, entry] = [], ...rest] = bench.stale();
  expect([label, entry?.verdict.is === 'stale' && describeReason(entry.verdict.reason)]).toEqual([
    environment,
    'environment: torch 2.14.0 -> 2.14.1',
  ]);
  expect(rest.map(([name, {will}]) => [name, will])).toEqual([['report docs/experiment_results.md', 'follow']]);
});

test('another build of a package, as `+cpu` says it, makes no result stale', () => {
  replace('torch', '2.14.0+cpu');
  expect([...bench.stale().keys()]).toEqual([environment, 'report docs/experiment_results.md']);
});

test('a package that is gone leaves open what rests on the environment, and so does another Python behind the path', () => {
  disk.remove(`/opt/lib/optuna-${packages.optuna}.dist-info`);
  expect(stale()).toMatchObject({[environment]: 'run', [search]: 'follow'});
  install('optuna', packages.optuna);
  expect(stale()).toEqual({});
  disk.write('/opt/python', 'another ELF');
  expect(stale()).toMatchObject({[environment]: 'run', [search]: 'follow'});
  expect(why(environment)).toEqual(['interpreter file changed']);
});

test('a package of a venv that is not as locked will be put back, so nothing else is stale', async () => {
  await begin(changed(text, 'python: {interpreter: /opt/python}', 'python: {venv: .venv}'));
  const pins = Object.entries(packages).map(([name, version]) => `${name.toLowerCase().replace('_', '-')}==${version}\n`);
  disk.write('requirements.lock', `${pins.join('')}numpy==2.5.5 ; python_full_version >= '3.12'\n`);
  replace('torch', '2.15.0');
  expect(stale()).toEqual({'environment .venv': 'run', 'report docs/experiment_results.md': 'follow'});
  disk.write('/opt/lib/torch-2.15.0.dist-info/METADATA', 'Name: torch\nVersion: 2.16.0\n');
  expect(stale()).toMatchObject({'environment .venv': 'run', [search]: 'follow'});
  replace('torch', '2.15.0');
  disk.write('requirements.lock', 'torch==2.14.0\n');
  expect(stale()).toMatchObject({'environment .venv': 'run', [search]: 'follow'});
});

test('the record of an earlier version, which does not say where Python looks, is made anew', async () => {
  const {places: _places, ...earlier} = bench.environment;
  const record = '.ftsbuild/interpreter.json';
  const now = disk.readText(record) ?? '';
  disk.write(record, JSON.stringify(earlier));
  expect(stale()).toMatchObject({[environment]: 'run'});
  await bench.build();
  expect(disk.readText(record)).toBe(now);
  expect(stale()).toEqual({});
});
