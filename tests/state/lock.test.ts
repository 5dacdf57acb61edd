// At most one holds a workspace, whoever dies and whatever happens in between.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {afterEach, expect, test, vi} from 'vitest';
import {type Clock, handClock} from '../../src/host/clock.ts';
import type {Disk} from '../../src/host/disk.ts';
import {type MemoryDisk, memoryDisk} from '../../src/host/memory-disk.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {workspaceBusy} from '../../src/ui/busy.ts';
import {acquire, acquireWithin, findHolder, giveUp, type LockSite} from '../../src/state/lock.ts';

const path = '.ftsbuild/lock';
afterEach(() => void vi.useRealTimers());

class Machine {
  readonly clock: Clock & {advance(ms: number): void} = handClock();
  readonly disk: MemoryDisk = memoryDisk({}, this.clock);
  readonly alive = new Map<number, string>();

  site(pid: number, disk: Disk = this.disk): LockSite {
    const processes = {host: 'here', ownPid: pid, startOf: (asked: number) => this.alive.get(asked)};
    return {disk, clock: this.clock, processes, path, command: `build ${pid}`};
  }

  start(pid: number): this {
    this.alive.set(pid, `start of ${pid}`);
    return this;
  }
}

test('a second one is told who holds it, until it is released', () => {
  const machine = new Machine().start(1).start(2);
  const first = acquire(machine.site(1));
  expect(acquire(machine.site(2))).toEqual({
    by: {host: 'here', pid: 1, start: 'start of 1', since: machine.clock.now(), command: 'build 1'},
  });
  expect(findHolder(machine.site(2))?.pid).toBe(1);
  if (!('held' in first)) throw new Error('not held');
  first.held.release();
  first.held.release();
  expect(findHolder(machine.site(2))).toBeUndefined();
  expect(acquire(machine.site(2))).toHaveProperty('held');
  first.held.release();
  expect(findHolder(machine.site(1))?.pid).toBe(2);
});

test('a machine that got another name since is known by its boot, and a dead holder of it is replaced', () => {
  const machine = new Machine().start(1).start(2);
  const named = (pid: number, host: string, boot: string | undefined): LockSite => {
    const site = machine.site(pid);
    return {...site, processes: {...site.processes, host, boot}};
  };
  acquire(named(1, 'at-home', 'boot 7'));
  expect(acquire(named(2, 'at-work', 'boot 7'))).toMatchObject({by: {pid: 1}});
  machine.alive.delete(1);
  expect(acquire(named(2, 'at-work', 'boot 8'))).toMatchObject({by: {pid: 1}});
  expect(acquire(named(2, 'at-work', undefined))).toMatchObject({by: {pid: 1}});
  expect(acquire(named(2, 'at-work', 'boot 7'))).toHaveProperty('held');
});

test('a dead holder is replaced, also where its id has a new process; one on another machine never is', () => {
  const machine = new Machine().start(1).start(2);
  acquire(machine.site(1));
  machine.alive.set(1, 'another start');
  expect(findHolder(machine.site(2))).toBeUndefined();
  expect(acquire(machine.site(2))).toHaveProperty('held');
  const elsewhere = {...machine.site(3), processes: {...machine.site(3).processes, host: 'there'}};
  machine.alive.clear();
  expect(acquire(elsewhere)).toMatchObject({by: {pid: 2}});
  expect(machine.disk.list('.ftsbuild')).toEqual(['lock']);
});

test('a lock file without a readable holder counts as dead when it is not brand-new', () => {
  const machine = new Machine().start(1);
  machine.disk.write(path, '{"host":');
  expect(acquire(machine.site(1))).toMatchObject({by: {host: 'unknown'}});
  machine.clock.advance(6000);
  expect(acquire(machine.site(1))).toHaveProperty('held');
});

test('a lock that names another file in place of its token is damaged: nothing is written or removed there', () => {
  const machine = new Machine().start(1);
  machine.disk.write('victim', 'precious');
  const dead = {host: 'here', pid: 4, start: 'long ago', since: 0, command: 'dead'};
  machine.disk.write(path, JSON.stringify({...dead, token: '/../../victim'}));
  expect(acquire(machine.site(1))).toMatchObject({by: {host: 'unknown'}});
  machine.clock.advance(6000);
  expect(acquire(machine.site(1))).toHaveProperty('held');
  expect(machine.disk.texts()).toMatchObject({victim: 'precious'});
  expect(machine.disk.list('.ftsbuild')).toEqual(['lock']);
});

test('a lock whose time is no date holds, and says of no time that it is its own', () => {
  const machine = new Machine().start(1);
  for (const since of [9e15, -9e15]) {
    machine.disk.write(path, JSON.stringify({host: 'there', pid: 4, start: 's', since, command: 'all', token: 'a1'}));
    const holder = findHolder(machine.site(1));
    expect(holder).toMatchObject({pid: 4, since: 0});
    expect(holder && workspaceBusy(holder, 'none', {host: 'here'})).toContain('since a time that its lock does not tell');
  }
});

/** The disk of one contender; before its step number `step`, something else happens. */
function interrupted(disk: Disk, step: number, event: () => void): {disk: Disk; steps: () => number} {
  let count = 0;
  const intercept = <A extends readonly unknown[], R>(work: (...args: A) => R) => {
    return (...args: A): R => {
      count += 1;
      if (count === step) event();
      return work(...args);
    };
  };
  const watched: Disk = {
    ...workspaceDisk('/'),
    root: disk.root,
    stat: intercept((name: string) => disk.stat(name)),
    readText: intercept((name: string) => disk.readText(name)),
    create: intercept((name: string, text: string) => disk.create(name, text)),
    write: intercept((name: string, text: string | Uint8Array) => disk.write(name, text)),
    remove: intercept((name: string) => disk.remove(name)),
    move: intercept((from: string, to: string) => disk.move(from, to)),
  };
  return {disk: watched, steps: () => count};
}

function afterADeath(): Machine {
  const machine = new Machine().start(1);
  acquire(machine.site(1));
  machine.alive.delete(1);
  return machine.start(2).start(3).start(4).start(5);
}

test('of several that take over at once, interleaved at any step, exactly one wins', () => {
  for (let outer = 1; outer < 16; outer += 1) {
    for (let inner = 1; inner < 16; inner += 1) {
      const machine = afterADeath();
      const won: number[] = [];
      const contend = (pid: number, disk: Disk): void => {
        if ('held' in acquire(machine.site(pid, disk))) won.push(pid);
      };
      const second = interrupted(machine.disk, inner, () => contend(4, machine.disk));
      const first = interrupted(machine.disk, outer, () => contend(3, second.disk));
      contend(2, first.disk);
      contend(5, machine.disk);
      expect(won, `${outer}, ${inner}`).toHaveLength(1);
      expect(findHolder(machine.site(5))?.pid).toBe(won[0]);
    }
  }
});

test('one that dies in the middle of taking over keeps nobody out', () => {
  for (let step = 1; step < 16; step += 1) {
    const machine = afterADeath();
    const dying = interrupted(machine.disk, step, () => {
      machine.alive.delete(2);
      throw new Error('killed');
    });
    try {
      acquire(machine.site(2, dying.disk));
    } catch (error) {
      expect(error).toEqual(new Error('killed'));
    }
    machine.alive.delete(2);
    expect(acquire(machine.site(3)), `died at step ${step}`).toHaveProperty('held');
    expect(acquire(machine.site(4))).toMatchObject({by: {pid: 3}});
  }
});

test('waiting ends with the lock, or with its holder after the time', async () => {
  vi.useFakeTimers({toFake: ['performance', 'setTimeout']});
  const machine = new Machine().start(1).start(2);
  const first = acquire(machine.site(1));
  expect(await acquireWithin(machine.site(2), 0)).toMatchObject({by: {pid: 1}});
  if ('held' in first) first.held.release();
  expect(await acquireWithin(machine.site(2), 1000)).toHaveProperty('held');
});

test('a process is known by its start, and gone when only its status is left', async () => {
  const processes = machineProcesses();
  expect(processes.startOf(process.pid)).toBe(processes.startOf(process.pid));
  expect(processes.startOf(process.pid)).not.toBe(processes.startOf(process.ppid));
  const child = spawn('sleep', ['60']);
  await once(child, 'spawn');
  expect(processes.startOf(child.pid ?? 0)).not.toBeUndefined();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(processes.startOf(child.pid ?? 0)).toBeUndefined();
});

test('of real processes that take over at once, exactly one wins each lock', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-lock-'));
  const names = Array.from({length: 40}, (_, at) => `${at}.lock`);
  const dead = {host: machineProcesses().host, pid: 999_999_999, start: 'long ago', since: 0, command: 'dead'};
  for (const name of names) workspaceDisk(folder).write(name, JSON.stringify({...dead, token: `token${name}`}));
  const script = fileURLToPath(new URL('lock-contender.ts', import.meta.url));
  const contenders = Array.from({length: 4}, () => {
    const child = spawn(process.execPath, [script, folder], {stdio: ['pipe', 'pipe', 'inherit']});
    return {child, lines: createInterface({input: child.stdout})[Symbol.asyncIterator]()};
  });
  await Promise.all(contenders.map(({lines}) => lines.next()));
  for (const {child} of contenders) child.stdin.write('go\n');
  const won = await Promise.all(contenders.map(async ({lines}) => JSON.parse(String((await lines.next()).value)) as string[]));
  for (const {child} of contenders) child.stdin.end();
  expect(won.flat().toSorted()).toEqual(names.toSorted());
  expect(readdirSync(folder).toSorted()).toEqual(names.toSorted());
  rmSync(folder, {recursive: true});
});

test('the hold of a machine that is gone is given up by its name, and of no living process', () => {
  const machine = new Machine().start(1).start(2);
  const at = (pid: number, host: string): LockSite => {
    const site = machine.site(pid);
    return {...site, processes: {...site.processes, host}};
  };
  expect(giveUp(at(2, 'here'), 'far')).toEqual({is: 'free'});
  acquire(at(1, 'far'));
  expect(giveUp(at(2, 'here'), 'near')).toMatchObject({is: 'elsewhere', holder: {host: 'far', pid: 1}});
  expect(acquire(at(2, 'here'))).toHaveProperty('by');
  expect(giveUp(at(2, 'here'), 'far')).toMatchObject({is: 'given_up', holder: {host: 'far', pid: 1}});
  expect(machine.disk.list('.ftsbuild')).toEqual([]);
  expect(acquire(at(2, 'here'))).toHaveProperty('held');
  expect(giveUp(at(1, 'here'), 'here')).toMatchObject({is: 'alive', holder: {pid: 2}});
  expect(acquire(at(1, 'here'))).toMatchObject({by: {pid: 2}});
  machine.alive.delete(2);
  expect(giveUp(at(1, 'here'), 'here')).toEqual({is: 'free'});
});

test('who takes over what was given up is not locked out by it', () => {
  const machine = new Machine().start(1).start(2).start(3);
  const far = {...machine.site(1), processes: {...machine.site(1).processes, host: 'far'}};
  const held = acquire(far);
  // It ends of itself between the look and the removal, and another takes the workspace.
  const create = machine.disk.create.bind(machine.disk);
  machine.disk.create = (claim, text) => {
    machine.disk.create = create;
    if ('held' in held) held.held.release();
    acquire(machine.site(3));
    return create(claim, text);
  };
  expect(giveUp(machine.site(2), 'far')).toMatchObject({is: 'alive', holder: {pid: 3}});
  expect(findHolder(machine.site(2))?.pid).toBe(3);
});
