// Packages that all workspaces of a user share: made once, whoever asks, and whole or not at all.
import {expect, test, vi} from 'vitest';
import {sharePackages, type SharingSite} from '../../src/build/shared-packages.ts';
import {systemClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {acquire} from '../../src/state/lock.ts';
import {userCacheFolder} from '../../src/host/user-cache.ts';

function siteOf(stop?: AbortSignal): SharingSite & {said: string[]} {
  const said: string[] = [];
  const processes = {host: 'here', ownPid: 1, startOf: () => 'then'};
  return {disk: memoryDisk(), clock: systemClock, processes, cacheFolder: '/cache', say: (text) => void said.push(text), stop, said};
}

const identity = ['torch==2.15.0', 'cpu', '3.13'];

test('who comes while it is made waits for it, and uses it', async () => {
  const site = siteOf();
  let made = 0;
  let finish: () => void = () => undefined;
  const make = (): Promise<undefined> =>
    new Promise((resolve) => {
      made++;
      finish = () => resolve(undefined);
    });
  const both = [sharePackages({identity, make}, site), sharePackages({identity, make}, site)];
  await vi.waitFor(() => expect([made, site.said.length]).toEqual([1, 1]));
  finish();
  const [first, second] = await Promise.all(both);
  expect(first).toEqual({folder: expect.stringMatching(/^\/cache\/ftsbuild\/environments\/[0-9a-f]{16}$/u)});
  expect(second).toEqual(first);
  expect([made, site.said]).toEqual([1, ['waiting for process 1 on here, which makes the shared environment']]);
});

test('what could not be made is made by the next one, and another Python, lock or build has a place of its own', async () => {
  const site = siteOf();
  expect(await sharePackages({identity, make: () => Promise.resolve('no network')}, site)).toEqual({why: 'no network'});
  const folders = new Set<string>();
  for (const each of [identity, identity, ['torch==2.16.0', 'cpu', '3.13'], ['torch==2.15.0', 'whole', '3.13']]) {
    const shared = await sharePackages(
      {
        identity: each,
        make: (folder) => {
          expect(folders).not.toContain(folder);
          return Promise.resolve(undefined);
        },
      },
      site,
    );
    if ('folder' in shared) folders.add(shared.folder);
  }
  expect(folders.size).toBe(3);
});

test('a stop ends the wait for another one', async () => {
  const stop = new AbortController();
  const site = siteOf(stop.signal);
  const never = sharePackages({identity, make: () => new Promise(() => undefined)}, site);
  const waiting = sharePackages({identity, make: () => Promise.resolve(undefined)}, site);
  stop.abort();
  expect(await waiting).toEqual({why: 'it was stopped'});
  void never;
});

test('a lock of a machine that is gone holds up nobody who needs nothing made, and everybody else is told what to do', async () => {
  const stop = new AbortController();
  const site = siteOf(stop.signal);
  const made = await sharePackages({identity, make: () => Promise.resolve(undefined)}, site);
  const folder = 'folder' in made ? made.folder : '';
  const elsewhere = {...site.processes, host: 'there'};
  acquire({disk: site.disk, clock: site.clock, processes: elsewhere, path: `${folder}.lock`, command: 'environment'});
  expect(await sharePackages({identity, make: () => Promise.resolve('not again')}, site)).toEqual({folder});
  site.disk.remove(`${folder}/ftsbuild.json`);
  const waiting = sharePackages({identity, make: () => Promise.resolve(undefined)}, site);
  stop.abort();
  expect(await waiting).toEqual({why: 'it was stopped'});
  expect(site.said).toEqual([
    `waiting for process 1 on there, which makes the shared environment (if there is gone for good, remove ${folder}.lock)`,
  ]);
});

test("the place is the user's folder for what can be made again", () => {
  const user = {environment: {}, platform: 'linux', home: '/home/me'} as const;
  expect(userCacheFolder(user)).toBe('/home/me/.cache');
  expect(userCacheFolder({...user, environment: {XDG_CACHE_HOME: '/fast/cache'}})).toBe('/fast/cache');
  expect(userCacheFolder({...user, environment: {XDG_CACHE_HOME: 'relative'}})).toBe('/home/me/.cache');
  expect(userCacheFolder({...user, platform: 'darwin'})).toBe('/home/me/Library/Caches');
});
