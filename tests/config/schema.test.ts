// The schema and the table of parameters say the same, and so do the codes and their catalogue.
import {readFileSync} from 'node:fs';
import {Ajv} from 'ajv';
import {expect, test} from 'vitest';

import {groups, parameterKinds} from '../../src/config/slices.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import {load, problemsOf, replaced} from './texts.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly definitions: Readonly<Record<string, Schema>>;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly enum?: readonly string[];
  readonly pattern?: string;
}

const root = new URL('../../', import.meta.url);
const schema: Schema = JSON.parse(readFileSync(new URL('schemas/experiments.schema.json', root), 'utf8'));

function keysOf(definition: string, prefix = ''): readonly string[] {
  return Object.keys(schema.definitions[definition]?.properties ?? {}).flatMap((name) =>
    groups.has(name) ? keysOf(name, `${name}.`) : [`${prefix}${name}`],
  );
}

test('defaults, phases, cases, profiles and shapes take every common parameter', () => {
  const common = [...parameterKinds.values()].filter(({scope, name}) => scope === 'common' || name === 'seed').map(({name}) => name);
  for (const definition of ['defaults', 'phase', 'set', 'profile']) expect(keysOf(definition)).toEqual(expect.arrayContaining(common));
  expect(keysOf('shape')).toEqual(expect.arrayContaining(common.filter((name) => name !== 'seed')));
});

test('hpo and training take what may differ between the two, and nothing else', () => {
  const kinds = [...parameterKinds.values()];
  const ofHpo = kinds.filter(({perRule, scope}) => perRule && scope !== 'training').map(({name}) => name);
  const ofTraining = kinds.filter(({perRule, scope}) => perRule && scope !== 'hpo').map(({name}) => name);
  const words = ['search', 'forced', 'objective.at'];
  expect(
    keysOf('hpo')
      .filter((name) => !words.includes(name))
      .sort(),
  ).toEqual([...ofHpo].sort());
  expect(keysOf('training').toSorted()).toEqual([...ofTraining].sort());
});

test('a date is a day that the calendar has', () => {
  const date = new RegExp(schema.definitions['date']?.pattern ?? '', 'u');
  const exists = (text: string): boolean => {
    const time = Date.parse(`${text}T00:00:00Z`);
    return Number.isFinite(time) && new Date(time).toISOString().startsWith(text);
  };
  const written = (...parts: readonly number[]): string => parts.map((part) => String(part).padStart(2, '0')).join('-');
  const wrong: string[] = [];
  for (const year of [1600, 1900, 1904, 1996, 1999, 2000, 2004, 2015, 2016, 2100, 2400])
    for (let month = 0; month <= 13; month += 1)
      for (let day = 0; day <= 32; day += 1)
        if (date.test(written(year, month, day)) !== exists(written(year, month, day))) wrong.push(written(year, month, day));
  expect(wrong).toEqual([]);
  expect(['2015-1-31', '15-01-31', '2015-01-31T00', ' 2015-01-31'].filter((text) => date.test(text))).toEqual([]);
});

test.each([
  ['a default of a mode that does not read it', (date: string) => replaced('tier: a20}', `tier: a20, split: {test_from: ${date}}}`)],
  ['a row of a matrix', (date: string) => replaced('up3]}', `up3], split.test_from: [2016-02-29, ${date}]}`)],
  ['a profile', (date: string) => replaced('tasks:', `profiles: {smoke: {split: {validation_to: ${date}}}}\ntasks:`)],
])('a day that there is not is refused in %s', (_, text) => {
  const codes = (date: string): readonly string[] => problemsOf(text(date)).map(({code}) => code);
  expect(codes('2015-13-31')).toEqual(['FTS115']);
  expect(codes('2015-12-31')).not.toContain('FTS115');
});

test('what can be searched has the same range in the schema', () => {
  for (const {name, searchable} of parameterKinds.values()) {
    if (searchable === undefined) continue;
    expect(keysOf('search')).toContain(name);
    const rule = schema.definitions[name];
    if (searchable.of === 'texts') expect(rule?.enum).toEqual(searchable.texts);
    else {
      expect(searchable.without === 'low' ? rule?.exclusiveMinimum : rule?.minimum).toBe(searchable.low);
      expect((searchable.without === 'high' ? rule?.exclusiveMaximum : rule?.maximum) ?? Infinity).toBe(searchable.high);
    }
  }
});

test('every kind of rule that the schema uses has a sentence', () => {
  // A text, a number, a list and a mapping in place of each value: explaining must not run into a keyword that it does not know.
  const lines = replaced(
    'tier: a20}',
    'tier: a20, split: {mode: classic, min_windows: 1}, hpo: {timeout: none, forced: [{dropout: 0.1}]}}',
  ).split('\n');
  for (let index = 1; index < lines.length; index += 1) {
    for (const value of ['""', '-1', '[]', '{}', '[1, 1]', 'null', 'true'])
      load(lines.toSpliced(index, 1, (lines[index] ?? '').replace(/: [^{[].*$|: [{[].*$/, `: ${value}`)).join('\n'));
  }
});

test('docs/manual.md names every key', () => {
  const manual = readFileSync(new URL('docs/manual.md', root), 'utf8');
  const keys = ['defaults', 'phase', 'hpo', 'training', 'profile', 'dataset', 'budget', 'task', 'search'].flatMap((definition) =>
    keysOf(definition),
  );
  expect(
    [...new Set(keys)].filter((name) => !manual.includes(`\`${name}\``) && !manual.includes(`\`${name.split('.').at(-1) ?? ''}\``)),
  ).toEqual([]);
});

test('tiers are read with and without the wrapping, and refused when they are no lists', () => {
  expect(parseTiers('{"schema_version": 1, "tiers": {"a": ["x"]}}')).toEqual({ok: true, value: new Map([['a', ['x']]])});
  expect(parseTiers('{"a": ["x"]}')).toEqual({ok: true, value: new Map([['a', ['x']]])});
  for (const text of ['', '[]', '{"a": []}', '{"a": [1]}']) expect(parseTiers(text)).toMatchObject({ok: false});
});

interface Described extends Schema {
  readonly $ref?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Described>>;
  readonly definitions: Readonly<Record<string, Described>>;
  readonly additionalProperties?: Described | boolean;
  readonly items?: Described;
}

/** Every schema inside the whole one, with its path. */
function* partsOf(part: Described, path = '#'): Generator<readonly [string, Described]> {
  yield [path, part];
  for (const group of ['properties', 'definitions'] as const)
    for (const [name, inner] of Object.entries(part[group] ?? {})) yield* partsOf(inner, `${path}/${group}/${name}`);
  for (const name of ['additionalProperties', 'items'] as const) {
    const inner = part[name];
    if (typeof inner === 'object') yield* partsOf(inner, `${path}/${name}`);
  }
}

const whole: Described = JSON.parse(readFileSync(new URL('schemas/experiments.schema.json', root), 'utf8'));

test('every key is described, by itself or by what it refers to', () => {
  const describes = ({description, $ref}: Described): boolean =>
    (description ?? ($ref === undefined ? undefined : whole.definitions[$ref.replace('#/definitions/', '')]?.description)) !== undefined;
  const keys = [...partsOf(whole)].filter(([path]) => /\/(properties\/[^/]+|additionalProperties)$/.test(path));
  expect(keys.length).toBeGreaterThan(300);
  expect(keys.filter(([, part]) => !describes(part)).map(([path]) => path)).toEqual([]);
});

test('every example and every built-in value is valid where it stands', () => {
  const ajv = new Ajv({strict: false, allowUnionTypes: true});
  ajv.addSchema(whole, 'whole');
  let count = 0;
  for (const [path, {examples = [], default: builtIn}] of partsOf(whole)) {
    for (const value of [...examples, ...(builtIn === undefined ? [] : [builtIn])]) {
      const valid = ajv.validate({$ref: `whole${encodeURI(path)}`}, value);
      expect(valid, `${path}: ${JSON.stringify(value)} ${ajv.errorsText()}`).toBe(true);
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(100);
});

test('the schema names the same built-in values as the table of parameters', () => {
  for (const {name, builtIn} of parameterKinds.values()) {
    const [group = '', member] = name.split('.');
    const part = whole.definitions[group];
    const found = (member === undefined ? part : part?.properties?.[member])?.default;
    if (part !== undefined && builtIn !== null) expect([name, found]).toEqual([name, builtIn]);
  }
});
