// Our digests of Python agree with CPython's parser over its whole standard library and its tests.
import {expect, test} from 'vitest';
import {compareWithPython} from '../state/python-cases.ts';

test('equal digests mean equal trees, and harmless edits leave them alone', {timeout: 1_800_000}, async () => {
  const agreement = await compareWithPython({files: 0, harmless: 1, risky: 5, seed: Number(process.env['SEED'] ?? 1)});
  expect(agreement.problems).toEqual([]);
  expect(agreement.files).toBeGreaterThan(500);
  expect(agreement.changed).toBeGreaterThan(agreement.files);
});
