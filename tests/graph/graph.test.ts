// The graph verifies itself: one producer a file, nothing inside another's output, no circle.
import {expect, test} from 'vitest';
import {Bench} from '../support/bench.ts';
import {neededFor} from '../../src/graph/order.ts';
import {nodeId} from '../../src/base/ids.ts';

test('two nodes that would write one file are an error', () => {
  expect(() => new Bench([{out: 'a'}, {out: 'a'}]).session()).toThrow('a and a would both write a');
});

test("an output inside another node's output is an error", () => {
  expect(() => new Bench([{out: 'out'}, {out: 'out/deep/file'}]).session()).toThrow('inside the output of out');
});

test('a circle is spelled out', () => {
  const steps = [
    {out: 'a', in: ['c']},
    {out: 'b', in: ['a']},
    {out: 'c', in: ['b']},
  ];
  expect(() => new Bench(steps).session()).toThrow('a -> c -> b -> a');
});

test('what a target needs comes before it, each once, in file order otherwise', () => {
  const {graph} = new Bench([
    {out: 'd', in: ['b', 'c']},
    {out: 'b', in: ['a']},
    {out: 'c', in: ['a']},
    {out: 'a'},
    {out: 'other'},
  ]).session();
  expect(neededFor(graph, [graph.get(nodeId('d'))]).map(({id}) => id)).toEqual(['a', 'b', 'c', 'd']);
});
