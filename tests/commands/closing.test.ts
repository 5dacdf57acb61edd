// What was opened is closed, whatever goes wrong on the way.
import {expect, test} from 'vitest';
import {closing} from '../../src/commands/closing.ts';

test('steps are done in reverse order, each after the one before has ended', async () => {
  const done: string[] = [];
  const result = await closing(async (atEnd) => {
    atEnd(() => void done.push('lock'));
    atEnd(async () => {
      await Promise.resolve();
      done.push('python');
    });
    return Promise.resolve('built');
  });
  expect([result, done]).toEqual(['built', ['python', 'lock']]);
});

test('a step that throws keeps no other one from being done, and the first error of all is thrown on', async () => {
  const done: string[] = [];
  const close = (work: () => Promise<string>): Promise<string> =>
    closing(async (atEnd) => {
      atEnd(() => void done.push('lock'));
      atEnd(() => {
        throw new Error('digests');
      });
      atEnd(() => Promise.reject(new Error('reporter')));
      return work();
    });
  await expect(close(() => Promise.resolve('built'))).rejects.toThrow('reporter');
  await expect(close(() => Promise.reject(new Error('journal')))).rejects.toThrow('journal');
  expect(done).toEqual(['lock', 'lock']);
});
