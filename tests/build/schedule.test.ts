// How long a plan takes by the clock: the rules of the build, played over estimates.
import {expect, test} from 'vitest';
import {Bench, type Step} from '../support/bench.ts';
import {criticalPaths} from '../../src/graph/order.ts';
import {simulate} from '../../src/build/schedule.ts';

function spanOf(steps: readonly Step[], jobs: number, pools: Readonly<Record<string, number>> = {cpu: 2, accelerator: 1}): number {
  const {graph} = new Bench(steps).session();
  const msOf = ({cost}: {cost: {estimateMs: number | undefined}}): number => cost.estimateMs ?? 0;
  const order = graph.nodes;
  return simulate({graph, order, msOf, priorities: criticalPaths(graph, order, msOf), pools: new Map(Object.entries(pools)), jobs});
}

const four = ['a', 'b', 'c', 'd'].map((out): Step => ({out, ms: 10, pool: 'cpu'}));

test('a pool bounds what runs at once, and so does -j', () => {
  expect(spanOf(four, 8)).toBe(20);
  expect(spanOf(four, 1)).toBe(40);
  expect(spanOf(four, 8, {cpu: 4})).toBe(10);
});

test('pools run beside each other, within -j', () => {
  const both: Step[] = [...four, {out: 'e', ms: 20, pool: 'accelerator'}];
  expect(spanOf(both, 3)).toBe(20);
  expect(spanOf(both, 2)).toBe(30);
});

test('what needs another waits for it', () => {
  expect(
    spanOf(
      [
        {out: 'a', ms: 5, pool: 'cpu'},
        {out: 'b', ms: 7, pool: 'cpu', in: ['a']},
      ],
      8,
    ),
  ).toBe(12);
});

test('the longest critical path starts first', () => {
  const steps: Step[] = [
    {out: 'short 1', ms: 4, pool: 'cpu'},
    {out: 'short 2', ms: 4, pool: 'cpu'},
    {out: 'head', ms: 1, pool: 'cpu'},
    {out: 'tail', ms: 8, pool: 'cpu', in: ['head']},
  ];
  expect(spanOf(steps, 8)).toBe(9);
});

test('work inside the engine runs one at a time, beside the jobs', () => {
  expect(
    spanOf(
      [
        {out: 'x', ms: 3},
        {out: 'y', ms: 3},
        {out: 'z', ms: 6, pool: 'cpu'},
      ],
      1,
    ),
  ).toBe(6);
});

test('twenty thousand nodes are priced well within a second', () => {
  const steps = Array.from({length: 20_000}, (_, at): Step => ({
    out: `n${at}`,
    ms: 1 + (at % 7),
    pool: 'cpu',
    in: at < 10 ? [] : [`n${at - 10}`],
  }));
  const {graph} = new Bench(steps).session();
  const msOf = ({cost}: {cost: {estimateMs: number | undefined}}): number => cost.estimateMs ?? 0;
  const startedAt = performance.now();
  const span = simulate({
    graph,
    order: graph.nodes,
    msOf,
    priorities: criticalPaths(graph, graph.nodes, msOf),
    pools: new Map([['cpu', 4]]),
    jobs: 4,
  });
  expect(performance.now() - startedAt).toBeLessThan(2000);
  const sum = graph.nodes.reduce((total, node) => total + msOf(node), 0);
  expect(span).toBeGreaterThanOrEqual(sum / 4);
  expect(span).toBeLessThan((sum / 4) * 1.01);
});
