// Sleep is held off by the system's own program for as long as a build asks, tested on programs of that name in PATH.
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {keepAwake, probeAwake} from '../../src/host/awake.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ftsbuild-awake-'));
  vi.stubEnv('PATH', `${folder}:/usr/bin:/bin`);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, {recursive: true});
});

function program(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

const heldFile = (): string => join(folder, 'held');

test('on Linux sleep is held off until it is closed, and the program has ended then', async () => {
  program('systemd-inhibit', `echo "$@" > ${heldFile()}; while [ "\${1#--}" != "$1" ]; do shift; done; "$@"; echo ended >> ${heldFile()}`);
  const awake = keepAwake('linux');
  await vi.waitUntil(() => existsSync(heldFile()) && readFileSync(heldFile(), 'utf8').includes('\n'));
  expect(readFileSync(heldFile(), 'utf8')).toMatch(/^--what=idle:sleep --who=ftsbuild .*--mode=block cat\n$/u);
  await awake.close();
  expect(readFileSync(heldFile(), 'utf8')).toMatch(/\nended\n$/u);
});

test('on macOS it is held off for this very process, and given free when it is closed', async () => {
  program('caffeinate', `echo "$@ as $$" > ${heldFile()}; exec sleep 600`);
  const awake = keepAwake('darwin');
  await vi.waitUntil(() => existsSync(heldFile()) && readFileSync(heldFile(), 'utf8').includes('\n'));
  const [, watched, own] = /^-i -w (\d+) as (\d+)\n$/u.exec(readFileSync(heldFile(), 'utf8')) ?? [];
  expect(Number(watched)).toBe(process.pid);
  await awake.close();
  expect(() => process.kill(Number(own), 0)).toThrow(/ESRCH/u);
});

test('a system without the program, or where it does not work, is silent in a build and named by a probe', async () => {
  await keepAwake('darwin').close();
  expect(await probeAwake('darwin')).toEqual({why: expect.stringMatching(/^Cannot start caffeinate: there is no such file/u)});
  program('systemd-inhibit', 'echo "Failed to connect to bus: No such file or directory" >&2; exit 1');
  await keepAwake('linux').close();
  expect(await probeAwake('linux')).toEqual({why: 'systemd-inhibit: Failed to connect to bus: No such file or directory'});
  expect(await probeAwake('win32')).toEqual({why: 'no program is known for this system'});
});

test('a probe tries the program for a moment and names it', async () => {
  program('caffeinate', 'shift; exec "$@"');
  expect(await probeAwake('darwin')).toEqual({by: 'caffeinate'});
});
