// The price of a plan by what this workspace ran: whole builds in memory, with journals of earlier versions too.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import {openPricer, priceOf} from '../../src/build/price.ts';
import {forecast} from '../../src/build/verdicts.ts';
import type {Trace} from '../../src/state/trace.ts';
import {Bench, type Step} from '../support/bench.ts';

function study(name: string, size: number, trials = 50, trialMs = 1000): Step {
  const output = `outputs/hpo/${name}`;
  return {
    out: `${output}/best_params.json`,
    pool: 'accelerator',
    extent: {trials},
    ms: trialMs * trials,
    job: {output: output as never, record: {'budget.params': size}},
  };
}

function record(bench: Bench, name: string, change: Partial<Trace>): Trace {
  const session = bench.session();
  const node = nodeId(`outputs/hpo/${name}/best_params.json`);
  const {key, manifest} = forecast(session, [session.graph.get(node)]).get(node)!.verdict;
  const trace: Trace = {
    kind: 'done',
    node,
    key,
    how: 'ran',
    at: 1,
    durationMs: 100_000,
    manifest,
    outputs: [],
    extent: {trials: 50},
    effort: {rule: 'hpo', size: 2e6, trials: 50},
    ...change,
  };
  session.store.record(trace);
  return trace;
}

function estimate(bench: Bench, name: string): unknown {
  const session = bench.session();
  const node = session.graph.get(nodeId(`outputs/hpo/${name}/best_params.json`));
  return openPricer(session)(node, forecast(session, [node]).get(node.id));
}

test('a study of the same budget prices one that never ran', () => {
  const bench = new Bench([study('a', 2e6), study('b', 2e6, 10)]);
  record(bench, 'a', {});
  expect(estimate(bench, 'b')).toMatchObject({ms: 20_000, from: 'history'});
});

test('a journal without efforts still teaches, by the nodes of its names', () => {
  const bench = new Bench([study('a', 2e6), study('b', 2e6)]);
  const {effort: _effort, ...old} = record(new Bench([study('a', 2e6)]), 'a', {});
  bench.session().store.record(old);
  expect(estimate(bench, 'b')).toMatchObject({ms: 100_000, from: 'history'});
});

test('of a study that was cut, only what is left is paid', () => {
  const bench = new Bench([study('a', 2e6)]);
  const session = bench.session();
  const [node] = session.graph.nodes;
  const {key} = forecast(session, [node!]).get(node!.id)!.verdict;
  session.store.record({kind: 'began', node: node!.id, key, at: 1, attempt: 1, row: null});
  bench.disk.write('outputs/hpo/a/trials.jsonl', '{"trial": 0}\n'.repeat(31));
  expect(estimate(bench, 'a')).toMatchObject({ms: 19_000, from: 'file'});
});

test('of two studies of one key, the one that wants more trials is priced at what it adds', () => {
  const bench = new Bench([study('a', 2e6, 50), study('b', 2e6, 80)]);
  const session = bench.session();
  const order = session.graph.nodes;
  expect(priceOf({session, order, forecasts: forecast(session, order), jobs: 1}).sequential.ms).toBe(80_000);
});

test('the plan sums the compute, and says how long it takes with the pools', () => {
  const bench = new Bench([
    {...study('a', 2e6), params: {p: 1}},
    {...study('b', 2e6), params: {p: 2}},
    {out: 'c', pool: 'cpu', ms: 30_000},
  ]);
  const session = bench.session();
  const order = session.graph.nodes;
  const price = priceOf({session, order, forecasts: forecast(session, order), jobs: 2});
  expect(price.sequential).toEqual({ms: 130_000, lowMs: 65_000, highMs: 260_000});
  expect(price.parallel).toEqual({ms: 100_000, lowMs: 50_000, highMs: 200_000});
  expect(price.unknown).toBe(0);
});

test('a run records what its time was paid for', async () => {
  const bench = new Bench([{out: 'a', extent: {trials: 3}}]);
  await bench.build();
  expect(bench.session().store.standingOf(nodeId('a')).trace?.effort).toEqual({rule: 'script', size: null, trials: null});
});

test('what nobody agreed to pay for is refused with what hangs on it; the rest runs, and nothing of it is recorded', async () => {
  const bench = new Bench([{out: 'dear'}, {out: 'after', in: ['dear']}, {out: 'cheap'}]);
  const built = await bench.build({refusals: new Map([[nodeId('dear'), 'it would take 60 hours']])});
  expect(built.outcomes.get('dear')).toEqual({at: 'failed', status: 'refused', reason: 'too_expensive', message: 'it would take 60 hours'});
  expect(built.outcomes.get('after')).toMatchObject({at: 'blocked'});
  expect(built.ran).toEqual(['cheap']);
  expect((await bench.build()).ran).toEqual(['dear', 'after']);
});
