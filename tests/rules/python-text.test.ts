// Values as Python literals: whatever stands in a study stays a value, as Python itself reads it.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import type {Json} from '../../src/base/json.ts';
import {renderTemplate} from '../../src/results/template.ts';
import {pythonHelpers} from '../../src/rules/python-text.ts';
import {testPython} from '../support/python-interpreter.ts';

const hostile: readonly string[] = [
  '"; import os; os.abort(); "',
  "'; raise SystemExit('",
  '"""',
  "'''",
  '""" + __import__("os").getcwd() + """',
  '\\',
  '\\"',
  'ends in a backslash\\',
  'two\nlines',
  'carriage\r\nreturn',
  'tab\tand \u0000 nul and \u001f and \u007f',
  'line\u2028and paragraph\u2029separator and next\u0085line',
  '{{identity}} {{{record}}} {{#each x}}{{/each}} {{!-- no comment --}}',
  '${escape} {braces} %(percent)s',
  '# --- Main ---',
  '\\N{BULLET} \\x41 \\u0041 \\101',
  'Grüße, 数据, 😀 and a lone \ud800 half',
  '__proto__',
  '',
];

// What Python makes of the text: the value as JSON, with its type told apart where JSON would not.
function evaluated(literals: readonly string[]): unknown {
  const program = 'import ast, json, sys; print(json.dumps([ast.literal_eval(line) for line in json.load(sys.stdin)]))';
  const ran = spawnSync(testPython(), ['-c', program], {input: JSON.stringify(literals), encoding: 'utf8'});
  if (ran.status !== 0) throw new Error(ran.stderr);
  return JSON.parse(ran.stdout);
}

async function rendered(template: string, variables: object): Promise<string> {
  return renderTemplate(template, variables, pythonHelpers);
}

test('every text is the same text in Python', async () => {
  const literals = await Promise.all(hostile.map((value) => rendered('{{{py value}}}', {value})));
  expect(evaluated(literals)).toEqual(hostile);
  expect(literals.filter((literal) => !/^"[ -~]*"$/.test(literal))).toEqual([]);
});

test('numbers, constants, lists and mappings are the same in Python', async () => {
  const values: readonly Json[] = [
    ...[0, -1, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 0.1, 2e6, -0.5],
    ...[true, false, null, [], {}],
    [1, 'two', [null, {three: [true]}]],
    {'a "quoted" name': {nested: [1.5, null]}, 'new\nline': hostile},
  ];
  expect(evaluated(await Promise.all(values.map((value) => rendered('{{{py value}}}', {value}))))).toEqual(values);
});

test('lists and pairs over several lines hold every item once, and no line is long', async () => {
  const columns = [...hostile, ...Array.from({length: 500}, (_, at) => `column_${at}`)];
  const list = await rendered('[\n{{{pyColumns columns}}}\n]', {columns});
  const pairs = columns.map((name, at) => ({name: `${name}${at}`, value: at}));
  const mapping = await rendered('{{{pyMapping pairs}}}', {pairs});
  expect(evaluated([list, mapping])).toEqual([columns, Object.fromEntries(pairs.map(({name, value}) => [name, value]))]);
  expect(Math.max(...list.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140);
});

test('an empty list and an empty mapping render as such', async () => {
  expect(evaluated([await rendered('[\n{{{pyColumns none}}}\n]', {none: []}), await rendered('{{{pyMapping none}}}', {none: []})])).toEqual(
    [[], {}],
  );
});

test('a comment in a docstring or after a # can end neither', async () => {
  const text = (await Promise.all(hostile.map((value) => rendered('# {{{comment value}}}\n"""{{{comment value}}}"""', {value})))).join(
    '\n',
  );
  const program = 'import ast, sys; print(len(ast.parse(sys.stdin.buffer.read()).body))';
  const ran = spawnSync(testPython(), ['-c', program], {input: text, encoding: 'utf8'});
  expect([ran.stdout.trim(), ran.stderr]).toEqual([String(hostile.length), '']);
});
