// What every disk must do, real or in memory. Knows nothing of who keeps the files.
import {describe, expect, test} from 'vitest';
import {type Disk, DiskError, type FileStat} from '../../src/host/disk.ts';

export function diskContract<D extends Disk>(name: string, makeDisk: () => D, link: (disk: D, from: string, to: string) => void): void {
  describe(name, () => {
    test('what was written is read back, with the directories made above it', () => {
      const disk = makeDisk();
      disk.write('a/b/c.txt', 'grüße\n');
      expect(disk.readText('a/b/c.txt')).toBe('grüße\n');
      disk.write('a/b/c.txt', new Uint8Array([1, 2, 255]));
      expect([...(disk.readBytes('a/b/c.txt') ?? [])]).toEqual([1, 2, 255]);
      expect(disk.list('a/b')).toEqual(['c.txt']);
    });

    test('a missing file is a value, also below a file', () => {
      const disk = makeDisk();
      disk.write('file', 'x');
      for (const path of ['gone', 'gone/deeper', 'file/below']) {
        expect(disk.readText(path)).toBeUndefined();
        expect(disk.readBytes(path)).toBeUndefined();
        expect(disk.readPieces(path)).toBeUndefined();
        expect(disk.stat(path)).toBe('missing');
        expect(disk.entryAt(path)).toBe('missing');
        expect(disk.list(path)).toBe('missing');
        expect(disk.move(path, 'elsewhere')).toBe('missing');
        disk.remove(path);
      }
    });

    test('the pieces of a file are its bytes', () => {
      const disk = makeDisk();
      const bytes = Buffer.alloc(5_000_000, 'abcdefg');
      disk.write('large', bytes);
      const pieces = [...(disk.readPieces('large') ?? [])].map((piece) => Buffer.from(piece));
      expect(pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(bytes.length);
    });

    test('a stat tells kind and size, and changes with every write', () => {
      const disk = makeDisk();
      disk.write('file', 'abc');
      const first = statOf(disk, 'file');
      expect(first).toMatchObject({kind: 'file', size: 3});
      disk.write('file', 'xyz');
      const second = statOf(disk, 'file');
      expect([second.inode, second.ctimeNs]).not.toEqual([first.inode, first.ctimeNs]);
      disk.write('folder/file', '');
      expect(statOf(disk, 'folder').kind).toBe('directory');
      expect(['file', 'folder'].map((path) => disk.entryAt(path))).toEqual(['file', 'directory']);
    });

    test('names are listed in code-unit order, directories among them', () => {
      const disk = makeDisk();
      for (const path of ['d/b', 'd/B', 'd/ä', 'd/a1', 'd/a/inner', 'd/a10']) disk.write(path, '');
      expect(disk.list('d')).toEqual(['B', 'a', 'a1', 'a10', 'b', 'ä']);
    });

    test('appending makes the file and its directories, and keeps the inode', () => {
      const disk = makeDisk();
      disk.append('logs/rows.csv', 'one\n');
      const {inode} = statOf(disk, 'logs/rows.csv');
      disk.append('logs/rows.csv', 'two\n');
      expect(disk.readText('logs/rows.csv')).toBe('one\ntwo\n');
      expect(statOf(disk, 'logs/rows.csv').inode).toBe(inode);
    });

    test('a file is created once', () => {
      const disk = makeDisk();
      expect(disk.create('state/lock', 'first')).toBe('created');
      expect(disk.create('state/lock', 'second')).toBe('exists');
      expect(disk.readText('state/lock')).toBe('first');
      expect(disk.list('state')).toEqual(['lock']);
    });

    test('a file is cut to a length in bytes', () => {
      const disk = makeDisk();
      disk.write('journal', 'grüße');
      disk.truncate('journal', 4);
      expect(disk.readText('journal')).toBe('grü');
      expect(() => disk.truncate('gone', 0)).toThrow(DiskError);
    });

    test('removing takes a file or a whole directory', () => {
      const disk = makeDisk();
      disk.write('keep', '');
      disk.write('d/one', '');
      disk.write('d/e/two', '');
      disk.write('d2', '');
      disk.remove('d');
      expect(disk.stat('d/e/two')).toBe('missing');
      expect(disk.list('.')).toEqual(['d2', 'keep']);
    });

    test('moving takes files and directories along, into directories that it makes, and replaces a file', () => {
      const disk = makeDisk();
      disk.write('out/best.json', '1');
      disk.write('out/deep/er', '2');
      expect(disk.move('out', 'cache/ab/cd')).toBe('moved');
      expect(disk.stat('out')).toBe('missing');
      expect(disk.readText('cache/ab/cd/deep/er')).toBe('2');
      disk.write('target', 'old');
      expect(disk.move('cache/ab/cd/best.json', 'target')).toBe('moved');
      expect(disk.readText('target')).toBe('1');
    });

    test('a copy has bytes of its own, and replaces what is there', () => {
      const disk = makeDisk();
      disk.write('a', 'first');
      disk.write('d/b', 'old');
      expect(disk.copy('a', 'd/b')).toBe('copied');
      disk.append('d/b', ', and more');
      expect([disk.readText('a'), disk.readText('d/b')]).toEqual(['first', 'first, and more']);
      expect(disk.copy('gone', 'c')).toBe('missing');
      expect(disk.list('d')).toEqual(['b']);
      expect(disk.stat('c')).toBe('missing');
    });

    test('a file that is alone is left as it is; a folder and what is missing are told', () => {
      const disk = makeDisk();
      disk.write('d/a', 'first');
      const before = statOf(disk, 'd/a');
      expect([disk.part('d/a'), disk.part('d'), disk.part('gone')]).toEqual(['alone', 'folder', 'missing']);
      expect(statOf(disk, 'd/a')).toEqual(before);
    });

    test('a file with two names is parted: each has the bytes to itself, and its own time', () => {
      const disk = makeDisk();
      disk.write('a', 'first');
      link(disk, 'a', 'b');
      disk.append('a', '+');
      expect(disk.readText('b')).toBe('first+');
      expect([disk.part('b'), disk.part('b'), disk.part('a')]).toEqual(['parted', 'alone', 'alone']);
      disk.append('a', '+');
      expect([disk.readText('a'), disk.readText('b'), disk.list('.')]).toEqual(['first++', 'first+', ['a', 'b']]);
    });

    test('a directory is not moved over one that holds something', () => {
      const disk = makeDisk();
      disk.write('a/x', '');
      disk.write('b/y', '');
      expect(() => disk.move('a', 'b')).toThrow(DiskError);
      expect(disk.stat('a/x')).not.toBe('missing');
    });

    test('what cannot be done is said in a sentence that names the path', () => {
      const disk = makeDisk();
      disk.write('folder/file', '');
      for (const attempt of [() => disk.write('folder', 'x'), () => disk.readText('folder'), () => disk.write('folder/file/below', 'x')]) {
        expect(attempt).toThrow(DiskError);
        expect(attempt).toThrow(/^Cannot [a-z ]+ .*folder.*: [a-z].*\.$/u);
      }
      expect(disk.list('folder')).toEqual(['file']);
    });

    test('paths are relative to the workspace or absolute', () => {
      const disk = makeDisk();
      disk.write(disk.resolve('a/b'), 'x');
      expect(disk.readText('a/b')).toBe('x');
      expect(disk.resolve('a/b')).toBe(`${disk.root}/a/b`);
    });
  });
}

function statOf(disk: Disk, path: string): FileStat {
  const stat = disk.stat(path);
  if (stat === 'missing') throw new Error(`${path} is missing`);
  return stat;
}
