// `ftsbuild schema`: the schema with a study's own names. What it allows is what the loader allows.
import {readFileSync} from 'node:fs';
import {Ajv, type ValidateFunction} from 'ajv';
import {expect, test} from 'vitest';
import {parse} from 'yaml';
import {asksForSchema, schemaFile, writeSchema} from '../../src/commands/schema-file.ts';
import {schema} from '../../src/commands/schema.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {repositoryText} from '../support/studies.ts';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';
import {quietTerminal} from '../support/terminal.ts';

interface Printed {
  readonly definitions: Readonly<Record<string, {readonly enum?: readonly unknown[]}>>;
}

function printed(files: Readonly<Record<string, string>>): Printed {
  const {terminal, said} = quietTerminal();
  expect(schema({directory: Workspace.forTest(files).root}, terminal)).toBe(0);
  return JSON.parse(said.join('\n')) as Printed;
}

function validatorFor(text: string): ValidateFunction {
  return new Ajv({strict: false, allowUnionTypes: true, allErrors: true}).compile(printed({'experiments.yaml': text}));
}

const namesIn = ({definitions}: Printed, what: string): readonly unknown[] | undefined => definitions[`${what}_name`]?.enum;

test('the names that the file defines are the only ones to choose from', () => {
  const made = printed({'experiments.yaml': `${tinyStudy}shapes: {wide: {d_model: 8}, 5: {d_model: 16}}\n`});
  expect(namesIn(made, 'budget')).toEqual(['3K']);
  expect(namesIn(made, 'task')).toEqual(['up1', 'up2', 'up3']);
  expect(namesIn(made, 'data')).toEqual(['prices']);
  expect(namesIn(made, 'phase')).toEqual(['tiny']);
  expect(namesIn(made, 'tier')).toContain('a20');
  expect(namesIn(made, 'shape')).toEqual(['wide', '5', 5]);
});

test('names of included files belong to them, and a circle of includes ends', () => {
  const made = printed({
    'experiments.yaml': `include: more.yaml\n${tinyStudy}`,
    'more.yaml': 'include: experiments.yaml\nbudgets: {9K: {params: 9K}}\n',
  });
  expect(namesIn(made, 'budget')).toEqual(['9K', '3K']);
});

test.each([
  ['a wrong value', changed(tinyStudy, 'horizon: 3', 'horizon: soon')],
  ['broken YAML', changed(tinyStudy, 'seeds: [42]', 'seeds: [42')],
  ['a key twice', `${tinyStudy}version: 1\n`],
])('with %s what is readable is read', (_, text) => {
  expect(namesIn(printed({'experiments.yaml': text}), 'task')).toEqual(['up1', 'up2', 'up3']);
});

test('without a study it is the plain schema', () => {
  expect(printed({})).toEqual(JSON.parse(repositoryText('schemas/experiments.schema.json')));
});

test.each(['experiments.yaml', 'configs/quickstart.yaml'])('%s is valid under its own names', (file) => {
  const text = readFileSync(`${repositoryRoot}/${file}`, 'utf8');
  const validate = validatorFor(text);
  expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
});

test.each([
  ['a budget in a matrix', 'budget: [3K]', 'budget: [4K]', '/phases/tiny/matrix/budget/0'],
  ['a task in a skip', 'skip: {task: up2}', 'skip: {task: up4}', '/phases/tiny/hpo/skip/task'],
  ['a dimension in a skip', 'skip: {task: up2}', 'skip: {tsk: up2}', '/phases/tiny/hpo/skip'],
  ['a source', '[{task: up1}, ', '[{task: up0}, ', '/phases/tiny/hpo/borrow/0/from/0/task'],
  ['who borrows', '{for: {task: up2}', '{for: {task: up}', '/phases/tiny/hpo/borrow/0/for/task'],
  ['a default', 'tier: a20\n', 'tier: a21\n', '/defaults/tier'],
  ['a tier of a dataset', 'tiers: [a20]', 'tiers: [b20]', '/data/prices/builder/tiers/0'],
])('a name that stands for nothing is refused in %s', (_, from, to, place) => {
  const validate = validatorFor(tinyStudy);
  const wrong: unknown = parse(changed(tinyStudy, from, to));
  expect(validate(parse(tinyStudy))).toBe(true);
  expect(validate(wrong)).toBe(false);
  expect(validate.errors?.map(({instancePath}) => instancePath)).toContain(place);
});

test('--output writes it, relative to the folder, and a file that would not change is left alone', () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy, 'notes/a': ''});
  const disk = workspaceDisk(workspace.root);
  const {terminal, said} = quietTerminal();
  for (const directory of [workspace.root, `${workspace.root}/notes`]) schema({directory, output: 'schema.json'}, terminal);
  expect(said).toEqual([]);
  expect(workspace.read('notes/schema.json')).toBe(workspace.read('schema.json'));
  const before = disk.stat('schema.json');
  schema({directory: workspace.root, output: 'schema.json'}, terminal);
  expect(disk.stat('schema.json')).toEqual(before);
});

test('a file that is named and missing, and a folder that is missing, are wrong usage', () => {
  const {terminal, errors} = quietTerminal();
  expect(schema({directory: Workspace.forTest().root, file: 'nowhere.yaml'}, terminal)).toBe(2);
  expect(schema({directory: '/nowhere/at/all'}, terminal)).toBe(2);
  expect(errors).toEqual(['there is no file nowhere.yaml', 'there is no folder /nowhere/at/all']);
});

test('a study whose first line names the schema gets it renewed, another one does not ask', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': `# yaml-language-server: $schema=${schemaFile}\n${tinyStudy}`});
  const disk = workspaceDisk(workspace.root);
  expect(asksForSchema(disk, 'experiments.yaml')).toBe(true);
  await writeSchema(disk, 'experiments.yaml');
  workspace.edit('budgets:\n', 'budgets:\n  4K: {params: 4K}\n');
  await writeSchema(disk, 'experiments.yaml');
  expect(namesIn(workspace.json(schemaFile) as unknown as Printed, 'budget')).toEqual(['4K', '3K']);
  workspace.write('experiments.yaml', tinyStudy);
  expect(asksForSchema(disk, 'experiments.yaml')).toBe(false);
});
