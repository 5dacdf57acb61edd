// Both disks pass one contract; and what only the real or only the memory disk can show.
import {execFileSync} from 'node:child_process';
import {existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, symlinkSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test} from 'vitest';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {diskContract} from './disk-contract.ts';

const base = mkdtempSync(join(tmpdir(), 'ftsbuild-disk-'));
let count = 0;
const realDisk = (): ReturnType<typeof workspaceDisk> => workspaceDisk(mkdtempSync(join(base, `${(count += 1)}-`)));

afterAll(() => rmSync(base, {recursive: true}));

diskContract('real disk', realDisk, (disk, from, to) => linkSync(disk.resolve(from), disk.resolve(to)));
diskContract(
  'memory disk',
  () => memoryDisk(),
  (disk, from, to) => disk.link(from, to),
);

test('a symbolic link is not parted from what it points to, nor followed', () => {
  const disk = realDisk();
  mkdirSync(disk.resolve('d'));
  symlinkSync('.', disk.resolve('d/round'));
  expect([disk.part('d'), disk.part('d/round')]).toEqual(['folder', 'alone']);
});

test('a failed write leaves the old file and nothing beside it', () => {
  const disk = realDisk();
  disk.write('d/file', 'old');
  expect(() => disk.write('d', 'x')).toThrow(/it is a directory/u);
  expect(disk.list('.')).toEqual(['d']);
});

test('a workspace that was renamed or replaced meanwhile is written into no more, and not made anew', () => {
  const disk = realDisk();
  disk.write('d/file', 'old');
  renameSync(disk.root, `${disk.root}-elsewhere`);
  const refusal = `: the folder ${disk.root} was renamed, moved or removed meanwhile.`;
  for (const change of [
    (): unknown => disk.write('d/file', 'x'),
    (): unknown => disk.append('d/new', 'x'),
    (): unknown => disk.create('d/new', 'x'),
    (): unknown => disk.move('/etc/none', disk.resolve('d/new')) === 'missing' && disk.copy(disk.resolve('d/file'), 'e'),
  ])
    expect(change).toThrow(refusal);
  expect(existsSync(disk.root)).toBe(false);
  mkdirSync(disk.root);
  expect(() => disk.write('d/file', 'x')).toThrow(refusal);
  expect(readdirSync(disk.root)).toEqual([]);
});

test.skipIf(!existsSync('/dev/full'))('a full disk is said to be full', () => {
  expect(() => realDisk().append('/dev/full', 'x')).toThrow('Cannot append to /dev/full: no space is left on the device.');
});

test.skipIf(!existsSync('/dev/shm') || statSync('/dev/shm').dev === statSync(tmpdir()).dev)('a move reaches another file system', () => {
  const disk = realDisk();
  const other = workspaceDisk(mkdtempSync('/dev/shm/ftsbuild-'));
  disk.write('from/a', '1');
  expect(disk.move('from', other.resolve('to/here'))).toBe('moved');
  expect(other.readText('to/here/a')).toBe('1');
  expect(other.list('to')).toEqual(['here']);
  expect(disk.stat('from')).toBe('missing');
  other.remove('.');
});

test('a pipe, a socket or a device where a file is expected is an error, and nobody waits for it', () => {
  const disk = realDisk();
  execFileSync('mkfifo', [disk.resolve('pipe')]);
  const why = 'it is a pipe, a socket or a device, not a plain file.';
  expect(() => disk.readText('pipe')).toThrow(`Cannot read pipe: ${why}`);
  expect(() => disk.readBytes('/dev/zero')).toThrow(`Cannot read /dev/zero: ${why}`);
  expect(() => disk.readPieces('pipe')).toThrow(why);
  expect(() => disk.append('pipe', 'a row')).toThrow(`Cannot append to pipe: ${why}`);
  expect(() => disk.readText('.')).toThrow('Cannot read .: it is a directory.');
});

test('a link is looked at as such, leads nowhere where it leads in a circle, and is moved and removed without what it leads to', () => {
  const disk = realDisk();
  disk.write('d/file', 'mine');
  for (const [target, link] of [
    ['d', 'to'],
    ['gone', 'broken'],
    ['round', 'round'],
  ] as const)
    symlinkSync(target, disk.resolve(link));
  expect(['to', 'broken', 'round'].map((path) => disk.entryAt(path))).toEqual(['link', 'link', 'link']);
  expect([disk.stat('round'), disk.readText('round'), disk.list('round/deeper')]).toEqual(['missing', undefined, 'missing']);
  expect(disk.move('broken', 'kept/broken')).toBe('moved');
  expect(lstatSync(disk.resolve('kept/broken')).isSymbolicLink()).toBe(true);
  disk.remove('to');
  expect(disk.list('.')).toEqual(['d', 'kept', 'round']);
  expect(disk.readText('d/file')).toBe('mine');
});

test('the memory disk takes its times from the clock, and touches', () => {
  const clock = handClock();
  const disk = memoryDisk({a: '1'}, clock);
  const before = disk.stat('a');
  clock.advance(1000);
  disk.touch('a');
  const after = disk.stat('a');
  if (before === 'missing' || after === 'missing') throw new Error('a is missing');
  expect(after.mtimeNs - before.mtimeNs).toBeGreaterThanOrEqual(1_000_000_000n);
  expect(after.inode).toBe(before.inode);
  expect(disk.texts()).toEqual({a: '1'});
});
