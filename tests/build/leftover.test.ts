// What a dead engine left running is ended before anything is built; where it cannot be, nothing is.
import {expect, test} from 'vitest';
import {closeUnfinished} from '../../src/build/unfinished.ts';
import {unkillableLeftover, unkillablePid} from '../support/leftover.ts';

test('a process that cannot be killed is waited for for half a minute; then the build is refused, and says whom to look after', async () => {
  const {bench, session, processes} = await unkillableLeftover();
  const before = bench.disk.texts();
  const since = bench.clock.now();
  expect(await closeUnfinished(session, {processes})).toMatchObject([
    {code: 'FTS606', message: expect.stringContaining(`process ${String(unkillablePid)}, `) as string},
  ]);
  expect((bench.clock.now() - since) / 1000).toBeCloseTo(30, -1);
  expect(bench.disk.texts()).toEqual(before);
});
