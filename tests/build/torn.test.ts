// What a killed writer left goes; what only looks like it, what lies behind a link, and what is being written right now stays.
import {mkdirSync, mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import {findTornRecords, removeTorn, removeTornRecords, resultNames} from '../../src/build/torn.ts';
import type {Disk} from '../../src/host/disk.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {sizeOf} from '../../src/state/cache.ts';
import {repositoryStudy} from '../support/studies.ts';

const folder = projectPath('outputs/hpo/x');
let root: string;
let disk: Disk;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ftsbuild-torn-'));
  mkdirSync(join(root, 'here', folder), {recursive: true});
  disk = workspaceDisk(join(root, 'here'));
});

afterEach(() => rmSync(root, {recursive: true}));

function put(...paths: readonly string[]): void {
  for (const path of paths) disk.write(path, 'half');
}

function left(...paths: readonly string[]): readonly string[] {
  return paths.filter((path) => disk.entryAt(path) !== 'missing');
}

test('nothing behind a link is removed: not in a folder, not as a file, not where the results themselves lie behind one', () => {
  const outside = ['../outside/.best_params.json.1', '../outside/deep/.trials.jsonl.20', '../outside/.ftsbuild-0123456789ab.tmp'];
  put(...outside, `${folder}/.trials.jsonl.7`);
  symlinkSync(join(root, 'outside'), join(root, 'here', folder, 'link'));
  symlinkSync(join(root, 'outside'), join(root, 'here/outputs/hpo/y'));
  symlinkSync(join(root, 'outside/.best_params.json.1'), join(root, 'here', folder, '.best_params.json.1'));
  removeTorn(disk, {resultFolders: [folder, projectPath('outputs/hpo/y')], files: []});
  expect(left(...outside, `${folder}/.best_params.json.1`)).toEqual([...outside, `${folder}/.best_params.json.1`]);
  expect(left(`${folder}/.trials.jsonl.7`)).toEqual([]);
});

test('links in a circle stop neither the removal nor the measuring of a folder', () => {
  put(`${folder}/deep/.best_params.json.5`, `${folder}/trials.jsonl`);
  symlinkSync('.', join(root, 'here', folder, 'loop'));
  symlinkSync('itself', join(root, 'here', folder, 'itself'));
  removeTorn(disk, {resultFolders: [folder], files: []});
  expect(left(`${folder}/deep/.best_params.json.5`)).toEqual([]);
  expect(sizeOf(disk, folder)).toBe(4);
});

test('below .ftsbuild what never became whole goes, and copies on their way; what is kept, cached or being written does not', () => {
  const torn = [
    '.ftsbuild/staging/abc/best_params.json',
    '.ftsbuild/.ftsbuild-0123456789ab.tmp',
    '.ftsbuild/cache/ab/abcd/.ftsbuild-0123456789ab.tmp/part',
    '.ftsbuild/trials/context/.hash.json.4711',
  ];
  const stays = ['.ftsbuild/kept/edited-1/.notes.2026', '.ftsbuild/cache/ab/abcd/output/.notes.1', '.ftsbuild/events/now.ndjson'];
  put(...torn, ...stays);
  const now = Date.now();
  expect(findTornRecords(disk, now)).toEqual([]);
  expect(removeTornRecords(disk, now + 120_000)).toHaveLength(torn.length);
  expect(left(...torn)).toEqual([]);
  expect(left(...stays)).toEqual(stays);
});

test('the names of results are those that searches and trainings write', () => {
  const nodes = repositoryStudy('configs/quickstart.yaml').graph.nodes.filter(({rule}) => rule === 'hpo' || rule === 'training');
  const names = nodes.flatMap(({outputs}) => outputs.map(({path}) => path.slice(path.lastIndexOf('/') + 1)));
  expect(new Set(names.filter((name) => !name.endsWith('.log')))).toEqual(new Set([...resultNames].filter((name) => name !== 'last.pt')));
});
