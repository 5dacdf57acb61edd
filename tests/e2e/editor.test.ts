// The file that `ftsbuild init` writes, in the real yaml-language-server: what an editor offers, underlines and shows.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {LanguageServer} from '../support/language-server.ts';
import {changed, Workspace} from '../support/command-line.ts';

const workspace = new Workspace();
let server: LanguageServer;
let text = '';
const folder = workspace.root;

beforeAll(async () => {
  const {status} = await workspace.ftsbuild(['init', '--yes']);
  expect(status).toBe(0);
  text = workspace.read('experiments.yaml');
  server = await LanguageServer.start(workspace.root);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  workspace.discard();
});

const head = (): string => text.slice(0, text.indexOf('\n') + 1);

/** Where a text stands, from 0. */
function placeOf(whole: string, part: string): {line: number; character: number} {
  const before = whole.slice(0, whole.indexOf(part)).split('\n');
  return {line: before.length - 1, character: before.at(-1)?.length ?? 0};
}

test('what init writes has no problem', async () => {
  expect(await server.problemsOf(folder, text)).toEqual([]);
});

test.each([
  ['at the top', 'version: 1\n|', ['phases', 'budgets', 'profiles', 'thermal']],
  ['in a phase', 'phases:\n  a:\n    |', ['matrix', 'hpo', 'training', 'canary']],
  ['in hpo', 'phases:\n  a:\n    hpo:\n      |', ['skip', 'borrow', 'trials', 'search']],
  ['in a search', 'defaults:\n  hpo:\n    search:\n      |', ['architecture', 'learning_rate']],
  ['in a matrix', 'phases:\n  a:\n    matrix:\n      |', ['budget', 'horizon', 'patch.length']],
  ['in a filter', 'phases:\n  a:\n    hpo:\n      skip:\n        |', ['task', 'budget']],
  ['for a budget in a matrix', 'phases:\n  a:\n    matrix:\n      budget: [|]', ['6K', '18K', '54K', '160K']],
  ['for a task in a filter', 'phases:\n  a:\n    hpo:\n      skip: {task: |}', ['threshold_1pct', 'threshold_2pct']],
  ['for a phase in a profile', 'profiles:\n  a:\n    only: {phase: |}', ['scaling']],
  ['for a tier', 'defaults:\n  tier: |', ['a20', 'a500']],
  ['for a loss', 'defaults:\n  loss: |', ['bce', 'focal']],
])('%s the right words are offered', async (_, marked, words) => {
  expect(await server.completionsAt(folder, head() + marked)).toEqual(expect.arrayContaining(words));
});

test.each([
  ['a wrong key', 'startup_trials: 5', 'startup_trails: 5', 'startup_trails', 'startup_trails is not allowed'],
  ['a wrong name', 'budget: [6K', 'budget: [7K', '7K', 'Value is not accepted'],
  ['a wrong dimension', 'skip: {task:', 'skip: {tsk:', 'tsk', 'tsk is not allowed'],
  ['a wrong value', 'context: 60', 'context: soon', 'soon', 'Expected'],
])('%s is underlined at its place', async (_, from, to, part, message) => {
  const wrong = changed(text, from, to);
  const problems = await server.problemsOf(folder, wrong);
  const start = placeOf(wrong, part);
  expect(problems).toContainEqual(
    expect.objectContaining({
      message: expect.stringContaining(message),
      range: {start, end: {...start, character: start.character + part.length}},
    }),
  );
});

test.each([
  ['a key', 'sub|set: 0.5', 'Share of the training windows that a trial sees.'],
  ['a key that refers to a shared definition', 'ti|er: a20', 'named set of indicators'],
  ['a dimension', 'bud|get: [6K', 'The budgets of the matrix'],
])('over %s its description is shown', async (_, marked, description) => {
  expect(await server.hoverAt(folder, changed(text, marked.replace('|', ''), marked))).toContain(description);
});

test.each([
  ['phases:\n  a:\n    |title: x', 'One line for the report.'],
  ['defaults:\n  split: {|block: 5}', 'Rows of a block; mode scattered.'],
  ['defaults:\n  hpo: {|subset: 0.3}', 'Share of the training windows that a trial sees.'],
  ['defaults:\n  |epochs: 3', 'Epochs of a training.'],
  ['data:\n  a: {|builder: {source: x}}', 'How the file is made'],
  ['defaults:\n  patch: {|stride: 3}', 'Bars from one patch to the next.'],
  ['budgets:\n  a: {|params: 6K}', 'Parameters of the model, within the tolerance.'],
])('what is shown begins with the description, under no heading of what stands around it: %s', async (marked, description) => {
  const shown = await server.hoverAt(folder, head() + marked);
  expect(shown.startsWith(description)).toBe(true);
  expect(shown).not.toMatch(/^#/m);
});
