// Under an old Node the program runs as a child, and whoever ends the process that is seen ends the child as well.
import {spawn, type ChildProcess} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';

/** Runs a program behind the door of an old Node, until it says something. */
async function startBehindDoor(program: string): Promise<{parent: ChildProcess; ended: Promise<unknown>; output: () => string}> {
  const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-node-'));
  onTestFinished(() => rmSync(folder, {recursive: true}));
  const script = join(folder, 'program.mjs');
  writeFileSync(script, program);
  const source = new URL('../../src/commands/newer-node.ts', import.meta.url).href;
  const door = `process.argv[1] = ${JSON.stringify(script)};
    const {runUnderNewerNode} = await import(${JSON.stringify(source)});
    process.exitCode = await runUnderNewerNode([]);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', door], {stdio: ['ignore', 'pipe', 'inherit']});
  const ended = new Promise((resolve) => parent.on('exit', resolve));
  let text = '';
  parent.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  return {parent, ended, output: () => text};
}

const signals = JSON.stringify(new URL('../../src/commands/stop-signals.ts', import.meta.url).href);
const door = JSON.stringify(new URL('../../src/commands/at-the-door.ts', import.meta.url).href);
const program = `import {onStopSignals} from ${signals};
  import {hearEndingSignals} from ${door};
  hearEndingSignals();
  const alive = setInterval(() => undefined, 1000);
  const off = onStopSignals(() => {
    process.stdout.write(' stopped');
    process.exitCode = 7;
    clearInterval(alive);
    off();
  });
  process.stdout.write('ready');`;

test.each(['SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const)('%s is passed on, and the status comes back', async (signal) => {
  const {parent, ended, output} = await startBehindDoor(program);
  parent.kill(signal);
  expect(await ended).toBe(7);
  expect(output()).toBe('ready stopped');
});

test('kill -9 of the process that is seen stops the program, once', async () => {
  const {parent, output} = await startBehindDoor(program);
  const silent = new Promise((resolve) => parent.stdout?.on('end', resolve));
  parent.kill('SIGKILL');
  await silent;
  expect(output()).toBe('ready stopped');
});

test('a hang-up means nothing to a program that prints elsewhere, as under nohup', async () => {
  const {parent, ended, output} = await startBehindDoor(program);
  parent.kill('SIGHUP');
  parent.kill('SIGTERM');
  expect(await ended).toBe(7);
  expect(output()).toBe('ready stopped');
});

test('a program that does not listen ends with its work', async () => {
  const {ended, output} = await startBehindDoor("process.stdout.write('done');");
  expect(await ended).toBe(0);
  expect(output()).toBe('done');
});
