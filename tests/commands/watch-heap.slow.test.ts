// A watch that goes on for days keeps nothing of the edits that it has worked off.
import {execFile} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';
import {expect, test} from 'vitest';

const program = fileURLToPath(new URL('../support/watch-heap.ts', import.meta.url));

test('the heap of a watch after 2,000 edits is at most 1.2 times that after 200', async () => {
  const {stdout, stderr} = await promisify(execFile)(process.execPath, ['--expose-gc', program, '200', '2000']);
  expect(stderr).toBe('');
  const [early = 0, late = Infinity] = JSON.parse(stdout) as number[];
  expect(late / early).toBeLessThan(1.2);
}, 1_800_000);
