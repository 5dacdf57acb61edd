// A path that was read from a record of the state passes the gate that a path of a study passes: nobody writes outside, or among others' files.
import {expect, test} from 'vitest';
import {key, nodeId} from '../../src/base/ids.ts';
import {findForeignPlace, findWritablePath} from '../../src/base/places.ts';
import {payRows} from '../../src/build/owed-rows.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {findEntries} from '../../src/state/cache.ts';
import {openStore} from '../../src/state/store.ts';
import {bestOf, study, StudyBench} from '../support/search-bench.ts';

const wrong = [
  '../outside',
  '/etc/passwd',
  'a/../../b',
  '.git/config',
  'sub/.GIT/hooks/x',
  '.venv/x',
  'node_modules/a',
  '.ftsbuild/journal',
];

test('what may not be written: outside of the workspace, and in the folders of other programs, at any depth', () => {
  expect(wrong.map(findWritablePath)).toEqual(wrong.map(() => undefined));
  expect(['docs/a.csv', '.github/x', 'a/git/b'].map(findWritablePath)).toEqual(['docs/a.csv', '.github/x', 'a/git/b']);
  expect(findForeignPlace('sub/.git')).toEqual({step: '.git', what: 'the records of version control'});
});

test.each(wrong)('a record of the journal with such a place is none, and is told: %s', (path) => {
  const places = {rows: 'docs/log.csv', log: 'x/hpo.log', output: 'outputs/hpo/x'};
  const begun = {kind: 'began', node: nodeId('x'), key: key('a'.repeat(64)), at: 1, attempt: 1, row: null};
  const lines = [
    {ftsbuild_journal: 1},
    {...begun, places},
    {...begun, places: {...places, rows: path}},
    {...begun, places: {...places, output: path}},
  ];
  const store = openStore(memoryDisk({'.ftsbuild/journal': lines.map((line) => `${JSON.stringify(line)}\n`).join('')}));
  expect(store.ok && store.value.standingOf(nodeId('x')).attempts).toBe(1);
  expect(store.ok && store.value.warnings.map(({message}) => message)).toEqual(['.ftsbuild/journal: lines 3, 4 cannot be read']);
});

test('a record whose time is no date, or whose output lies outside, is none', () => {
  const done = {
    kind: 'done',
    node: nodeId('x'),
    key: key('a'.repeat(64)),
    how: 'ran',
    at: 1,
    durationMs: 1,
    manifest: [],
    outputs: [],
    extent: {},
  };
  const lines = [
    {ftsbuild_journal: 1},
    {...done, at: 9e15},
    {...done, at: 'today'},
    {...done, outputs: [['../x', 'digest']]},
    {...done, outputs: 'x'},
  ];
  const store = openStore(memoryDisk({'.ftsbuild/journal': lines.map((line) => `${JSON.stringify(line)}\n`).join('')}));
  expect(store.ok && store.value.standingOf(nodeId('x')).trace).toBeUndefined();
  expect(store.ok && store.value.warnings).toHaveLength(1);
});

test('a row that is owed to such a log is dropped', async () => {
  const bench = new StudyBench([study('x')]);
  const code = `${bench.packageRoot}/fts/model.py`.slice(1);
  const session = {...bench.session(), packageRoot: bench.disk.resolve('package')};
  bench.disk.write('.ftsbuild/owed-rows', [...wrong, code].map((log) => `${JSON.stringify({log, row: {}})}\n`).join(''));
  await payRows(session);
  expect(Object.keys(bench.disk.texts())).toEqual([]);
});

test('a result in the cache that would be put back at such a place is none', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  bench.steps[0] = study('x', {params: {subset: 0.5}});
  await bench.build();
  const entry = Object.keys(bench.disk.texts()).find((path) => path.endsWith('/entry.json')) ?? '';
  const made = key(entry.split('/')[3] ?? '');
  const text = bench.disk.readText(entry) ?? '';
  expect(findEntries(bench.disk, made)).toHaveLength(1);
  for (const path of wrong) {
    bench.disk.write(entry, text.replace('"path": "outputs/hpo/x"', `"path": ${JSON.stringify(path)}`));
    expect(findEntries(bench.disk, made)).toEqual([]);
  }
  bench.disk.write(entry, text.replace(/"lastUsedMs": \d+/, '"lastUsedMs": 9e15'));
  expect(findEntries(bench.disk, made)).toEqual([]);
  expect(bench.disk.stat(bestOf('x'))).not.toBe('missing');
});
