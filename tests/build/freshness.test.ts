// What makes a node run again, and what does not: whole builds in memory.
import {expect, test} from 'vitest';
import {Bench, type Step} from '../support/bench.ts';

const chain: readonly Step[] = [
  {out: 'clean.csv', in: ['raw.csv'], makes: (read) => read('raw.csv').trim()},
  {out: 'model.json', in: ['clean.csv'], params: {d_model: 64}, makes: (read) => `model of ${read('clean.csv')}`},
  {out: 'report.md', in: ['model.json'], makes: (read) => `# ${read('model.json')}`},
];

test('the first build runs everything, the second nothing', async () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  expect((await bench.build()).ran).toEqual(['clean.csv', 'model.json', 'report.md']);
  const again = await bench.build();
  expect(again.ran).toEqual([]);
  expect(again.summary.fresh).toBe(3);
});

test('touching a file makes nothing stale', async () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  await bench.build();
  bench.disk.touch('raw.csv');
  expect((await bench.build()).ran).toEqual([]);
});

test('a node whose outputs come out the same leaves what follows fresh (early cutoff)', async () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  await bench.build();
  bench.disk.write('raw.csv', '1\n\n');
  expect((await bench.build()).ran).toEqual(['clean.csv']);
});

test('changed content runs all that depends on it', async () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  await bench.build();
  bench.disk.write('raw.csv', '2\n');
  expect((await bench.build()).ran).toEqual(['clean.csv', 'model.json', 'report.md']);
});

test('a changed parameter runs its node, and nothing after it where what comes out is the same', async () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  await bench.build();
  bench.steps[1] = {...chain[1]!, params: {d_model: 128}};
  expect((await bench.build()).ran).toEqual(['model.json']);
});

test('a deleted output is made again; an edited one too', async () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  await bench.build();
  bench.disk.remove('clean.csv');
  expect((await bench.build()).ran).toEqual(['clean.csv']);
  bench.disk.write('model.json', 'edited by hand');
  const built = await bench.build();
  expect(built.ran).toEqual(['model.json']);
  expect(built.events.find((event) => event.type === 'node_kept')).toMatchObject({path: 'model.json'});
});

test('only the part of a JSON file that is read counts', async () => {
  const part = {path: 'best.json', part: {of: 'json', pointer: '/params'} as const};
  const bench = new Bench([{out: 'trained', in: [part], makes: () => 'weights'}], {'best.json': '{"created": 1, "params": {"lr": 0.1}}'});
  await bench.build();
  bench.disk.write('best.json', '{"params": {"lr": 0.1}, "created": 2}');
  expect((await bench.build()).ran).toEqual([]);
  bench.disk.write('best.json', '{"params": {"lr": 0.2}, "created": 2}');
  expect((await bench.build()).ran).toEqual(['trained']);
});

test('of a data file only the columns that are read count', async () => {
  const manifest = (digests: Record<string, string>, sha256: string): string =>
    JSON.stringify({
      files: [
        {
          path: 'data/x.parquet',
          md5: 'm',
          sha256,
          rows: 10,
          columns: Object.fromEntries(Object.entries(digests).map(([name, value]) => [name, {sha256: value}])),
        },
      ],
    });
  const bench = new Bench([{out: 'trained', in: [{path: 'data/x.parquet', part: {of: 'columns', names: ['Close', 'rsi_14']}}]}], {
    'data/x.parquet': 'bytes',
  });
  const {createHash} = await import('node:crypto');
  const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
  bench.disk.write('data/manifest.json', manifest({Close: 'a', rsi_14: 'b'}, digestOf('bytes')));
  await bench.build();
  bench.disk.write('data/x.parquet', 'bytes with one more column');
  bench.disk.write('data/manifest.json', manifest({Close: 'a', rsi_14: 'b', new_column: 'c'}, digestOf('bytes with one more column')));
  expect((await bench.build()).ran).toEqual([]);
  bench.disk.write('data/x.parquet', 'other bytes');
  expect(bench.plan()).toEqual({trained: 'run'});
});

test('Python code counts by meaning, over all it imports and nothing else', async () => {
  const bench = new Bench([{out: 'trained', code: ['fts.train']}], {
    '/package/fts/__init__.py': '',
    '/package/fts/train.py': 'from fts import model\n',
    '/package/fts/model.py': 'WIDTH = 4\n',
    '/package/fts/other.py': 'A = 1\n',
  });
  await bench.build();
  bench.disk.write('/package/fts/model.py', '# how wide\nWIDTH  =  4\n\n');
  bench.disk.write('/package/fts/other.py', 'A = 2\n');
  expect((await bench.build()).ran).toEqual([]);
  bench.disk.write('/package/fts/model.py', 'WIDTH = 5\n');
  const built = await bench.build();
  expect(built.ran).toEqual(['trained']);
  expect(built.events.find((event) => event.type === 'node_stale')).toMatchObject({
    reason: {because: 'changed', changes: [{name: 'code fts/model.py'}]},
  });
});

test('more of an extent is a reason to go on, less is none', async () => {
  const bench = new Bench([{out: 'study', extent: {trials: 50}}]);
  await bench.build();
  bench.steps[0] = {out: 'study', extent: {trials: 20}};
  expect(bench.plan()).toEqual({study: 'stay'});
  bench.steps[0] = {out: 'study', extent: {trials: 80}};
  expect(bench.plan()).toEqual({study: 'run'});
});

test('planning writes nothing', () => {
  const bench = new Bench(chain, {'raw.csv': '1\n'});
  const before = JSON.stringify(bench.disk.list('.'));
  expect(bench.plan()).toEqual({'clean.csv': 'run', 'model.json': 'follow', 'report.md': 'follow'});
  expect(JSON.stringify(bench.disk.list('.'))).toBe(before);
});
