// Helper commands end in every way without an exception, and Python is found by asking it.
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, expect, test, vi} from 'vitest';
import {findPython} from '../../src/host/find-python.ts';
import {readMachine, readUsage} from '../../src/host/machine.ts';
import {findOutput, runToEnd} from '../../src/host/run.ts';
import {testPython} from '../support/python-interpreter.ts';

const base = mkdtempSync(join(tmpdir(), 'ftsbuild-run-'));
afterAll(() => rmSync(base, {recursive: true}));
const timeoutMs = 20_000;

test('what a command said and how it ended is told, whatever the end', async () => {
  const options = {directory: base, environment: {WORD: 'grüße'}, timeoutMs};
  expect(await runToEnd(['sh', '-c', 'echo "$WORD"; pwd >&2; exit 3'], options)).toEqual({
    how: 'exited',
    status: 3,
    stdout: 'grüße',
    stderr: base,
  });
  expect(await runToEnd(['sh', '-c', 'kill -9 $$'], options)).toMatchObject({how: 'signalled', signal: 'SIGKILL'});
  expect(await runToEnd(['no-such-command'], options)).toMatchObject({
    how: 'not_started',
    message: expect.stringMatching(/^Cannot start no-such-command in .*: there is no such file/u),
  });
  expect(await runToEnd(['sh'], {...options, directory: join(base, 'gone')})).toMatchObject({how: 'not_started'});
});

test('after its time a command is ended with all that it started', async () => {
  const ran = await runToEnd(['sh', '-c', 'echo begun; sleep 600 & wait'], {timeoutMs: 200});
  expect(ran).toMatchObject({how: 'timed_out', afterMs: 200, stdout: 'begun'});
});

test('beyond its bound a command is ended at once, with all that it started', async () => {
  const bounded = {timeoutMs, maxBytes: 4096};
  for (const line of ['yes', 'yes & sleep 600', 'trap "" TERM; (trap "" TERM; sleep 600) & yes']) {
    const startedAt = performance.now();
    expect(await runToEnd(['sh', '-c', line], bounded)).toMatchObject({how: 'too_much', maxBytes: 4096});
    expect(performance.now() - startedAt).toBeLessThan(5000);
  }
  expect(await runToEnd(['sh', '-c', 'yes | head -c 4096'], bounded)).toMatchObject({how: 'exited', status: 0});
});

test('the output of a command is there only when it succeeded', async () => {
  expect(await findOutput(['echo', 'yes'], {timeoutMs})).toBe('yes');
  expect(await findOutput(['sh', '-c', 'echo no; exit 1'], {timeoutMs})).toBeUndefined();
});

test('an interpreter is found by asking, and what was tried is told', async () => {
  const fake = (name: string, body: string): string => {
    const path = join(base, name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const old = fake('old', 'echo /usr/bin/old; echo 3.9.7');
  const broken = fake('broken', 'exit 127');
  const tried = [
    {name: old, because: 'is 3.9.7, older than 3.11'},
    {name: broken, because: 'does not run'},
    {name: 'python-nowhere', because: 'not found'},
  ];
  expect(await findPython([old, broken, 'python-nowhere'])).toEqual({tried});
  const search = await findPython([old, testPython()]);
  expect(search).toEqual({found: {path: testPython(), version: expect.stringMatching(/^3\.\d+\.\d+$/u) as string}});
});

test('the machine is described, and its usage lies in its bounds', async () => {
  const [machine, usage] = await Promise.all([readMachine(), readUsage()]);
  expect(machine.cores).toBeGreaterThan(0);
  expect(machine.kind).toContain(`${process.platform} ${process.arch}`);
  expect(usage.cpu).toBeGreaterThanOrEqual(0);
  expect(usage.cpu).toBeLessThanOrEqual(1);
  expect(usage.freeMemory).toBeLessThanOrEqual(machine.memory);
});

test('at the word to stop a command is ended with all that it started, and the next one is not started', async () => {
  const stop = new AbortController();
  const pidFile = join(base, 'grandchild');
  const line = `sh -c 'echo $$ > ${pidFile}; exec sleep 600' & wait`;
  const running = runToEnd(['sh', '-c', line], {timeoutMs, stop: stop.signal});
  await vi.waitFor(() => expect(readFileSync(pidFile, 'utf8')).toMatch(/\d+\n/u), 5000);
  stop.abort();
  expect(await running).toMatchObject({how: 'stopped'});
  await vi.waitFor(() => expect(() => process.kill(Number(readFileSync(pidFile, 'utf8')), 0)).toThrow('ESRCH'), 5000);
  expect(await runToEnd(['sh', '-c', `rm ${pidFile}`], {timeoutMs, stop: stop.signal})).toMatchObject({how: 'stopped'});
  expect(existsSync(pidFile)).toBe(true);
});
