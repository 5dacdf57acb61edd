// A remembered digest is trusted exactly when the file cannot have changed.
import {createHash} from 'node:crypto';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {handClock, systemClock} from '../../src/host/clock.ts';
import type {Disk} from '../../src/host/disk.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {openDigests} from '../../src/state/digests.ts';

const record = '.ftsbuild/digests';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function setup(files: Record<string, string>) {
  const clock = handClock();
  const disk = memoryDisk(files, clock);
  const reads: string[] = [];
  const watched: Disk = {
    root: disk.root,
    resolve: (path) => disk.resolve(path),
    readText: (path) => disk.readText(path),
    readBytes: (path) => (reads.push(path), disk.readBytes(path)),
    readPieces: (path) => (reads.push(path), disk.readPieces(path)),
    entryAt: (path) => disk.entryAt(path),
    stat: (path) => disk.stat(path),
    list: (path) => disk.list(path),
    write: (path, content) => disk.write(path, content),
    append: (path, text) => disk.append(path, text),
    create: (path, text) => disk.create(path, text),
    truncate: (path, length) => disk.truncate(path, length),
    remove: (path) => disk.remove(path),
    move: (from, to) => disk.move(from, to),
    copy: (from, to) => disk.copy(from, to),
    part: (path) => disk.part(path),
  };
  return {clock, disk, reads, open: () => openDigests(watched, clock, record)};
}

test('a digest is of the bytes, and of nothing where the file is missing', () => {
  const {open} = setup({a: 'text'});
  expect(open().digestOf('a')).toBe(sha256('text'));
  expect(open().digestOf('gone')).toBe('missing');
});

test('an old file is read once, also by the next run', () => {
  const {clock, open, reads} = setup({a: 'text'});
  clock.advance(10_000);
  const first = open();
  first.digestOf('a');
  first.digestOf('a');
  first.save();
  expect(open().digestOf('a')).toBe(sha256('text'));
  expect(reads).toEqual(['a']);
});

test('a file that was young when it was read is read again', () => {
  const {clock, disk, open, reads} = setup({a: 'text'});
  clock.advance(1_999);
  const first = open();
  first.digestOf('a');
  first.save();
  clock.advance(60_000);
  const second = open();
  expect(second.digestOf('a')).toBe(sha256('text'));
  expect(second.digestOf('a')).toBe(sha256('text'));
  expect(reads).toEqual(['a', 'a']);
  second.save();
  disk.write('b', '');
  open().digestOf('a');
  expect(reads).toEqual(['a', 'a']);
});

test('a changed file is read again, whatever it was', () => {
  const {clock, disk, open} = setup({a: 'text'});
  clock.advance(10_000);
  const digests = open();
  digests.digestOf('a');
  disk.write('a', 'next');
  expect(digests.digestOf('a')).toBe(sha256('next'));
  disk.remove('a');
  expect(digests.digestOf('a')).toBe('missing');
});

test('a directory counts by the names and bytes in it', () => {
  const {clock, disk, open} = setup({'d/b': '2', 'd/a/c': '1', 'd.txt': '', other: ''});
  clock.advance(10_000);
  const digests = open();
  const before = digests.digestOf('d');
  expect(before).toBe(sha256(`a/c\0${sha256('1')}\nb\0${sha256('2')}\n`));
  disk.touch('d/b');
  expect(digests.digestOf('d')).toBe(before);
  disk.move('d/b', 'd/b2');
  expect(digests.digestOf('d')).not.toBe(before);
});

test('what is derived is computed once for the same bytes, touched or not', () => {
  const {clock, disk, open} = setup({'m.py': 'x = 1'});
  clock.advance(10_000);
  let computed = 0;
  const length = (bytes: Uint8Array): string => `\t${(computed += 1)}\\n\n${bytes.length}`;
  const first = open();
  expect(first.derived('m.py', 'length=1\t', length)).toBe('\t1\\n\n5');
  first.save();
  disk.touch('m.py');
  clock.advance(10_000);
  expect(open().derived('m.py', 'length=1\t', length)).toBe('\t1\\n\n5');
  disk.write('m.py', 'x = 10');
  expect(open().derived('m.py', 'length=1\t', length)).toBe('\t2\\n\n6');
  expect(open().derived('gone.py', 'length=1\t', length)).toBe('missing');
});

test('nothing is written unless something is new, and nothing without saving', () => {
  const {clock, disk, open} = setup({a: 'text'});
  clock.advance(10_000);
  open().digestOf('a');
  expect(disk.stat('.ftsbuild')).toBe('missing');
  const digests = open();
  digests.digestOf('a');
  digests.save();
  const written = disk.stat(record);
  const next = open();
  next.digestOf('a');
  next.save();
  expect(disk.stat(record)).toEqual(written);
});

test('a damaged or foreign record costs only time', () => {
  const {clock, disk, open, reads} = setup({a: 'text', b: 'text'});
  clock.advance(10_000);
  const digests = open();
  digests.digestOf('a');
  digests.digestOf('b');
  digests.save();
  const text = disk.readText(record) ?? '';
  for (let length = 0; length <= text.length; length += 1) {
    disk.write(record, text.slice(0, length));
    expect([open().digestOf('a'), open().digestOf('b')]).toEqual([sha256('text'), sha256('text')]);
  }
  disk.write(record, text.replace('digests 1', 'digests 2'));
  reads.length = 0;
  open().digestOf('a');
  expect(reads).toEqual(['a']);
});

test('on a real disk: links in a circle end, and a rewrite of the same length is seen at once', () => {
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-digests-'));
  const disk = workspaceDisk(root);
  mkdirSync(join(root, 'd'));
  symlinkSync('../d', join(root, 'd', 'round'));
  symlinkSync('nowhere', join(root, 'd', 'broken'));
  disk.write('d/file', 'one');
  const digests = openDigests(disk, systemClock, record);
  expect(digests.digestOf('d')).toBe(sha256(`file\0${sha256('one')}\n`));
  for (let count = 0; count < 30; count += 1) {
    disk.write('f', String(count % 10));
    expect(digests.digestOf('f')).toBe(sha256(String(count % 10)));
  }
  rmSync(root, {recursive: true});
});
