// What may be deleted at any time stops nobody when something else lies at its place; what must be believed does.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {handClock} from '../../src/host/clock.ts';
import type {Disk} from '../../src/host/disk.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {forgivingDisk} from '../../src/state/forgiving-disk.ts';
import {findAnswer, writeSnapshot} from '../../src/state/snapshot.ts';
import {openStore} from '../../src/state/store.ts';

let disk: Disk;

beforeEach(() => {
  disk = forgivingDisk(workspaceDisk(mkdtempSync(join(tmpdir(), 'ftsbuild-forgiving-'))));
});

afterEach(() => rmSync(disk.root, {recursive: true}));

const places = [
  '.ftsbuild/digests',
  '.ftsbuild/schema.json',
  '.ftsbuild/fresh/of_all',
  '.ftsbuild/events/a.ndjson',
  '.ftsbuild/jobs/1/job.json',
];

test.each(places)('a folder at the place of %s is nothing to read, and is moved aside by who writes it', (path) => {
  disk.write(`${path}/mine`, 'mine');
  expect([disk.readText(path), disk.readBytes(path)]).toEqual([undefined, undefined]);
  disk.append(path, 'text');
  expect(disk.readText(path)).toBe('text');
  expect(disk.readText(`.ftsbuild/kept/unknown/${path}/mine`)).toBe('mine');
});

test('so is a pipe, and a file where a folder is expected', () => {
  disk.write('.ftsbuild/fresh', 'mine');
  expect(disk.readText('.ftsbuild/fresh/of_all')).toBeUndefined();
  disk.write('.ftsbuild/fresh/of_all', 'text');
  execFileSync('mkfifo', [disk.resolve('.ftsbuild/digests')]);
  expect(disk.readText('.ftsbuild/digests')).toBeUndefined();
  disk.write('.ftsbuild/digests', 'text');
  expect(disk.list('.ftsbuild/kept/unknown/.ftsbuild')).toEqual(['fresh']);
  expect(disk.readText('.ftsbuild/digests')).toBe('text');
});

test('digests and remembered answers are made anew', () => {
  const question = {words: ['all'], directory: '/', program: 'p'};
  for (const path of ['.ftsbuild/digests', '.ftsbuild/fresh/of_all']) disk.write(`${path}/mine`, 'mine');
  expect(findAnswer(disk, question)).toBeUndefined();
  disk.write('file', 'text');
  const digests = openDigests(disk, handClock(), '.ftsbuild/digests');
  expect(digests.digestOf('file')).toHaveLength(64);
  digests.save();
  writeSnapshot(disk, {question, text: 'Nothing to do', paths: [], sinceMs: Date.now()});
  expect(findAnswer(disk, question)).toBe('Nothing to do');
});

test.each(['.ftsbuild/journal', '.ftsbuild/owed-rows', '.ftsbuild/disowned-trials.json', 'docs/log.csv'])(
  'what must be believed is an error that names it: %s',
  (path) => {
    disk.write(`${path}/mine`, 'mine');
    expect(() => disk.readText(path)).toThrow(`Cannot read ${path}: it is a directory.`);
    expect(() => disk.append(path, 'text')).toThrow(path);
    if (path === '.ftsbuild/journal') expect(() => openStore(disk)).toThrow(path);
  },
);
