// Rendered scripts: the same bytes for the same study, short, in sections, every parameter visible, valid Python.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {isJsonObject, type JsonObject} from '../../src/base/json.ts';
import type {Experiment} from '../../src/config/study.ts';
import {plainRecord} from '../../src/rules/context.ts';
import {get, replaced, small} from '../config/texts.ts';
import {testPython} from '../support/python-interpreter.ts';
import {nodeOf, performed, repositoryStudy, studyFromText, type Loaded} from '../support/studies.ts';

const real = repositoryStudy('experiments.yaml');

async function scriptsOf(loaded: Loaded): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const node of loaded.graph.nodes) if (node.rule === 'script') Object.assign(all, await performed(node));
  return all;
}

async function script(loaded: Loaded, path: string): Promise<string> {
  return (await performed(nodeOf(loaded, path)))[path] ?? '';
}

const hpoPath = 'experiments/phase6a/hpo_2M_h1_threshold_1pct.py';
const trainPath = 'experiments/phase6a/train_2M_h1_threshold_2pct.py';

test('the same study renders the same bytes, without a time in them', async () => {
  expect(await scriptsOf(repositoryStudy('experiments.yaml'))).toEqual(await scriptsOf(real));
  expect(await script(real, hpoPath)).not.toMatch(/20\d\d-\d\d-\d\d/);
});

test('comments, order of keys and quoting in the YAML file change no byte', async () => {
  const text = small
    .replace('version: 1', '# about scaling\nversion: 1   # always')
    .replace('{kind: threshold, pct: 1}', '{pct: 1.0, kind: "threshold"}');
  expect(await scriptsOf(studyFromText(text))).toEqual(await scriptsOf(studyFromText(small)));
});

test('a changed parameter changes the scripts that show it, and no other', async () => {
  const before = await scriptsOf(studyFromText(small));
  const after = await scriptsOf(studyFromText(replaced('up1: {kind: threshold, pct: 1}', 'up1: {kind: threshold, pct: 1.5}')));
  expect(Object.keys(after).filter((path) => after[path] !== before[path])).toEqual([
    'experiments/first/hpo_6K_h1_up1.py',
    'experiments/first/train_6K_h1_up1.py',
    'experiments/first/hpo_18K_h1_up1.py',
    'experiments/first/train_18K_h1_up1.py',
  ]);
});

const sections = (kind: 'HPO' | 'Training'): readonly string[] => [
  '# --- Experiment configuration ---',
  `# --- ${kind} settings ---`,
  '# --- Data validation ---',
  '# --- Main ---',
];

test.each([
  [hpoPath, 'HPO'],
  [trainPath, 'Training'],
] as const)('%s has its sections in order', async (path, kind) => {
  const text = await script(real, path);
  expect(text.split('\n').filter((line) => line.startsWith('# ---'))).toEqual(sections(kind));
  const constants = ['EXPERIMENT', 'PHASE', 'BUDGET', 'TASK', 'HORIZON', 'TIMESCALE', 'DATA_PATH', 'FEATURE_COLUMNS', 'CONTEXT', 'SPLIT'];
  const settings = kind === 'HPO' ? ['N_TRIALS', 'TIMEOUT_HOURS', 'SEARCH_SPACE'] : ['HPO_PARAMS_PATH', 'BORROWED_FROM', 'SEEDS'];
  const places = [...constants, ...settings].map((name) => text.search(new RegExp(`^${name} = `, 'm')));
  expect(places.filter((place) => place < 0)).toEqual([]);
  const [begin, middle, end] = sections(kind).map((header) => text.indexOf(header));
  expect(places.slice(0, constants.length).every((place) => place > begin! && place < middle!)).toBe(true);
  expect(places.slice(constants.length).every((place) => place > middle! && place < end!)).toBe(true);
});

test('scripts of the real study are 50 to 80 lines, their list of columns aside, and no line is longer than 140', async () => {
  const lengths = new Map<string, number>();
  let longest = 0;
  for (const [path, text] of Object.entries(await scriptsOf(real))) {
    if (!path.endsWith('.py')) continue;
    longest = Math.max(longest, ...text.split('\n').map((line) => line.length));
    lengths.set(
      path,
      text
        .replace(/^FEATURE_COLUMNS = \[[^\]]*\]$/m, 'FEATURE_COLUMNS = []')
        .trimEnd()
        .split('\n').length,
    );
  }
  expect([...lengths].filter(([, lines]) => lines < 50 || lines > 80)).toEqual([]);
  expect(lengths.size).toBe(36 + 48 + 4 + 4);
  expect(longest).toBeLessThanOrEqual(140);
});

// Runs the scripts' constants, with a stand-in for the package that prints what it is called with.
function called(scripts: readonly string[]): readonly JsonObject[] {
  const program = `
import json, runpy, sys, types
calls = []
def take(**given):
    calls.append({name: value for name, value in given.items() if name not in ("validate", "script", "workspace")})
    return 0
names = {"fts": {}, "fts.run": {"validate_data": None}, "fts.hpo_script": {"run_study": take}, "fts.training_script": {"run_training": take}}
for name, members in names.items():
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
for source in json.load(sys.stdin):
    try:
        exec(compile(source, "script.py", "exec"), {"__name__": "__main__", "__file__": "/workspace/experiments/phase/script.py"})
    except SystemExit as end:
        assert end.code == 0
print(json.dumps(calls))`;
  const ran = spawnSync(testPython(), ['-I', '-W', 'error', '-c', program], {
    input: JSON.stringify(scripts),
    encoding: 'utf8',
    maxBuffer: 1e9,
  });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return (JSON.parse(ran.stdout) as JsonObject[]).filter(isJsonObject);
}

function studyRecord({source}: Experiment): {record: JsonObject; extent: JsonObject} {
  if (source.kind !== 'study') throw new Error('it has no study');
  return {record: plainRecord(source.record), extent: plainRecord(source.extent)};
}

const usualThermal = {acceptable: 70, resume: 80, warn: 85, abort: 95, unknown: 'warn', sample: 5, max_wait: 7200, sensor: 'auto'};

test('scripts show the thresholds of their study, for runs by hand', async () => {
  const text = `${small}\nthermal: {acceptable: 40, resume: 50, warn: 60, abort: 70, unknown: refuse, sample: 1s, max_wait: 10m, sensor: 'file:heat.txt'}\n`;
  const shown = await script(studyFromText(text), 'experiments/first/hpo_6K_h1_up1.py');
  const wanted =
    '{"acceptable": 40, "resume": 50, "warn": 60, "abort": 70, "unknown": "refuse", "sample": 1, "max_wait": 600, "sensor": "file:heat.txt"}';
  expect(shown).toContain(`\nTHERMAL = ${wanted}\n`);
});

test('other thresholds make no study and no training stale', () => {
  const [before, after] = [small, `${small}\nthermal: {warn: 90}\n`].map((text) =>
    studyFromText(text).graph.nodes.filter(({rule}) => rule !== 'script'),
  );
  expect(after!.map(({params, code}) => [[...params], code])).toEqual(before!.map(({params, code}) => [[...params], code]));
});

test('every script is valid Python, and hands over exactly the resolved record', async () => {
  const experiments = real.study.experiments;
  const paths = experiments.flatMap(({phase, shortName, source}) => [
    ...(source.kind === 'study' ? [`experiments/${phase}/hpo_${shortName}.py`] : []),
    `experiments/${phase}/train_${shortName}.py`,
  ]);
  const calls = called(await Promise.all(paths.map((path) => script(real, path))));
  const expected = experiments.flatMap((experiment) => {
    const {identity, name, training, source} = experiment;
    const common = {identity: {...identity}, log: 'docs/experiment_results.csv', thermal: usualThermal};
    const train = {
      ...common,
      record: plainRecord(training.record),
      extent: {},
      output: `outputs/training/${name}`,
      hpo_params_path: `outputs/hpo/${name}/best_params.json`,
      borrowed_from: source.kind === 'borrow' ? source.from.map((from) => from.experiment) : [],
      seeds: [42, 43, 44],
      accept_partial: false,
    };
    return source.kind === 'study' ? [{...common, ...studyRecord(experiment), output: `outputs/hpo/${name}`}, train] : [train];
  });
  expect(calls).toEqual(expected);
});

test('every parameter of the record stands in the script as text', async () => {
  const text = await script(real, hpoPath);
  const {record} = studyRecord(get(real.study, 'phase6a_2M_h1_threshold_1pct'));
  const shown = new Map([
    ['task.pct', '"pct": 1'],
    ['budget.params', '"params": 2000000'],
    ['data.path', 'DATA_PATH ='],
    ['features', 'FEATURE_COLUMNS ='],
    ['search', 'SEARCH_SPACE ='],
    ['architecture', 'ARCHITECTURE_GRID ='],
    ['forced', 'FORCED ='],
  ]);
  const absent = Object.keys(record).filter((name) => {
    const last = name.slice(name.lastIndexOf('.') + 1);
    return !text.includes(shown.get(name) ?? `"${last}"`) && !text.includes(`${last.toUpperCase()} = `);
  });
  expect(absent).toEqual([]);
});

test("a phase's README names each script with its interpreter", async () => {
  const readme = await script(real, 'experiments/phase6a/README.md');
  expect(readme.match(/hpo_\w+\.py/g)?.length).toBeGreaterThanOrEqual(36);
  expect(readme.match(/train_\w+\.py/g)?.length).toBeGreaterThanOrEqual(48);
});

test('what a study says in words can be no code: titles and names with quotes, newlines and braces', async () => {
  const title = JSON.stringify('"""\nimport os; os.abort()\n{{identity}} \\ \u2028 \'\'\'');
  const loaded = studyFromText(replaced('  first:\n', `  first:\n    title: ${title}\n`));
  const [call] = called([await script(loaded, 'experiments/first/hpo_6K_h1_up1.py')]);
  expect(call?.['identity']).toMatchObject({experiment: 'first_6K_h1_up1'});
});
