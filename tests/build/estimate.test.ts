// What a search or a training is estimated to take: a unit of work at a time, from runs of its size on its kind of machine, else by the file.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import {estimateIn, makeEstimator, type Cost, type Training} from '../../src/build/estimate.ts';
import {historyOf, sampleOf, type Sample} from '../../src/build/history.ts';
import type {Trace, Trained} from '../../src/state/trace.ts';

const machine = {device: 'cpu', threads: 1, precision: 'auto'};

/** 1000 windows of ten patches, ten epochs: 100,000 units. */
function ran(node: string, params: number, unitMs: number, change: Partial<Trained> = {}): Sample {
  const work = {runs: 1, windows: 1000, patches: 10, epochs: 10, allowedEpochs: 10, stops: '', ...change};
  const ms = unitMs * work.windows * work.patches * work.epochs;
  return {node: nodeId(node), rule: 'hpo', at: 1, ms, ranHere: true, trained: {...{ms, params, machine, device: 'cpu'}, ...work}};
}

const units = {middle: 100_000, most: 120_000};

function study(size: number | null, change: Partial<Training> = {}): Training {
  const plain = {node: nodeId('new'), rule: 'hpo', statedMs: undefined, stops: '', begun: undefined} as const;
  return {...plain, size, runs: 10, units, machine, ...change};
}

function costOf(samples: readonly Sample[], training: Training): Cost {
  return makeEstimator(historyOf(samples)).training(training);
}

function ms(samples: readonly Sample[], training: Training): number | undefined {
  return estimateIn(costOf(samples, training))?.ms;
}

test('without a history the file says it, within a factor of two, and without a file nobody knows', () => {
  const stated = study(2e6, {statedMs: 1000, units: undefined});
  expect(costOf([], stated)).toEqual({ms: 10_000, lowMs: 5000, highMs: 20_000, from: 'file'});
  expect(costOf([], study(2e6))).toBe('unknown');
  expect(makeEstimator(historyOf([])).step({node: nodeId('a'), rule: 'script', statedMs: 50})).toMatchObject({ms: 50, from: 'rule'});
});

test('an estimate goes with the windows, patches, epochs and trials', () => {
  const samples = [ran('a', 2e6, 0.1)];
  expect(ms(samples, study(2e6))).toBe(100_000);
  expect(ms(samples, study(2e6, {runs: 20}))).toBe(200_000);
  expect(ms(samples, study(2e6, {units: {middle: 1e8, most: 1e8}}))).toBe(1e8);
  expect(ms([ran('a', 2e6, 0.1, {epochs: 1, windows: 200})], study(2e6))).toBe(100_000);
});

test('the upper figure counts all the work that there can be', () => {
  const cost = estimateIn(costOf([ran('a', 2e6, 0.1)], study(2e6)));
  expect(cost?.units).toBe(1_200_000);
  expect(cost?.highMs).toBeGreaterThanOrEqual(0.1 * 1_200_000 * 1.3);
});

test('nothing is drawn out beyond a factor of three in parameters: then the file decides, and without it nobody knows', () => {
  const samples = [ran('a', 2e6, 0.1), ran('b', 2e7, 1)];
  expect(costOf(samples, study(2e8))).toBe('unknown');
  expect(costOf(samples, study(2e8, {statedMs: 60_000}))).toMatchObject({ms: 600_000, from: 'file'});
  expect(costOf(samples, study(5.9e6))).toMatchObject({from: 'history'});
  expect(costOf(samples, study(6.2e6))).toBe('unknown');
  expect(costOf(samples, study(1e6))).toMatchObject({from: 'history'});
  expect(costOf(samples, study(6e5))).toBe('unknown');
});

test('a window of a larger model never costs less than one of a smaller model', () => {
  const samples = [ran('a', 6e3, 0.5), ran('b', 6e4, 0.1), ran('c', 1.5e5, 0.1)];
  const costs = [6e3, 6e4, 9e4, 1.5e5, 4e5].map((size) => ms(samples, study(size)) ?? 0);
  expect(costs.toSorted((left, right) => left - right)).toEqual(costs);
  expect(costs[1]).toBe(500_000);
});

test('a run counts only on the same kind of device, with as many threads and the same precision', () => {
  const samples = [ran('a', 2e6, 0.1)];
  for (const other of [{device: 'cuda'}, {threads: 4}, {precision: 'bfloat16'}])
    expect(costOf(samples, study(2e6, {machine: {...machine, ...other}}))).toBe('unknown');
});

test('where any device will do, it is the one that the last such run came to', () => {
  const auto = {...machine, device: 'auto'};
  const asked = ran('a', 2e6, 0.1, {machine: auto, device: 'mps'});
  const samples = [{...asked, at: 2}, ran('b', 2e6, 7)];
  expect(ms(samples, study(2e6, {machine: auto}))).toBe(100_000);
  expect(costOf([ran('b', 2e6, 7)], study(2e6, {machine: auto}))).toBe('unknown');
});

test('the last run of the node itself says most, carried over to what it is now', () => {
  const samples = [ran('new', 2e6, 0.3), ran('a', 2e6, 0.1), ran('b', 2e6, 0.1), ran('c', 2e6, 0.1)];
  expect(ms(samples, study(2e6))).toBeCloseTo(300_000);
  expect(ms([ran('new', 2e6, 0.3)], study(2e8))).toBeUndefined();
  const begun = ran('new', 2e6, 0.2).trained;
  expect(ms(samples, study(2e6, {begun}))).toBeCloseTo(200_000);
});

test('runs of one size make the range; of few runs nobody knows how much they differ', () => {
  const many = [0.1, 0.1, 0.1, 0.9, 0.1].map((unit, place) => ran(String(place), 2e6, unit));
  expect(estimateIn(costOf(many, study(2e6, {units: {middle: 1e5, most: 1e5}})))).toMatchObject({ms: 100_000, highMs: 900_000});
  const one = estimateIn(costOf([ran('a', 2e6, 0.1)], study(2e6, {units: {middle: 1e5, most: 1e5}})));
  expect(one?.lowMs).toBeCloseTo(100_000 / 3);
  expect(one?.highMs).toBeCloseTo(300_000);
});

test('how much early ends save, runs of the same rule with the same rule for ending say; the upper figure saves nothing', () => {
  const pruned = ran('a', 2e6, 0.1, {stops: 'pruner median', epochs: 5});
  const cost = estimateIn(costOf([pruned], study(2e6, {stops: 'pruner median'})));
  expect(cost?.ms).toBe(50_000);
  expect(cost?.highMs).toBeGreaterThan(120_000);
  expect(ms([pruned], study(2e6))).toBe(100_000);
  expect(ms([pruned], study(2e6, {stops: 'patience 5'}))).toBe(100_000);
  expect(ms([{...pruned, rule: 'training'}], study(2e6, {stops: 'pruner median'}))).toBe(100_000);
});

test('where file and history are far apart both are told, and the larger counts until three runs of that size are there', () => {
  const fast = [ran('a', 2e6, 0.1), ran('b', 2e6, 0.1)];
  const file = study(2e6, {statedMs: 60_000});
  expect(costOf(fast, file)).toMatchObject({ms: 600_000, from: 'file', against: {ms: 100_000, from: 'history'}});
  expect(costOf([...fast, ran('c', 2e6, 0.1)], file)).toMatchObject({ms: 100_000, from: 'history', against: {ms: 600_000, from: 'file'}});
  expect(costOf(fast, study(2e6, {statedMs: 1000}))).toMatchObject({ms: 100_000, from: 'history', against: {ms: 10_000, from: 'file'}});
  expect(costOf(fast, study(2e6, {statedMs: 20_000}))).not.toHaveProperty('against');
});

test('of the three runs each has to have run here, and to be of that size', () => {
  const far = [ran('a', 2e6, 0.1), ran('b', 2e6, 0.1), ran('c', 2e8, 0.1)];
  const byHand = [ran('a', 2e6, 0.1), ran('b', 2e6, 0.1), {...ran('c', 2e6, 0.1), ranHere: false}];
  for (const samples of [far, byHand]) expect(costOf(samples, study(2e6, {statedMs: 60_000}))).toMatchObject({from: 'file'});
});

test('what a run takes beside its trainings is added once', () => {
  const slow = {...ran('a', 2e6, 0.1), ms: 15_000};
  expect(ms([slow], study(2e6, {runs: 1}))).toBe(15_000);
  expect(ms([slow], study(2e6, {runs: 100}))).toBe(1_005_000);
});

test('nothing that is left to do costs nothing', () => {
  expect(costOf([], study(2e6, {runs: 0}))).toMatchObject({ms: 0, highMs: 0});
});

const trace: Trace = {
  kind: 'done',
  node: nodeId('a'),
  key: 'k' as never,
  how: 'ran',
  at: 0,
  durationMs: 3000,
  manifest: [],
  outputs: [],
  extent: {trials: 80},
};

test('what was adopted was made elsewhere and teaches nothing; what was made by hand is not known to have run here', () => {
  const {trained} = ran('a', 2e6, 0.1);
  const effort = {rule: 'hpo', size: 2e6, trials: 30, ms: 100, ...(trained && {trained})} as const;
  expect(sampleOf(trace, effort)).toMatchObject({ms: 100, trained, ranHere: true});
  expect(sampleOf({...trace, how: 'adopted'}, effort)).toBeUndefined();
  expect(sampleOf({...trace, how: 'recognised', foreign: true}, effort)).toMatchObject({ranHere: false});
  expect(sampleOf(trace, undefined)).toBeUndefined();
});

test('a copy took no time itself; of a record without a measured time the recorded one counts', () => {
  expect(sampleOf(trace, {rule: 'data', size: null, trials: null})?.ms).toBe(3000);
  expect(sampleOf({...trace, how: 'restored'}, {rule: 'data', size: null, trials: null})).toBeUndefined();
});
