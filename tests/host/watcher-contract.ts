// What every watcher must do, of real files or of a disk in memory.
import {describe, expect, test, vi} from 'vitest';
import type {Disk} from '../../src/host/disk.ts';
import type {StartWatcher, Watcher} from '../../src/host/watcher.ts';

export interface WatchedPlace {
  readonly disk: Disk;
  readonly start: StartWatcher;
}

interface Watching {
  readonly disk: Disk;
  /** Paths told so far, as they were written. */
  readonly told: Set<string>;
  /** Waits until the path is told, and forgets all that was. */
  readonly until: (path: string) => Promise<void>;
  readonly watcher: Watcher;
}

export function watcherContract(name: string, makePlace: () => WatchedPlace): void {
  async function watching(files: readonly string[], before: readonly string[] = []): Promise<Watching> {
    const {disk, start} = makePlace();
    for (const path of before) disk.write(path, 'before');
    disk.write('package/fts/model.py', 'a');
    const told = new Set<string>();
    const watched = {
      roots: [disk.root],
      files: new Set(files.map((path) => disk.resolve(path))),
      folders: [{path: disk.resolve('package'), ending: '.py'}],
    };
    const watcher = await start(watched, {
      onChange: (path) => told.add(path.slice(disk.root.length + 1)),
      onTrouble: (message) => {
        throw new Error(message);
      },
    });
    const until = async (path: string): Promise<void> => {
      await vi.waitFor(() => expect([...told]).toContain(path), {timeout: 5000, interval: 5});
      told.clear();
    };
    return {disk, told, until, watcher};
  }

  describe(name, () => {
    test('a file that is changed, removed and made again is told each time', async () => {
      const {disk, until, watcher} = await watching(['study.yaml'], ['study.yaml']);
      disk.append('study.yaml', 'more');
      await until('study.yaml');
      disk.remove('study.yaml');
      await until('study.yaml');
      disk.write('study.yaml', 'again');
      await until('study.yaml');
      await watcher.close();
    });

    test('a file that is written beside and renamed into place is told, every time', async () => {
      const {disk, until, watcher} = await watching(['study.yaml'], ['study.yaml']);
      for (const text of ['one', 'two', 'three']) {
        disk.write('study.yaml.new', text);
        disk.move('study.yaml.new', 'study.yaml');
        await until('study.yaml');
      }
      await watcher.close();
    });

    test('a file in folders that are not there yet is told when it comes', async () => {
      const {disk, until, watcher} = await watching(['outputs/hpo/a/best_params.json']);
      disk.write('outputs/hpo/a/best_params.json', '{}');
      await until('outputs/hpo/a/best_params.json');
      await watcher.close();
    });

    test('a folder that is removed and made again is watched on', async () => {
      const {disk, until, watcher} = await watching(['docs/log.csv'], ['docs/log.csv']);
      disk.remove('docs');
      await until('docs/log.csv');
      disk.write('docs/log.csv', 'again');
      await until('docs/log.csv');
      disk.append('docs/log.csv', 'more');
      await until('docs/log.csv');
      await watcher.close();
    });

    test('in a folder every file of the ending counts, new ones and those in new folders too', async () => {
      const {disk, until, watcher} = await watching([]);
      disk.write('package/fts/model.py', 'b');
      await until('package/fts/model.py');
      disk.write('package/fts/data/families/new.py', 'c');
      await until('package/fts/data/families/new.py');
      await watcher.close();
    });

    test('of nothing else anything is told, and after its end nothing at all', async () => {
      const {disk, told, watcher} = await watching(['study.yaml'], ['study.yaml']);
      disk.write('other.yaml', 'x');
      disk.write('outputs/other', 'x');
      disk.write('package/fts/notes.txt', 'x');
      disk.write('package/fts/__pycache__/model.py', 'x');
      disk.append('study.yaml', 'x');
      await vi.waitFor(() => expect([...told]).toEqual(['study.yaml']), {timeout: 5000, interval: 5});
      await watcher.close();
      told.clear();
      disk.append('study.yaml', 'x');
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect([...told]).toEqual([]);
    });
  });
}
