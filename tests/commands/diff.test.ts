// `ftsbuild diff`: which experiments come, go and change between two versions of a study, and where they are read from.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {diff, type DiffOptions} from '../../src/commands/diff.ts';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

interface Plain {
  readonly experiments: readonly {
    readonly experiment: string | null;
    readonly how: string;
    readonly targets: readonly {readonly rule: string; readonly how: string; readonly changes: readonly {readonly text: string}[]}[];
  }[];
  readonly adds: {readonly seconds: number};
}

function repository(files: Readonly<Record<string, string>>): Workspace {
  const workspace = Workspace.forTest(files);
  git(workspace, 'init', '-q', '-b', 'main');
  commit(workspace);
  return workspace;
}

function commit(workspace: Workspace): void {
  git(workspace, 'add', '-A');
  git(workspace, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'x');
}

function git(workspace: Workspace, ...words: readonly string[]): void {
  const ran = spawnSync('git', words, {cwd: workspace.root, encoding: 'utf8'});
  if (ran.status !== 0) throw new Error(ran.stderr);
}

async function run(workspace: Workspace, before: string, options: Partial<DiffOptions> = {}) {
  const {terminal, said, errors} = quietTerminal();
  const usual = {directory: workspace.root, before, after: undefined, format: 'json', exitCode: false} as const;
  const status = await diff({...usual, ...options}, terminal);
  return {status, said, errors, plain: status === 2 ? undefined : (JSON.parse(said.join('')) as Plain)};
}

const estimated = tinyStudy.replace(
  '3K: {params: 3K, estimate: {trial: 1s, training: 1s}}',
  '3K: {params: 3K, estimate: {trial: 1m, training: 1h}}',
);

test('the same study is no difference, whatever its comments and its order say', async () => {
  const workspace = repository({'experiments.yaml': estimated});
  workspace.write('experiments.yaml', `# a comment\n${estimated}`);
  const {status, plain} = await run(workspace, 'HEAD', {exitCode: true});
  expect([status, plain?.experiments]).toEqual([0, []]);
});

test('a changed parameter names the experiments, old and new value, what follows, and the price; the JSON meets its schema', async () => {
  const workspace = repository({'experiments.yaml': estimated});
  workspace.edit('trials: 2', 'trials: 5');
  const {status, plain, said} = await run(workspace, 'HEAD', {exitCode: true});
  expect(status).toBe(1);
  expect(schemaProblems('diff', JSON.parse(said.join('')))).toEqual([]);
  expect(plain?.experiments.map(({experiment, how}) => [experiment, how])).toEqual([
    ['tiny_3K_h3_up1', 'changes'],
    ['tiny_3K_h3_up3', 'changes'],
    ['tiny_3K_h3_up2', 'changes'],
  ]);
  const [first, , borrowed] = plain?.experiments ?? [];
  expect(first?.targets.map(({rule, how}) => [rule, how])).toEqual([
    ['hpo', 'changed'],
    ['training', 'follows'],
  ]);
  expect(first?.targets[0]?.changes.map(({text}) => text)).toEqual(['trials: 2 -> 5']);
  expect(borrowed?.targets.map(({rule, how}) => [rule, how])).toEqual([
    ['borrow', 'follows'],
    ['training', 'follows'],
  ]);
  // Two searches of five minutes, three trainings of an hour, a borrow of a tenth of a second.
  expect(plain?.adds.seconds).toBeCloseTo(2 * 300 + 3 * 3600 + 0.1);
  expect(Object.keys(workspace.listing()).filter((path) => path.startsWith('.ftsbuild'))).toEqual([]);
});

test('two files in configs/ differ by what is edited, not by where their results lie', async () => {
  const workspace = Workspace.forTest({'configs/a.yaml': estimated, 'configs/b.yaml': changed(estimated, 'trials: 2', 'trials: 5')});
  const {plain} = await run(workspace, 'configs/a.yaml', {after: 'configs/b.yaml'});
  const [first, , borrowed] = plain?.experiments ?? [];
  expect(first?.targets.map(({rule, how}) => [rule, how])).toEqual([
    ['hpo', 'changed'],
    ['training', 'follows'],
  ]);
  expect(first?.targets[0]?.changes.map(({text}) => text)).toEqual(['trials: 2 -> 5']);
  expect(borrowed?.targets.flatMap(({changes}) => changes)).toEqual([]);
  expect((await run(workspace, 'configs/a.yaml', {after: 'configs/a.yaml', exitCode: true})).status).toBe(0);
});

test('experiments appear and disappear between two files', async () => {
  const workspace = Workspace.forTest({
    'old.yaml': estimated,
    'new.yaml': changed(estimated, 'matrix: {budget: [3K]', 'matrix: {horizon: [1, 3], budget: [3K]'),
  });
  const there = await run(workspace, 'old.yaml', {after: 'new.yaml'});
  expect(there.plain?.experiments.map(({experiment, how}) => [experiment, how])).toEqual([
    ['tiny_3K_h1_up1', 'appears'],
    ['tiny_3K_h1_up3', 'appears'],
    ['tiny_3K_h1_up2', 'appears'],
  ]);
  const back = await run(workspace, 'new.yaml', {after: 'old.yaml'});
  expect(back.plain?.experiments.map(({how}) => how)).toEqual(['disappears', 'disappears', 'disappears']);
  expect(back.plain?.adds.seconds).toBe(0);
});

test('includes and models are read from the same revision, and REVISION:PATH names another file', async () => {
  const workspace = repository({
    'experiments.yaml': `include: configs/base.yaml\n${tinyStudy}`,
    'configs/base.yaml': 'project: one\n',
    'other.yaml': tinyStudy,
  });
  workspace.write('configs/base.yaml', 'wrong: true\n');
  workspace.edit('include: configs/base.yaml\n', '');
  expect((await run(workspace, 'HEAD')).plain?.experiments).toEqual([]);
  expect((await run(workspace, 'HEAD:other.yaml', {after: 'HEAD'})).plain?.experiments).toEqual([]);
});

test('a mistyped HEAD is taken for what it was meant as', async () => {
  const {err} = await repository({'experiments.yaml': tinyStudy}).ftsbuild(['diff', 'HAED']);
  expect(err).toContain('did you mean HEAD?');
});

test('what is neither file nor revision is refused with the nearest names, and so are a file that a revision lacks and a wrong version', async () => {
  const workspace = repository({'experiments.yaml': tinyStudy});
  expect((await run(workspace, 'mian')).errors.join()).toContain('"mian" is neither a file nor a revision');
  expect((await run(workspace, '--output=x')).status).toBe(2);
  expect((await run(workspace, 'main:gone.yaml')).errors.join()).toContain('there is no file gone.yaml at main');
  workspace.edit('trials: 2', 'trails: 2');
  expect((await run(workspace, 'main')).errors.join()).toMatch(/experiments\.yaml is no valid study:.*unknown key "trails"/);
  const bare = Workspace.forTest({'experiments.yaml': tinyStudy});
  expect((await run(bare, 'HEAD')).status).toBe(2);
});
