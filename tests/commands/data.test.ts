// `ftsbuild data`: alone it builds the group; its words work on the manifest.
import {execFileSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {createHash} from 'node:crypto';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {registerFile, type RunPython} from '../../src/build/data-files.ts';
import {complete} from '../../src/commands/complete.ts';
import {listData, verifyData} from '../../src/commands/data.ts';
import {makeProgram} from '../../src/commands/main.ts';
import {openSession} from '../../src/commands/open.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function entryOf(path: string, text: string): object {
  return {
    dataset: 'tiny',
    kind: 'raw',
    version: 'v1',
    path,
    rows: 1,
    bytes: text.length,
    md5: 'm',
    sha256: sha256(text),
    columns: {Close: {sha256: 's', nan: 0}},
  };
}

function withManifest(): Workspace {
  const files = [
    entryOf('data/raw/a.csv', 'a'),
    entryOf('data/raw/b.csv', 'b'),
    entryOf('data/raw/gone.csv', 'c'),
    entryOf('../outside.csv', 'd'),
  ];
  return Workspace.forTest({
    ...{'experiments.yaml': tinyStudy, 'data/raw/a.csv': 'a', 'data/raw/b.csv': 'b'},
    'data/manifest.json': JSON.stringify({schema_version: 1, files}),
  });
}

test('list shows what is on record, verify reads the bytes, and each is what its schema says', () => {
  const workspace = withManifest();
  const look = (verb: typeof listData, json: boolean): {said: string; status: number} => {
    const {terminal, said} = quietTerminal();
    const status = verb({directory: workspace.root, json}, terminal);
    return {said: said.join('\n'), status};
  };
  expect(look(listData, false)).toMatchObject({
    status: 0,
    said: expect.stringMatching(/^data\/raw\/a\.csv  tiny, raw, v1, 1 rows, 1 columns, .*\n.*\n.*gone\.csv .*missing$/),
  });
  writeFileSync(join(workspace.root, 'data/raw/b.csv'), 'B');
  const verified = look(verifyData, true);
  expect(verified.status).toBe(1);
  for (const shown of [verified, look(listData, true)]) expect(schemaProblems('data', JSON.parse(shown.said))).toEqual([]);
  const {files} = JSON.parse(verified.said) as {files: {path: string; state: string}[]};
  expect(files.map(({path, state}) => [path, state])).toEqual([
    ['data/raw/a.csv', 'sound'],
    ['data/raw/b.csv', 'changed'],
    ['data/raw/gone.csv', 'missing'],
  ]);
  expect(look(verifyData, false).said).toMatch(/changed data\/raw\/b\.csv: .*\n.*\n1 of 3 files are what data\/manifest\.json says/);
});

test('register puts a file on record with what Python found, and refuses what is none', async () => {
  const workspace = withManifest();
  writeFileSync(join(workspace.root, 'data/raw/mine.csv'), 'mine');
  const opened = openSession({directory: workspace.root});
  if (!opened.ok) throw new Error('it does not open');
  const {session} = opened.value;
  const orders: unknown[] = [];
  const python: RunPython = (_argv, {FTSBUILD_JOB: file = ''}) => {
    const job = JSON.parse(session.disk.readText(file) ?? '{}') as {output: string; params: {path: string}};
    orders.push(job.params);
    const {dataset: _dataset, kind: _kind, version: _version, ...found} = entryOf(job.params.path, 'mine') as Record<string, unknown>;
    session.disk.write(job.output, JSON.stringify({schema_version: 1, kind: 'dataset', raw: null, ...found}));
    return Promise.resolve({how: 'exited', status: 0, stdout: '', stderr: ''});
  };
  const asked = {path: 'data/raw/mine.csv', timescale: 'weekly'};
  expect(await registerFile(session, asked, python)).toEqual({
    ok: true,
    value: {path: 'data/raw/mine.csv', rows: 1, sha256: sha256('mine')},
  });
  expect(orders).toMatchObject([{source: null, path: 'data/raw/mine.csv', timescale: 'weekly', min_rows: null}]);
  const {files} = workspace.json('data/manifest.json') as {files: {path: string}[]};
  expect(files.find(({path}) => path === 'data/raw/mine.csv')).toMatchObject({
    dataset: 'mine',
    kind: 'raw',
    registered: expect.stringMatching(/Z$/),
  });
  expect(files).toHaveLength(5);
  const wrong = await registerFile(session, asked, () =>
    Promise.resolve({how: 'exited', status: 3, stdout: 'FAILED: no column "Close"', stderr: ''}),
  );
  expect(wrong).toEqual({ok: false, error: 'data/raw/mine.csv was not registered: no column "Close"'});
  execFileSync('mkfifo', [join(workspace.root, 'data/raw/pipe.csv')]);
  for (const [path, why] of [
    ['../outside.csv', 'no path in this workspace'],
    ['data/raw/nothing.csv', 'is not there'],
    ['data/raw/pipe.csv', 'is no plain file'],
    ['data/raw', 'is no plain file'],
  ] as const)
    expect(await registerFile(session, {path, timescale: 'daily'}, python)).toMatchObject({ok: false, error: expect.stringContaining(why)});
});

test('data alone, and with targets and options, builds; its words are no targets', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const run = async (...words: string[]): Promise<{said: string; code: number | undefined}> => {
    let code: number | undefined;
    const {terminal, said} = quietTerminal();
    await makeProgram(terminal, (value) => (code = value)).parseAsync(['-C', workspace.root, ...words], {from: 'user'});
    return {said: said.join('\n'), code};
  };
  for (const words of [
    ['data', '-n'],
    ['-n', 'data'],
    ['data', 'hpo', '--dry-run'],
  ]) {
    const {said, code} = await run(...words);
    expect([words, code]).toEqual([words, 0]);
    expect(said).toContain('data');
  }
  expect((await run('data', 'list', '--json')).said).toContain('"manifest": "data/manifest.json"');
  expect((await run('data', '-n', '--json')).said).toContain('"will"');
});

test('after data its words are offered beside the targets', () => {
  const {terminal, said} = quietTerminal();
  complete(
    makeProgram(terminal, () => undefined),
    ['data', 're'],
    terminal,
  );
  complete(
    makeProgram(terminal, () => undefined),
    ['data', 'list', '--js'],
    terminal,
  );
  expect(said.map((line) => line.split('\t')[0])).toEqual(['register', 'report', '--json']);
});
