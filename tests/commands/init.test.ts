// `ftsbuild init`: what it writes loads, what is there stays, and a wrong answer leaves nothing behind.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {parse} from 'yaml';
import {init, type InitOptions} from '../../src/commands/init.ts';
import {loadStudy} from '../../src/config/load.ts';
import {starterStudy} from '../../src/config/starter.ts';
import {tiers} from '../config/texts.ts';
import {Workspace} from '../support/command-line.ts';
import {quietTerminal} from '../support/terminal.ts';

interface Started {
  readonly status: number;
  readonly said: string;
  readonly errors: string;
}

/** `answers` are those of a person; without them nobody sits there. `undefined` among them: broken off. */
async function start(
  workspace: Workspace,
  options: Partial<InitOptions> = {},
  answers?: readonly (string | undefined)[],
): Promise<Started & {readonly asked: number}> {
  const {terminal, said, errors} = quietTerminal();
  let asked = 0;
  const person = {hasPerson: true, ask: () => Promise.resolve(answers?.[asked++])};
  const status = await init({directory: workspace.root, yes: false, ...options}, {...terminal, ...(answers && person)});
  return {status, said: said.join('\n'), errors: errors.join('\n'), asked};
}

const written = [
  '.ftsbuild/schema.json',
  '.github/workflows/experiments.yml',
  '.gitignore',
  'experiments.yaml',
  'templates/hpo.py.hbs',
  'templates/phase-readme.md.hbs',
  'templates/report.md.hbs',
  'templates/runbook.md.hbs',
  'templates/train.py.hbs',
];

/** Twelve bars, so many days apart, from a Monday on. */
function prices(days: number): string {
  const rows = Array.from({length: 12}, (_, index) => new Date(Date.UTC(2001, 0, 1 + index * days)).toISOString().slice(0, 10));
  return ['Date,Open,High,Low,Close,Volume', ...rows.map((day) => `${day},1,2,1,1.5,5`)].join('\n');
}

test.each([
  ['prices.csv', '', 'is empty'],
  ['prices.csv', 'Date,Open,High,Low,close,Volume\n2001-01-01,1,2,1,1,1\n', 'has no column "Close"'],
  ['prices.csv', 'Date;Open\n2001-01-01;1,5\n', 'separated by semicolons'],
  ['prices.csv', prices(1).replace('2001-01-05,1', '2001-01-05,x'), 'column "Open" is "x" in row 5'],
  ['prices.parquet', 'version https://git-lfs.github.com/spec/v1\n', 'Git LFS pointer'],
])('a file %s that the data step would refuse begins no study', async (name, text, words) => {
  const workspace = Workspace.forTest({[name]: text});
  const {status, errors} = await start(workspace, {yes: true, data: name});
  expect([status, errors]).toEqual([2, expect.stringContaining(words)]);
  expect(files(workspace)).toEqual([name]);
});

test('a file of weekly bars begins a weekly study', async () => {
  const workspace = Workspace.forTest({'prices.csv': prices(7)});
  expect((await start(workspace, {yes: true, data: 'prices.csv'})).status).toBe(0);
  expect(workspace.read('experiments.yaml')).toContain('timescale: weekly');
});

function files(workspace: Workspace): readonly string[] {
  return Object.entries(workspace.listing())
    .flatMap(([path, digest]) => (digest === 'folder' ? [] : [path]))
    .sort();
}

test('where nobody sits it asks nothing, and once more changes nothing', async () => {
  const workspace = Workspace.forTest();
  expect((await start(workspace)).status).toBe(0);
  expect(files(workspace)).toEqual(written);
  const before = workspace.listing();
  const again = await start(workspace);
  expect([again.status, workspace.listing()]).toEqual([0, before]);
  expect(again.said).not.toContain('wrote');
});

test('the workflow fails on no first push: what needs a lock file runs only where there is one', async () => {
  const workspace = Workspace.forTest();
  await start(workspace);
  const {jobs} = parse(workspace.read('.github/workflows/experiments.yml')) as {
    jobs: {check: {steps: readonly {readonly run?: string; readonly if?: string}[]}};
  };
  const steps = jobs.check.steps.filter(({run}) => run !== undefined);
  const without = steps.filter((step) => step.if !== "hashFiles('package-lock.json') != ''");
  expect(without).toHaveLength(1);
  const ran = spawnSync('/bin/sh', ['-ec', without[0]?.run ?? 'exit 9'], {cwd: workspace.root, encoding: 'utf8'});
  expect([ran.status, ran.stdout]).toEqual([0, expect.stringMatching(/^::warning::The study is not checked/)]);
  expect(steps.filter((step) => !without.includes(step)).map(({run}) => run)).toEqual([
    'npm ci',
    'npx --no-install ftsbuild check --no-data --format github',
  ]);
});

test('a person is asked for name, data and sizes; an empty answer is the usual one', async () => {
  const workspace = Workspace.forTest({'raw/prices.csv': prices(1)});
  const {status, asked} = await start(workspace, {}, ['', 'raw/prices.csv', '6K, 2M']);
  expect([status, asked]).toEqual([0, 3]);
  const text = workspace.read('experiments.yaml');
  expect(text).toContain('source: raw/prices.csv');
  expect(text).toContain('budget: [6K, 2M]');
});

test('--yes asks nobody, and what is given by option is not asked for', async () => {
  expect((await start(Workspace.forTest(), {yes: true}, [])).asked).toBe(0);
  const {status, asked} = await start(Workspace.forTest(), {project: 'mine', budgets: '6K'}, ['nasdaq']);
  expect([status, asked]).toEqual([0, 1]);
});

test.each([
  ['data that is nowhere', {data: 'raw/none.csv'}, 'there is no file raw/none.csv'],
  ['data of another kind', {data: 'prices.xlsx'}, 'neither built-in data nor a CSV or Parquet file'],
  ['a size that is no count', {budgets: '6K,huge'}, '"huge" is no count'],
  ['one size twice', {budgets: '2M,2.0M'}, '2.0M is given twice'],
  ['no size', {budgets: ','}, 'a study needs a budget'],
  ['a size that nothing fits', {budgets: '900B'}, 'no architecture of the first grid'],
  ['a name of two lines', {project: 'a\nb'}, 'one line of text'],
])('%s is wrong usage, and nothing is written', async (_, options, message) => {
  const workspace = Workspace.forTest();
  const {status, errors} = await start(workspace, options);
  expect([status, errors]).toEqual([2, expect.stringContaining(message)]);
  expect(files(workspace)).toEqual([]);
});

test('data outside the folder is refused before anything is written', async () => {
  const workspace = Workspace.forTest({'raw/prices.csv': prices(1), 'study/notes': ''});
  const {terminal, errors} = quietTerminal();
  const options = {directory: `${workspace.root}/study`, yes: true, data: '../raw/prices.csv'};
  expect(await init(options, terminal)).toBe(2);
  expect(errors.join()).not.toBe('');
  expect(files(workspace)).toEqual(['raw/prices.csv', 'study/notes']);
});

test('a person is asked again after a wrong answer, and three of them end it', async () => {
  const workspace = Workspace.forTest();
  const wrong = await start(workspace, {}, ['', 'none.csv', 'none', 'other']);
  expect([wrong.status, wrong.asked, files(workspace)]).toEqual([2, 4, []]);
  const right = await start(workspace, {}, ['', 'none.csv', 'sp500', '']);
  expect([right.status, right.asked]).toEqual([0, 4]);
});

test('who breaks off has nothing written', async () => {
  const workspace = Workspace.forTest();
  const {status, errors} = await start(workspace, {}, ['mine', undefined]);
  expect([status, errors, files(workspace)]).toEqual([130, 'Nothing was written.', []]);
});

test('files that are there stay, and are named', async () => {
  const workspace = Workspace.forTest({'.gitignore': 'mine\n', 'templates/report.md.hbs': 'mine\n'});
  const {status, said} = await start(workspace);
  expect(status).toBe(0);
  expect(said).toContain('kept  .gitignore, which is your own');
  expect(said).toContain('kept  templates/report.md.hbs, which is your own');
  expect([workspace.read('.gitignore'), workspace.read('templates/report.md.hbs')]).toEqual(['mine\n', 'mine\n']);
});

test('a study that is there stays, and nothing is written or asked', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': 'version: 1\n'});
  const {status, errors, asked} = await start(workspace, {}, []);
  expect([status, asked]).toEqual([2, 0]);
  expect(errors).toContain('there is an experiments.yaml already');
  expect(files(workspace)).toEqual(['experiments.yaml']);
});

test.each([[['6K', '18K', '54K', '160K']], [['2M', '20M', '200M', '2B']], [['3K']], [['1M', '500K']]])(
  'with budgets of %j it loads without a word, plain and as smoke',
  (budgets) => {
    const text = starterStudy({project: 'No: "1"', data: 'sp500', budgets});
    for (const profile of [{}, {profile: 'smoke'}]) {
      const loaded = loadStudy({readText: () => text}, {file: 'experiments.yaml', tiers, ...profile});
      expect(loaded.ok ? loaded.value.warnings : loaded.error).toEqual([]);
    }
  },
);
