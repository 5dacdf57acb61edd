// Both watchers keep the contract.
import {mkdtempSync, realpathSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {onTestFinished} from 'vitest';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {memoryWatching} from '../../src/host/memory-watcher.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {systemWatching} from '../../src/host/system-watcher.ts';
import {watcherContract, type WatchedPlace} from './watcher-contract.ts';

watcherContract('in memory', () => {
  const disk = memoryDisk();
  return {disk, start: memoryWatching(disk)};
});

watcherContract('by what the system reports', () => onThisMachine(undefined));

watcherContract('by looking again and again', () => onThisMachine(20));

function onThisMachine(pollMs: number | undefined): WatchedPlace {
  const root = mkdtempSync(join(realpathSync(tmpdir()), 'ftsbuild-watch-'));
  onTestFinished(() => rmSync(root, {recursive: true, force: true}));
  return {disk: workspaceDisk(root), start: systemWatching({pollMs})};
}
