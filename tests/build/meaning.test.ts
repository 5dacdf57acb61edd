// Meaning, not bytes: over a real study with the real Python package, which edits make what stale.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {beforeEach, expect, test} from 'vitest';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {meaningOf} from '../../src/state/python-source.ts';
import {StudyBench} from '../support/study-bench.ts';

const file = 'configs/quickstart.yaml';
const model = 'fts/model.py';
let disk: MemoryDisk;
let bench: StudyBench;

beforeEach(async () => {
  const clock = handClock();
  disk = memoryDisk({}, clock);
  bench = new StudyBench({disk, clock, packageRoot: '/package'}, file);
  await bench.build();
});

/** How many of each rule would run or follow. */
function staleRules(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of bench.stale().keys()) counts[label.split(' ')[0] ?? ''] = (counts[label.split(' ')[0] ?? ''] ?? 0) + 1;
  return counts;
}

const everything = {hpo: 8, borrow: 4, training: 24, report: 1};

test('a study that was built is fresh', () => {
  expect(staleRules()).toEqual({});
});

const harmless: readonly (readonly [what: string, edit: () => void])[] = [
  ['a comment in Python', () => bench.editPackage(model, 'import math\n', '# As in the paper.\nimport math  # for sqrt\n')],
  ['a docstring in Python', () => bench.editPackage(model, 'A window of bars in', 'Some bars in')],
  ['white space in Python', () => bench.editPackage(model, 'width = architecture.d_model\n', 'width  =  architecture . d_model   \n')],
  [
    'line breaks in Python',
    () => bench.editPackage(model, 'return logits.squeeze(1)', 'return logits.squeeze(\n            1\n        )\n\n'),
  ],
  ['a comment in a template', () => editTemplate('hpo.py.hbs', '{{!--\n', '{{!--\nA line more.\n')],
  ['a short comment in a template', () => editTemplate('train.py.hbs', '"""\n\nimport sys', '"""{{! why sys? }}\n\nimport sys')],
  ['touched sources', () => ['/package/fts/model.py', file, '.venv/ftsbuild.json'].forEach((path) => disk.touch(path))],
  ['a module that no script imports', () => disk.write('/package/fts/plots.py', 'import fts.model\nA = 1\n')],
  ['pools', () => bench.edit(file, 'project: quickstart\n', 'project: quickstart\nresources: {cpu: 1}\n')],
  [
    'a comment and another order of keys in the YAML',
    () => bench.edit(file, '    horizon: 5\n    tier: a20\n', '    tier: a20 # twenty\n    horizon: 5\n'),
  ],
];

test.each(harmless)('%s makes nothing stale', (_, edit) => {
  edit();
  expect(staleRules()).toEqual({});
});

test('another number of processors, which decides how many jobs run, makes nothing stale', () => {
  expect(bench.stale({...bench.site, cores: 64}).size).toBe(0);
});

test('a clone elsewhere is as fresh, on another disk, with the package at another place', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-clone-'));
  try {
    const clone = workspaceDisk(join(folder, 'study'));
    for (const [path, text] of Object.entries(disk.texts())) clone.write(path.replace(/^\/package/, join(folder, 'program')), text);
    expect(bench.stale({...bench.site, disk: clone, packageRoot: join(folder, 'program')}).size).toBe(0);
  } finally {
    rmSync(folder, {recursive: true});
  }
});

test('a new indicator column in the data reruns nothing that does not read it', async () => {
  bench.extraColumns.push('new_indicator');
  bench.edit(file, 'tiers: [a20]', 'tiers: [a20, a100]');
  expect((await bench.build()).map(({node}) => node.rule)).toEqual(['data']);
  expect(staleRules()).toEqual({});
});

test.each([
  ['a default value', () => bench.editPackage('fts/architecture.py', 'SPARE_POSITIONS = ', 'SPARE_POSITIONS = 1 + ')],
  ['an operator', () => bench.editPackage(model, 'math.sqrt(2 * n_layers)', 'math.sqrt(2 + n_layers)')],
  ['a constant', () => bench.editPackage(model, 'std=0.02', 'std=0.03')],
  ['a text that is no docstring', () => bench.editPackage(model, '"attention_out.weight"', '"attention_in.weight"')],
])('%s in a module that the scripts reach over other modules makes all searches and trainings stale', (_, edit) => {
  edit();
  expect(staleRules()).toEqual(everything);
});

test('an edit that the committed table knows to move no bit makes nothing stale, and one after it everything', () => {
  const digestOfModel = (): string => meaningOf(disk.readText(`/package/${model}`) ?? '').digest;
  const before = digestOfModel();
  bench.editPackage(model, 'math.sqrt(2 * n_layers)', 'math.sqrt(n_layers * 2)');
  disk.write('/package/fts/same_results.json', JSON.stringify({rows: [{now: {[model]: digestOfModel()}, counts_as: {[model]: before}}]}));
  expect(staleRules()).toEqual({});
  bench.editPackage(model, 'math.sqrt(n_layers * 2)', 'math.sqrt(n_layers * 3)');
  expect(staleRules()).toEqual(everything);
});

test('code that only trainings run makes no search stale', () => {
  bench.editPackage('fts/training_script.py', '\nfrom ', '\nMORE = 1\nfrom ');
  expect(staleRules()).toEqual({training: 24, report: 1});
});

test('what a template renders makes its scripts stale, and what those decide', () => {
  editTemplate('hpo.py.hbs', 'sys.exit(run_study(', 'print("Hello.")\n    sys.exit(run_study(');
  expect(staleRules()).toMatchObject({script: 8, hpo: 8});
  expect(staleRules()['training']).toBeGreaterThan(0);
});

test('white space outside of comments in a template counts, since it is rendered', () => {
  editTemplate('hpo.py.hbs', '"""\n\nimport sys', '"""\n\n\nimport sys');
  expect(staleRules()).toMatchObject({script: 8});
});

test('a changed column makes stale what reads it', () => {
  bench.columns.set('Close', '2');
  bench.writeData(bench.session(), dataPath());
  expect(staleRules()).toMatchObject({hpo: 8, training: 24});
});

test('a changed parameter makes stale what takes it', () => {
  bench.edit(file, '      epochs: 5\n', '      epochs: 6\n');
  expect(staleRules()).toEqual({script: 12, training: 24, report: 1});
});

function dataPath(): string {
  return bench.session().study.data[0]!.path;
}

function editTemplate(name: string, from: string, to: string): void {
  const text = bench.templates.get(name) ?? '';
  if (!text.includes(from)) throw new Error(`${name} holds no ${JSON.stringify(from)}`);
  bench.templates.set(
    name,
    text.replace(from, () => to),
  );
}
