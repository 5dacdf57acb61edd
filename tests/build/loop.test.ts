// Order, failures, stops: how a build goes on, and how it ends.
import {expect, test} from 'vitest';
import {exitCodeOf} from '../../src/commands/exit-codes.ts';
import {describeSummary} from '../../src/ui/summary.ts';
import {Bench, type Step} from '../support/bench.ts';

const fails = (): string => {
  throw new Error('on purpose');
};

const two: readonly Step[] = [{out: 'a', makes: fails}, {out: 'a.after', in: ['a']}, {out: 'b'}, {out: 'b.after', in: ['b']}];

test('what a failure does not touch goes on; what needs it is blocked', async () => {
  const built = await new Bench(two).build();
  expect(Object.fromEntries([...built.outcomes].map(([id, outcome]) => [id, outcome.at]))).toEqual({
    a: 'failed',
    'a.after': 'blocked',
    b: 'done',
    'b.after': 'done',
  });
  expect(built.summary.blocked).toMatchObject([{node: {id: 'a.after'}, by: {id: 'a'}}]);
});

test('a blocked chain names the node that failed, not the one before', async () => {
  const built = await new Bench([...two, {out: 'a.last', in: ['a.after']}]).build({targets: ['a.last']});
  expect(built.summary.blocked.map(({node, by}) => `${node.id} by ${by.id}`)).toEqual(['a.after by a', 'a.last by a']);
});

test('--fail-fast starts nothing after the first failure', async () => {
  const built = await new Bench(two).build({failFast: true});
  expect(built.ran).toEqual(['a']);
  expect(built.summary.failed).toHaveLength(1);
  expect(built.summary.blocked).toHaveLength(3);
});

test('ready nodes run longest critical path first, then in file order', async () => {
  const steps: Step[] = [
    {out: 'short', ms: 1},
    {out: 'long', ms: 1},
    {out: 'long.after', in: ['long'], ms: 1000},
    {out: 'middle', ms: 50},
    {out: 'same', ms: 50},
  ];
  expect((await new Bench(steps).build()).ran).toEqual(['long', 'long.after', 'middle', 'same', 'short']);
});

test('an order-only input is made first and makes nothing stale', async () => {
  const bench = new Bench([
    {out: 'env', params: {v: 1}},
    {out: 'script', after: ['env']},
  ]);
  expect((await bench.build()).ran).toEqual(['env', 'script']);
  bench.steps[0] = {out: 'env', params: {v: 2}};
  expect((await bench.build()).ran).toEqual(['env']);
});

test('--always-make runs the targets, not what they need', async () => {
  const bench = new Bench([{out: 'a'}, {out: 'b', in: ['a']}]);
  await bench.build();
  expect((await bench.build({targets: ['b'], always: true})).ran).toEqual(['b']);
});

test('after an interrupt nothing new starts, and the next build goes on', async () => {
  const bench = new Bench([{out: 'a'}, {out: 'b', in: ['a']}, {out: 'c', in: ['b']}]);
  const built = await bench.build({
    onEvent: (event, stop) => {
      if (event.type === 'node_stale' && event.node.id === 'b') stop();
    },
  });
  expect(built.summary.interrupted).toBe(true);
  expect(built.ran).toEqual(['a', 'b']);
  expect((await bench.build()).ran).toEqual(['c']);
});

test('a missing input that nothing makes is refused by name', async () => {
  const built = await new Bench([{out: 'clean', in: ['raw.csv']}]).build();
  expect(built.outcomes.get('clean')).toMatchObject({at: 'failed', status: 'refused', message: 'raw.csv is missing, and nothing makes it'});
});

test('a thousand nodes build in well under a second each', async () => {
  const steps = Array.from({length: 1000}, (_, at): Step => ({out: `out/${at}`, in: at === 0 ? [] : [`out/${at - 1}`]}));
  const bench = new Bench(steps);
  expect((await bench.build()).ran).toHaveLength(1000);
  expect((await bench.build()).ran).toHaveLength(0);
});

test('one failed study does not end a weekend: the summary and the exit code count what failed and what it blocked', async () => {
  const {summary} = await new Bench(two).build();
  expect([summary.ran, summary.failed.length, summary.blocked.length]).toEqual([2, 1, 1]);
  expect(describeSummary(summary)).toMatch(/^2 ran, 1 failed, 1 blocked in /);
  expect(exitCodeOf(summary)).toBe(1);
});

test('--fail-fast counts what it left undone, and ends with the same exit code', async () => {
  const {summary} = await new Bench(two).build({failFast: true});
  expect(describeSummary(summary)).toMatch(/^1 failed, 3 blocked in /);
  expect(exitCodeOf(summary)).toBe(1);
});
