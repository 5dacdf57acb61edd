// Who asks for a stop while the environment is made is heard at once, and the next build goes on with it.
import {expect, test} from 'vitest';
import type {MadeEnvironment} from '../../src/build/runner.ts';
import {Bench} from '../support/bench.ts';

const record = '.venv/ftsbuild.json';

test('a stop reaches what makes the environment; nothing is started after it, and the next build makes it', async () => {
  const bench = new Bench([
    {out: record, isEnvironment: true},
    {out: 'next', in: [record]},
  ]);
  const heard: string[] = [];
  bench.making = (_work, {say, stop}) =>
    new Promise<MadeEnvironment>((resolve) => {
      stop?.addEventListener('abort', () => {
        heard.push('stopped');
        resolve({ok: false, message: 'uv was ended'});
      });
      say('installing');
    });
  const {outcomes, summary} = await bench.build({
    onEvent: ({type}, stop) => {
      if (type === 'node_step') stop();
    },
  });
  expect(heard).toEqual(['stopped']);
  expect(outcomes.get(record)).toMatchObject({at: 'failed', status: 'interrupted', reason: 'signal'});
  expect(outcomes.get('next')).toMatchObject({at: 'blocked'});
  expect(summary.interrupted).toBe(true);
  expect(bench.disk.stat(record)).toBe('missing');

  bench.making = undefined;
  expect((await bench.build()).ran).toEqual([record, 'next']);
});
