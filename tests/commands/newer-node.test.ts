// Under an old Node the program runs as a child, and whoever ends the process that is seen ends the child as well.
import {spawn} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';

const program = "process.on('SIGTERM', () => process.exit(7)); process.stdout.write('ready'); setInterval(() => undefined, 1000);";

test('SIGTERM is passed on, and the status comes back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-node-'));
  onTestFinished(() => rmSync(folder, {recursive: true}));
  const script = join(folder, 'program.js');
  writeFileSync(script, program);
  const source = new URL('../../src/commands/newer-node.ts', import.meta.url).href;
  const door = `process.argv[1] = ${JSON.stringify(script)};
    const {runUnderNewerNode} = await import(${JSON.stringify(source)});
    process.exitCode = await runUnderNewerNode([]);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', door], {stdio: ['ignore', 'pipe', 'inherit']});
  const ended = new Promise((resolve) => parent.on('exit', resolve));
  await new Promise((resolve) => parent.stdout.once('data', resolve));
  parent.kill('SIGTERM');
  expect(await ended).toBe(7);
});
