// Code that gives the same results as before counts as what it was before; anything else does not.
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {countedAs, parseSameResults} from '../../src/state/same-results.ts';
import {meaningOf} from '../../src/state/python-source.ts';
import {packageRoot} from '../support/python-interpreter.ts';

const row = {
  now: new Map([
    ['fts/store.py', 's2'],
    ['fts/study.py', 'y2'],
  ]),
  countsAs: new Map([['fts/study.py', 'y1']]),
};
const modules = (entries: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(entries));

test('a module that was split counts as the one that it was', () => {
  expect(countedAs(modules({'fts/model.py': 'm', 'fts/store.py': 's2', 'fts/study.py': 'y2'}), [row])).toEqual(
    modules({'fts/model.py': 'm', 'fts/study.py': 'y1'}),
  );
});

test('an edit of one of its modules ends that for all of them', () => {
  const edited = modules({'fts/store.py': 's3', 'fts/study.py': 'y2'});
  expect(countedAs(edited, [row])).toEqual(edited);
});

test('code that reaches no module of a row is left as it is', () => {
  const other = modules({'fts/model.py': 'm'});
  expect(countedAs(other, [row])).toEqual(other);
});

test('a module that an earlier release does not know counts as one of today', () => {
  const before = modules({'fts/study.py': 'y1'});
  expect(countedAs(before, [row])).toEqual(before);
});

test('a table that cannot be read is an empty one', () => {
  expect(parseSameResults('{"rows": [{"now": 3}, 4]')).toEqual([]);
  expect(parseSameResults('{"rows": [{"now": 3}, 4]}')).toEqual([]);
  expect(parseSameResults(undefined)).toEqual([]);
});

test('every row of the committed table is about modules as they are', () => {
  const rows = parseSameResults(readFileSync(`${packageRoot}/fts/same_results.json`, 'utf8'));
  for (const {now} of rows)
    for (const [path, digest] of now) expect([path, meaningOf(readFileSync(`${packageRoot}/${path}`)).digest]).toEqual([path, digest]);
});
