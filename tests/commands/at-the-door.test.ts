// From its first moment a command hears the signals that end it, opens no debugger, and knows when its output takes no more.
import {spawn} from 'node:child_process';
import {existsSync, openSync} from 'node:fs';
import {expect, test} from 'vitest';

const door = JSON.stringify(new URL('../../src/commands/at-the-door.ts', import.meta.url).href);

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly said: string;
}

/** A program behind the door: `onReady` once it says so on its error stream. */
function run(
  work: string,
  {onReady, stdout = 'ignore'}: {onReady?: (send: (signal: NodeJS.Signals) => void) => void; stdout?: number | 'ignore'},
): Promise<Ended> {
  const text = `const {hearEndingSignals, mindOutput} = await import(${door}); mindOutput(1); hearEndingSignals(); ${work}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', text], {stdio: ['ignore', stdout, 'pipe']});
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    if (said === '') onReady?.((signal) => child.kill(signal));
    said += piece;
  });
  return new Promise((resolve) => child.on('close', (status, signal) => resolve({status, signal, said})));
}

const waiting = "process.stderr.write('ready'); setTimeout(() => undefined, 20_000);";

test.each(['SIGUSR1', 'SIGUSR2', 'SIGQUIT'] as const)('%s ends a command as SIGTERM does, and no debugger listens', async (signal) => {
  expect(await run(waiting, {onReady: (send) => send(signal)})).toEqual({status: null, signal: 'SIGTERM', said: 'ready'});
});

test('one key press that comes twice counts once', async () => {
  const counting = `let heard = 0; process.on('SIGTERM', () => { heard += 1; });
    setTimeout(() => process.stderr.write(' ' + heard), 400); process.stderr.write('ready');`;
  const ended = await run(counting, {
    onReady: (send) => {
      send('SIGQUIT');
      setTimeout(() => send('SIGQUIT'), 50);
    },
  });
  expect(ended).toEqual({status: 0, signal: null, said: 'ready 1'});
});

test.skipIf(!existsSync('/dev/full'))('an output on a full disk is told once, as what it is, and the status is no success', async () => {
  const printing = "process.stdout.write('one\\n'); setTimeout(() => process.stdout.write('two\\n'), 50);";
  expect(await run(printing, {stdout: openSync('/dev/full', 'w')})).toEqual({
    status: 1,
    signal: null,
    said: 'ftsbuild: standard output takes no more: no space is left on the device\n',
  });
});
