// What becomes of a job that something else killed: it goes on by itself, unless memory was short.
import {expect, test} from 'vitest';
import {bestOf, study, StudyBench} from '../support/search-bench.ts';

const out = bestOf('x');
const killed = {ending: {how: 'signalled', signal: 'SIGKILL'}} as const;

test('a job that is killed from outside goes on once in the same build, and each attempt has its row', async () => {
  const bench = new StudyBench([study('x')]);
  const whole = bench.jobs.get(out);
  let attempts = 0;
  bench.jobs.set(out, (command) => (attempts++ === 0 ? killed : (whole?.(command) ?? killed)));
  expect((await bench.build()).outcomes.get(out)).toEqual({at: 'done', how: 'ran'});
  expect(bench.rows()).toBe(2);
});

test('killed again it has failed; `retry: {killed: 0}` starts nothing by itself', async () => {
  for (const [times, attempts] of [
    [1, 2],
    [0, 1],
    [3, 4],
  ] as const) {
    const bench = new StudyBench([study('x')]);
    bench.study = {...bench.study, safety: {...bench.study.safety, retryKilled: times}};
    bench.jobs.set(out, () => killed);
    expect((await bench.build()).outcomes.get(out)).toMatchObject({at: 'failed', status: 'failed', reason: 'killed'});
    expect(bench.rows()).toBe(attempts);
  }
});

test('after the out-of-memory killer nothing goes on by itself', async () => {
  const bench = new StudyBench([study('x')]);
  let kills = 3;
  bench.jobs.set(out, () => ({...killed, files: {[`outputs/hpo/x/${String(kills++)}`]: ''}}));
  expect((await bench.build({countOomKills: () => kills})).outcomes.get(out)).toMatchObject({reason: 'out_of_memory'});
  expect(bench.rows()).toBe(1);
});
