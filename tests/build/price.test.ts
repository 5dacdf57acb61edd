// The price of a plan by what this workspace ran: whole builds in memory, with journals of earlier versions too.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import {openPricer, priceOf} from '../../src/build/price.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {describeRefusals, expensive} from '../../src/ui/price.ts';
import {Bench, type Step} from '../support/bench.ts';
import {PricedBench, pricedStudy, trialLine} from '../support/priced-bench.ts';
import {bestOf, metricsOf, training} from '../support/search-bench.ts';

const three = [0, 1, 2].map((trial) => trialLine(trial));

async function ran(...more: readonly Step[]): Promise<PricedBench> {
  const bench = new PricedBench([pricedStudy('a'), ...more]);
  bench.takes('a', three);
  await bench.build({targets: [bestOf('a')]});
  return bench;
}

test('a run records what was trained and how long that took, by the seconds of the trials themselves', async () => {
  const bench = await ran();
  const effort = bench.session().store.standingOf(nodeId(bestOf('a'))).trace?.effort;
  const trained = {runs: 3, ms: 30_000, windows: 780, patches: 6, epochs: 30, allowedEpochs: 30, params: 2e6, device: 'cpu', stops: ''};
  expect(effort).toMatchObject({rule: 'hpo', size: 2e6, trials: 3, trained});
});

test('a search of the same size prices one that never ran, by its trials, epochs and windows', async () => {
  const bench = await ran(
    pricedStudy('b', {trials: 10}),
    pricedStudy('long', {trials: 10, record: {epochs: 100}}),
    pricedStudy('half', {trials: 10, record: {subset: 0.5}}),
    pricedStudy('wide', {trials: 10, record: {context: 110}}),
    pricedStudy('far', {trials: 10, record: {'budget.params': 2e7}}),
  );
  expect(bench.estimateOf('b')).toMatchObject({ms: 100_000, from: 'history', units: 10 * 10 * 780 * 6});
  expect(bench.estimateOf('long').ms).toBeCloseTo(1_000_000);
  expect(bench.estimateOf('half').ms).toBeCloseTo((100_000 * (375 + 30)) / 780);
  // Fifty windows fewer of each split, and eleven patches instead of six.
  expect(bench.estimateOf('wide').ms).toBeCloseTo((100_000 * (700 + 40 / 3) * 11) / (780 * 6));
  expect(bench.costOf('far')).toBe('unknown');
});

test('trials that were looked up are none, neither in what was trained nor in what a trial takes', async () => {
  const bench = new PricedBench([pricedStudy('a'), pricedStudy('b', {trials: 10})]);
  bench.takes('a', [trialLine(0), trialLine(1, {cached: true, seconds: 0}), trialLine(2, {cached: true, seconds: 0})]);
  await bench.build({targets: [bestOf('a')]});
  expect(bench.estimateOf('b').ms).toBe(100_000);
});

test('trials that were adopted ran elsewhere, and tell nothing of what one takes here', async () => {
  const bench = new PricedBench([pricedStudy('a'), pricedStudy('b', {trials: 10})]);
  bench.takes('a', [trialLine(0), ...[1, 2].map((trial) => trialLine(trial, {adopted: true, seconds: 1}))]);
  await bench.build({targets: [bestOf('a')]});
  expect(bench.estimateOf('b').ms).toBe(100_000);
});

test('a journal without efforts still teaches, by the results that lie there, and no longer where they were edited', async () => {
  const bench = await ran(pricedStudy('b', {trials: 10}));
  const {store} = bench.session();
  const {effort: _effort, ...old} = store.standingOf(nodeId(bestOf('a'))).trace!;
  store.record(old);
  expect(bench.estimateOf('b')).toMatchObject({ms: 100_000, from: 'history'});
  bench.disk.write(bestOf('a'), `${bench.disk.readText(bestOf('a'))!} `);
  expect(bench.costOf('b')).toBe('unknown');
});

test('of a study that was cut, only what is left is paid, at what its own trials took', () => {
  const bench = new PricedBench([pricedStudy('a', {trials: 50, stated: 50_000})]);
  const session = bench.session();
  const [node] = session.graph.nodes;
  const {key} = forecast(session, [node!]).get(node!.id)!.verdict;
  session.store.record({kind: 'began', node: node!.id, key, at: 1, attempt: 1, row: null});
  bench.disk.write('outputs/hpo/a/trials.jsonl', trialLine(0, {seconds: 2}).repeat(31));
  expect(bench.estimateOf('a').ms).toBeCloseTo(19 * 2000);
});

test('more trials of a finished study cost what is added', async () => {
  const bench = await ran();
  bench.steps[0] = pricedStudy('a', {trials: 10});
  expect(bench.estimateOf('a').ms).toBe(70_000);
});

test('a finished study costs nothing, and is paid whole where what it reads will be made again: its key is not known yet', async () => {
  const data: Step = {out: 'outputs/features', makes: () => 'the same'};
  const reading = {...pricedStudy('a'), in: ['outputs/features']};
  const bench = new PricedBench([data, reading]);
  bench.takes('a', three);
  await bench.build();
  expect(bench.costOf('a')).toBe('nothing');
  bench.steps[0] = {...data, params: {formula: 2}};
  expect(bench.plan()).toMatchObject({[bestOf('a')]: 'follow'});
  expect(bench.estimateOf('a').ms).toBe(30_000);
  // Stale of itself, too: nor does that say what will be there.
  bench.steps[1] = {...reading, extent: {trials: 5}, job: {...reading.job, extent: {trials: 5}}};
  expect(bench.plan()).toMatchObject({[bestOf('a')]: 'run'});
  expect(bench.estimateOf('a').ms).toBe(50_000);
});

test('what will be restored costs nothing', async () => {
  const bench = await ran();
  bench.steps[0] = pricedStudy('a', {params: {edit: 1}});
  bench.takes('a', three);
  await bench.build();
  expect(bench.costOf('a')).toBe('nothing');
  bench.steps[0] = pricedStudy('a');
  expect(bench.plan()).toMatchObject({[bestOf('a')]: 'be_restored'});
  expect(bench.costOf('a')).toBe('nothing');
});

test('of two studies of one key, the one that wants more trials is priced at what it adds', () => {
  const search = (name: string, trials: number): Step => ({...pricedStudy(name, {trials, stated: trials * 1000}), params: {}});
  const bench = new PricedBench([search('a', 50), search('b', 80)]);
  const session = bench.session();
  const order = session.graph.nodes;
  expect(priceOf({session, order, forecasts: forecast(session, order), jobs: 1}).sequential.ms).toBe(80_000);
});

test('a training is priced by what its searches and trainings took, for the epochs and windows that it has', async () => {
  const step = training('a');
  const {job} = pricedStudy('a', {record: {epochs: 100}});
  const bench = await ran({...step, job: {...step.job, ...(job?.data && {data: job.data}), record: {...job?.record, seed: 42}}});
  const session = bench.session();
  const node = session.graph.get(nodeId(metricsOf('a')));
  expect(openPricer(session, forecast(session, session.graph.nodes))(node)).toMatchObject({ms: 100_000, from: 'history'});
});

test('the plan sums the compute, and says how long it takes with the pools', () => {
  const search = (name: string): Step => ({...pricedStudy(name, {stated: 50_000, pool: 'accelerator'})});
  const bench = new PricedBench([search('a'), search('b'), {out: 'c', pool: 'cpu', ms: 30_000}]);
  const session = bench.session();
  const order = session.graph.nodes;
  const price = priceOf({session, order, forecasts: forecast(session, order), jobs: 2});
  expect(price.sequential).toEqual({ms: 130_000, lowMs: 65_000, highMs: 260_000});
  expect(price.parallel).toEqual({ms: 100_000, lowMs: 50_000, highMs: 200_000});
  expect(price.unknown).toBe(0);
});

test('a wall clock that is set during a run changes no duration, and so no price', async () => {
  const bench = new Bench([{out: 'a'}, {out: 'b', after: ['a']}]);
  const start = bench.clock.now();
  const built = await bench.build({
    onEvent: (event) => {
      if (event.type === 'node_stale') bench.clock.set(start + 2 * 86_400_000);
    },
  });
  expect(built.summary.durationMs).toBe(0);
  for (const id of ['a', 'b']) {
    const trace = bench.session().store.standingOf(nodeId(id)).trace;
    expect([trace?.durationMs, trace?.effort?.ms]).toEqual([0, 0]);
  }
});

test('what nobody agreed to pay for is refused with what hangs on it; the rest runs, and nothing of it is recorded', async () => {
  const bench = new Bench([{out: 'dear'}, {out: 'after', in: ['dear']}, {out: 'cheap'}]);
  const built = await bench.build({refusals: new Map([[nodeId('dear'), 'it would take 60 hours']])});
  expect(built.outcomes.get('dear')).toEqual({at: 'failed', status: 'refused', reason: 'too_expensive', message: 'it would take 60 hours'});
  expect(built.outcomes.get('after')).toMatchObject({at: 'blocked'});
  expect(built.ran).toEqual(['cheap']);
  expect((await bench.build()).ran).toEqual(['dear', 'after']);
});

test('who was to take over what a refused search finds does not search in its place', async () => {
  const search = (name: string, trials: number): Step => ({...pricedStudy(name, {trials, stated: trials * 1000}), params: {}});
  const bench = new PricedBench([search('dear', 50), search('copy', 50), search('more', 55), search('last', 55)]);
  const session = bench.session();
  const order = session.graph.nodes;
  const plan = {session, order, forecasts: forecast(session, order), jobs: 1};
  const asked = {...plan, price: priceOf(plan), askOverMs: 20_000};
  const dear = expensive(asked);
  expect(dear.map(({id}) => id)).toEqual([bestOf('dear')]);
  const built = await bench.build({refusals: describeRefusals(asked, dear)});
  expect(built.ran).toEqual([]);
  expect(built.outcomes.get(bestOf('more'))).toMatchObject({status: 'refused', message: expect.stringMatching(/take over what .*dear/)});
});

test('a search that was refused is paid whole where what it reads will be made again: it may not be refused then', async () => {
  const data: Step = {out: 'outputs/features', makes: () => 'few rows'};
  const bench = new PricedBench([data, {...pricedStudy('a', {stated: 3000}), in: ['outputs/features']}]);
  const refusal = {event: 'result', status: 'refused', reason: 'too_little_data', message: 'too few'};
  bench.jobs.set(bestOf('a'), () => ({progress: [refusal], ending: {how: 'exited', status: 3}}));
  await bench.build();
  expect(bench.plan()).toMatchObject({[bestOf('a')]: 'be_refused'});
  expect(bench.costOf('a')).toBe('nothing');
  bench.steps[0] = {...data, params: {formula: 2}, makes: () => 'more rows'};
  expect(bench.plan()).toMatchObject({[bestOf('a')]: 'follow'});
  expect(bench.estimateOf('a').ms).toBe(3000);
  bench.takes('a', three);
  expect((await bench.build()).ran).toEqual(['outputs/features', bestOf('a')]);
});
