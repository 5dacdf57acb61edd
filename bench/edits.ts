// Replays a history of edits of the real study's phase 6A against ftsbuild, GNU make and doit on one graph, and prints what each would run
// again, in nodes and in hours of the real study. ftsbuild judges the real study over the real Python package in a temporary folder; its jobs
// only write files. make and doit get the same nodes with the same inputs as commands that only write their outputs.
//
//   node bench/edits.ts [PYTHON]        PYTHON: an interpreter that has doit (pip install doit); without one the column is left out
import {spawnSync} from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {importsOf, reachableModules} from '../src/state/python-imports.ts';
import type {Node} from '../src/graph/node.ts';
import {workspaceDisk} from '../src/host/real-disk.ts';
import {StudyBench} from '../tests/support/study-bench.ts';

/** What the real study took: seconds of a trial, from the measured hours of whole studies; a training is that of the file. */
const trialSeconds: Readonly<Record<string, number>> = {'2M': 26, '20M': 115, '200M': 1008, '2B': 4250};

const root = mkdtempSync(join(tmpdir(), 'ftsbuild-edits-'));
const program = join(root, 'program');
const data = 'data/processed/v1/sp500.parquet';
let clockMs = Date.now();

const bench = new StudyBench(
  {
    disk: workspaceDisk(root),
    clock: {now: () => clockMs, elapsed: () => clockMs, advance: (ms) => void (clockMs += ms)},
    packageRoot: join(program, 'python'),
  },
  'experiments.yaml',
);
bench.edit('experiments.yaml', /\n {2}feature_scaling:[\s\S]*?(?=\nprofiles:)/.exec(read('experiments.yaml'))?.[0] ?? '', '');
for (const [name, text] of bench.templates) write(`program/templates/${name}`, text);

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), {recursive: true});
  writeFileSync(join(root, path), text);
}

function replace(path: string, from: string | RegExp, to: string): void {
  const text = read(path);
  const next = text.replace(from, to);
  if (next === text) throw new Error(`${path} holds no ${String(from)}`);
  write(path, next);
}

function hoursOf(node: Node, trials: number | null): number {
  const seconds =
    node.rule === 'hpo'
      ? (trials ?? Number(node.extent.get('trials'))) * (trialSeconds[node.dims.get('budget') ?? ''] ?? 0)
      : (node.cost.estimateMs ?? 0) / 1000;
  return seconds / 3600;
}

interface Step {
  readonly id: string;
  readonly node: Node;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const moduleFiles = new Map<string, readonly string[]>();

// As a careful person would write it down: the script, the data, the best parameters, every module that the script imports, and for what is
// generated the template and the YAML.
function stepsNow(): readonly Step[] {
  const {graph} = bench.session();
  return graph.nodes
    .filter(({rule}) => rule !== 'report' && rule !== 'environment' && rule !== 'data')
    .map((node) => {
      const entries = node.code.map((module) => ({module, names: []}));
      const name = node.code.join(' ');
      const modules = moduleFiles.get(name) ?? reachableModules(entries, importsAt);
      moduleFiles.set(name, modules);
      const own =
        node.rule === 'script'
          ? ['experiments.yaml', `program/templates/${templateOf(node)}`]
          : node.rule === 'data'
            ? []
            : node.inputs.map(({path}) => path);
      const inputs = [...own.filter((path) => !path.startsWith('.venv')), ...modules.map((path) => `program/python/${path}`)];
      return {id: node.id, node, inputs, outputs: node.outputs.filter(({kind}) => kind === 'file').map(({path}) => path)};
    });
}

function templateOf(node: Node): string {
  const path = node.outputs[0]?.path ?? '';
  return path.endsWith('.md') ? 'phase-readme.md.hbs' : path.includes('/hpo_') ? 'hpo.py.hbs' : 'train.py.hbs';
}

function importsAt(path: string): ReturnType<typeof importsOf> | undefined {
  const file = join(program, 'python', path);
  return existsSync(file) ? importsOf(readFileSync(file, 'utf8'), path) : undefined;
}

type Ran = readonly {readonly node: Node; readonly trials: number | null}[];

/** A tool under comparison: brings itself up to date, and says which nodes it ran. */
interface Tool {
  readonly name: string;
  build(steps: readonly Step[]): Ran;
}

// The commands write what ftsbuild's jobs wrote, so that tools which compare contents see the same outputs.
function commandFor(tool: string, step: Step): string {
  const copies = step.outputs.map((path) => `mkdir -p $$(dirname ${tool}/${path}) && cp ${path} ${tool}/${path}`);
  return `${copies.join(' && ')} && echo '${step.id}' >> ${tool}.ran`;
}

function inside(tool: string, path: string, made: ReadonlySet<string>): string {
  return made.has(path) ? `${tool}/${path}` : path;
}

function ranSteps(tool: string, steps: readonly Step[]): Ran {
  const ids = new Set(existsSync(join(root, `${tool}.ran`)) ? read(`${tool}.ran`).trim().split('\n') : []);
  rmSync(join(root, `${tool}.ran`), {force: true});
  return steps.filter(({id}) => ids.has(id)).map(({node}) => ({node, trials: null}));
}

const make: Tool = {
  name: 'GNU make',
  build: (steps) => {
    const made = new Set(steps.flatMap(({outputs}) => outputs));
    const rules = steps.map((step) => {
      const targets = step.outputs.map((path) => `make/${path}`).join(' ');
      return `${targets} &: ${step.inputs.map((path) => inside('make', path, made)).join(' ')}\n\t@${commandFor('make', step)}`;
    });
    const all = `all: ${steps.flatMap(({outputs}) => outputs.map((path) => `make/${path}`)).join(' ')}\n`;
    write('Makefile', `${all}\n${rules.join('\n\n')}\n`);
    runTool(['make', '-s', 'all']);
    return ranSteps('make', steps);
  },
};

function doit(python: string): Tool {
  return {
    name: 'doit',
    build: (steps) => {
      const made = new Set(steps.flatMap(({outputs}) => outputs));
      const tasks = steps.map((step) => ({
        name: step.id.replaceAll('=', '_'),
        actions: [commandFor('doit', step).replaceAll('$$', '$')],
        file_dep: [...new Set(step.inputs.map((path) => inside('doit', path, made)))],
        targets: step.outputs.map((path) => `doit/${path}`),
      }));
      write('tasks.json', JSON.stringify(tasks));
      write(
        'dodo.py',
        'import json\n\ndef task_all():\n    for task in json.load(open("tasks.json")):\n        task["actions"] = [a.replace("%", "%%") for a in task["actions"]]\n        yield task\n',
      );
      runTool([python, '-m', 'doit', 'run', '-f', 'dodo.py', '--verbosity', '0']);
      return ranSteps('doit', steps);
    },
  };
}

function runTool([command = '', ...words]: readonly string[]): void {
  const ran = spawnSync(command, words, {cwd: root, encoding: 'utf8', maxBuffer: 1 << 28});
  if (ran.status !== 0) throw new Error(`${command} ended with ${String(ran.status)}: ${ran.stderr.slice(-2000)}${ran.stdout.slice(-500)}`);
}

const model = 'program/python/fts/model.py';
const edits: readonly (readonly [name: string, edit: () => void])[] = [
  ['a comment in a Python module', () => replace(model, 'import math\n', 'import math  # for sqrt\n')],
  ['a docstring', () => replace(model, 'A window of bars in', 'Some bars in')],
  ['formatting', () => replace(model, 'return logits.squeeze(1)', 'return logits.squeeze(\n            1\n        )')],
  [
    'a comment in a template',
    () => {
      replace('program/templates/train.py.hbs', '{{!--\n', '{{!--\nOne line more.\n');
      bench.templates.set('train.py.hbs', read('program/templates/train.py.hbs'));
    },
  ],
  ['a constant of the model', () => replace(model, 'std=0.02', 'std=0.03')],
  ['... undone', () => replace(model, 'std=0.03', 'std=0.02')],
  ['a module that no script imports', () => appendFileSync(join(root, 'program/python/fts/plots.py'), 'A = 1\n')],
  ['a new horizon in the matrix', () => replace('experiments.yaml', 'horizon: [1, 3, 5]', 'horizon: [1, 3, 5, 7]')],
  ['trials: 50 -> 80', () => replace('experiments.yaml', 'trials: 50', 'trials: 80')],
  ['... undone', () => replace('experiments.yaml', 'trials: 80', 'trials: 50')],
  ['the data file touched', () => utimesSync(join(root, data), new Date(), new Date())],
  ['the data changed (one price column)', () => setClose('2')],
  ['... undone', () => setClose('1')],
];

function setClose(contents: string): void {
  bench.columns.set('Close', contents);
  bench.writeData(bench.session(), data);
}

function newest(folder: string): number {
  return readdirSync(join(root, folder), {recursive: true}).reduce(
    (latest: number, name) => Math.max(latest, statSync(join(root, folder, String(name))).mtimeMs),
    0,
  );
}

const python = process.argv[2];
const hasDoit = python !== undefined && spawnSync(python, ['-c', 'import doit']).status === 0;
if (!hasDoit) process.stdout.write('doit is left out: name an interpreter that has it\n');
const tools: readonly Tool[] = [make, ...(hasDoit ? [doit(python)] : [])];

function describe(ran: Ran): string {
  const jobs = ran.filter(({node}) => node.rule !== 'report' && node.rule !== 'environment' && node.rule !== 'data');
  const hours = jobs.reduce((sum, {node, trials}) => sum + hoursOf(node, trials), 0);
  return `${String(jobs.length)} | ${hours.toFixed(1)}`;
}

await bench.build();
for (const tool of tools) tool.build(stepsNow());
const head = ['ftsbuild', ...tools.map(({name}) => name)];
process.stdout.write(`| edit | ${head.map((name) => `${name}: nodes | hours`).join(' | ')} |\n|---|${'---:|---:|'.repeat(head.length)}\n`);
for (const [name, edit] of edits) {
  // Tools that go by time need a second between what was made and what is edited.
  while (Date.now() < newest('outputs') + 1100) spawnSync('sleep', ['0.2']);
  edit();
  const own = await bench.build();
  const others = tools.map((tool) => tool.build(stepsNow()));
  process.stdout.write(`| ${name} | ${[own, ...others].map(describe).join(' | ')} |\n`);
}
rmSync(root, {recursive: true});
