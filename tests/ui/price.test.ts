// What asks before it runs, and how prices are worded.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import type {Estimate} from '../../src/build/estimate.ts';
import type {Price} from '../../src/build/price.ts';
import type {Node} from '../../src/graph/node.ts';
import {askingLines, describeRefusal, differenceLines, expensive, totalLines, type Priced} from '../../src/ui/price.ts';

const hour = 3_600_000;

function nodeOf(rule: Node['rule'], name: string): Node {
  return {id: nodeId(name), rule, label: `${rule} ${name}`, dims: new Map([['budget', '2M']])} as unknown as Node;
}

function priced(nodes: readonly Node[], of: Readonly<Record<string, Estimate>>): Priced {
  const range = {ms: 10 * hour, lowMs: 5 * hour, highMs: 20 * hour};
  const unpriced = new Set(nodes.filter(({id}) => of[id] === undefined).map(({id}) => id));
  const known = new Map(Object.entries(of).map(([name, estimate]) => [nodeId(name), estimate]));
  const price: Price = {of: known, sequential: range, parallel: range, jobs: 2, unknown: unpriced.size, unpriced, waits: new Map()};
  return {order: nodes, price, askOverMs: 24 * hour};
}

const long: Estimate = {ms: 48 * hour, lowMs: 24 * hour, highMs: 96 * hour, from: 'file'};

test('searches and trainings ask that are over the threshold or without an estimate; steps of the engine never do', () => {
  const nodes = [nodeOf('data', 'prices'), nodeOf('hpo', 'a'), nodeOf('training', 'b'), nodeOf('training', 'c')];
  const plan = priced(nodes, {prices: long, a: long, c: {...long, ms: hour}});
  expect(expensive(plan).map(({id}) => id)).toEqual(['a', 'b']);
  expect(askingLines(plan)).toEqual(['1 over 1d and 1 without an estimate: ask before they run (--yes, --ask-over)']);
  expect(describeRefusal(plan, nodes[2]!)).toMatch(/^nobody knows how long it would take, and nobody said yes/);
});

test('totals are least ones where something has no estimate', () => {
  expect(totalLines(priced([nodeOf('hpo', 'a')], {}).price)[0]).toBe(
    'one after the other at least 10h (5h to 20h), and 1 without an estimate',
  );
  expect(totalLines(priced([], {}).price)[0]).toBe('one after the other about 10h (5h to 20h)');
});

test('where file and history are far apart, each rule and budget has a line with both', () => {
  const nodes = [nodeOf('hpo', 'a'), nodeOf('hpo', 'b'), nodeOf('training', 'c')];
  const file = {...long, against: {ms: hour, from: 'history'}} as const;
  const history = {...long, ms: hour, from: 'history', against: {ms: 48 * hour, from: 'file'}} as const;
  expect(differenceLines(priced(nodes, {a: file, b: file, c: history}))).toEqual([
    'hpo 2M (2): the file says 4d, the history 2h, more than 3 times apart; the larger counts until three runs of that size are there',
    'training 2M: the file says 2d, the history 1h, more than 3 times apart; three runs of that size and more say so, and count',
  ]);
});

test('experiments of one budget for which the file says too much, and those for which it says too little, are not added up', () => {
  const nodes = [nodeOf('training', 'a'), nodeOf('training', 'b')];
  const less = {...long, ms: hour, from: 'history', against: {ms: 48 * hour, from: 'file'}} as const;
  const more = {...long, ms: 48 * hour, from: 'history', against: {ms: hour, from: 'file'}} as const;
  const shown = differenceLines(priced(nodes, {a: less, b: more}));
  expect(shown).toHaveLength(2);
  expect(shown[1]).toBe('training 2M: the file says 1h, the history 2d, more than 3 times apart; the history counts');
});
