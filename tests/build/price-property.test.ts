// A small study is edited at random and built, by jobs that take virtual time: what the plan had said of each build is held against what then ran.
import {createHash} from 'node:crypto';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import {priceOf, type Price} from '../../src/build/price.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {lookWith} from '../../src/build/conditions.ts';
import type {Step} from '../support/bench.ts';
import {jobFilesOf} from '../../src/build/job-file.ts';
import {nodeId} from '../../src/base/ids.ts';
import {minimalStudy} from '../support/bench.ts';
import {dataPath, PricedBench, pricedStudy, trialLine} from '../support/priced-bench.ts';
import {bestOf, metricsOf, training} from '../support/search-bench.ts';

interface Plan {
  readonly rows: number;
  readonly keep: number | undefined;
  readonly formula: number;
  readonly names: readonly [string, string];
  readonly size: number;
  readonly trials: number;
  readonly record: Readonly<Record<'epochs' | 'subset' | 'context' | 'patience' | 'learning_rate', number>>;
  readonly trainingEpochs: number;
}

const first: Plan = {
  ...{rows: 1000, keep: undefined, formula: 0, names: ['a', 'b'], size: 2e6, trials: 3},
  ...{record: {epochs: 10, subset: 1, context: 60, patience: 0, learning_rate: 1}, trainingEpochs: 20},
};

type Edit = ((plan: Plan) => Plan) | 'undo';

const inRecord =
  (name: keyof Plan['record']) =>
  (value: number): Edit =>
  (plan) => ({...plan, record: {...plan.record, [name]: value}});

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.constantFrom(5, 10, 100).map(inRecord('epochs')),
  fc.constantFrom(0.2, 1).map(inRecord('subset')),
  fc.constantFrom(60, 110).map(inRecord('context')),
  fc.constantFrom(0, 3).map(inRecord('patience')),
  fc.constantFrom(1, 2).map(inRecord('learning_rate')),
  fc.constantFrom(3, 6, 20).map((trials): Edit => (plan) => ({...plan, trials})),
  fc.constantFrom(20, 200).map((trainingEpochs): Edit => (plan) => ({...plan, trainingEpochs})),
  fc.constantFrom(2e6, 3e6, 9e6).map((size): Edit => (plan) => ({...plan, size})),
  fc.constantFrom(700, 1000, 1300).map((rows): Edit => (plan) => ({...plan, rows})),
  fc.constantFrom(undefined, 600, 900).map((keep): Edit => (plan) => ({...plan, keep})),
  // Every second formula comes out the same.
  fc.constantFrom(0, 1, 2).map((formula): Edit => (plan) => ({...plan, formula})),
  fc.constantFrom<Plan['names']>(['a', 'b'], ['c', 'b'], ['c', 'd']).map((names): Edit => (plan) => ({...plan, names})),
  fc.constant<Edit>('undo'),
);

class Study {
  readonly bench = new PricedBench([]);
  readonly #draw: () => number;
  #units = 0;
  #ms = 0;

  constructor(seed: number) {
    this.#draw = randomFrom(seed);
  }

  /** What the plan says, and what then ran. */
  async build(plan: Plan): Promise<{price: Price; units: number; ms: number}> {
    const {bench} = this;
    this.#write(plan);
    const session = bench.session();
    const order = session.graph.nodes;
    const price = priceOf({session, order, forecasts: await lookWith(session.conditions, () => forecast(session, order)), jobs: 1});
    [this.#units, this.#ms] = [0, 0];
    const {summary} = await bench.build();
    expect(summary.failed).toEqual([]);
    return {price, units: this.#units, ms: this.#ms};
  }

  #write(plan: Plan): void {
    const {bench} = this;
    const {keep} = plan;
    const origin = {kind: 'builder', source: 'arch.sp500', tiers: ['a20']} as const;
    const dataset = {name: 'd', path: dataPath, origin, timescale: 'daily', columns: [], minRows: 1, maxNan: 0} as const;
    const span = {file: 'experiments.yaml', offset: 0, length: 0, line: 1, column: 1};
    bench.study = {...minimalStudy, data: [{...dataset, span, ...(keep === undefined ? {} : {keepRows: keep})}]};
    const record = {...plan.record, 'budget.params': plan.size};
    const searches = plan.names.map((name, task) => this.#keyed(pricedStudy(name, {trials: plan.trials, record}), {task, ...record}));
    const trainings = plan.names.map((name, task) => this.#training(name, {task, ...record, subset: 1, epochs: plan.trainingEpochs}));
    bench.steps = [this.#data(plan), ...searches, ...trainings];
    for (const name of plan.names) {
      this.#search(name, plan);
      this.#train(name, plan);
    }
  }

  #keyed(step: Step, params: Record<string, number>): Step {
    return {...step, in: [...(step.in ?? []), dataPath], params};
  }

  #training(name: string, params: Record<string, number>): Step {
    const step = training(name);
    const {job} = pricedStudy(name, {record: params});
    return this.#keyed({...step, job: {...step.job, data: dataPath, record: {...job?.record, seed: 42}}}, params);
  }

  #data({rows, keep, formula}: Plan): Step {
    const kept = Math.min(rows, keep ?? rows);
    const text = `${String(kept)} rows by ${String(formula % 2)}`;
    this.bench.jobs.set(dataPath, () => ({
      progress: [{event: 'result', status: 'success', reason: null, message: null}],
      ending: {how: 'exited', status: 0},
      files: {
        [dataPath]: text,
        [jobFilesOf(nodeId(dataPath)).result]: JSON.stringify({
          path: dataPath,
          rows: kept,
          md5: 'm',
          sha256: sha256(text),
          columns: {},
          raw: null,
        }),
      },
    }));
    const job = {rule: 'data', output: dataPath, logFile: projectPath(`logs/${dataPath}.log`), record: {}} as const;
    return {out: dataPath, params: {rows, keep: keep ?? null, formula}, pool: 'cpu', ms: 1000, job};
  }

  /** Those of the trials that are not there yet. */
  #search(name: string, plan: Plan): void {
    const out = bestOf(name);
    this.bench.jobs.set(out, (command) => {
      const before = this.bench.disk.readText(`outputs/hpo/${name}/trials.jsonl`) ?? '';
      const there = before.split('\n').length - 1;
      const added = Array.from({length: Math.max(0, plan.trials - there)}, (_, index) => {
        const {epochs, ms, params} = this.#run(plan, plan.record.epochs, plan.record.subset);
        const lines = Array.from({length: epochs}, (_epoch, at) => ({epoch: at + 1, train_loss: 0.5, val_loss: 0.5, val_auc: 0.5}));
        return trialLine(there + index, {epochs: lines, seconds: ms / 1000, param_count: params});
      });
      this.bench.takes(name, [before, ...added], this.#windows(plan));
      const script = this.bench.jobs.get(out);
      this.#search(name, plan);
      return script?.(command) ?? {};
    });
  }

  #train(name: string, plan: Plan): void {
    const out = metricsOf(name);
    this.bench.jobs.set(out, (command) => {
      const {epochs, ms, params} = this.#run(plan, plan.trainingEpochs, 1);
      const {train, val} = this.#windows(plan);
      const counted = {windows: 0, positives: 1};
      const step = this.bench.steps.find((one) => one.out === out);
      this.bench.succeed(out, {
        ...{epochs_run: epochs, duration_seconds: ms / 1000, param_count: params, record: step?.job?.record ?? {}},
        samples: {train: {...counted, windows: train}, val: {...counted, windows: val}, test: {...counted, windows: 30}},
      });
      const script = this.bench.jobs.get(out);
      this.#train(name, plan);
      return script?.(command) ?? {};
    });
  }

  #windows({rows, keep, record: {context}}: Plan): {train: number; val: number} {
    const kept = Math.min(rows, keep ?? rows);
    const [test, val] = [Math.floor(0.04 * kept), Math.floor(0.15 * kept)];
    return {train: kept - test - val - context, val: Math.max(0, val - context)};
  }

  // Windows, patches, epochs, and a constant of the size, give or take 30 %.
  #run(plan: Plan, allowed: number, subset: number): {epochs: number; ms: number; params: number} {
    const {train, val} = this.#windows(plan);
    const epochs = plan.record.patience === 0 ? allowed : Math.ceil(allowed * (0.5 + 0.5 * this.#draw()));
    const patches = (plan.record.context - 10) / 10 + 1;
    const units = (Math.floor(train * subset) + val / 3) * patches * epochs;
    const params = Math.round(plan.size * (0.8 + 0.4 * this.#draw()));
    const ms = units * 0.01 * (params / 2e6) ** 0.8 * (0.7 + 0.6 * this.#draw());
    this.#units += units;
    this.#ms += ms;
    this.bench.clock.advance(ms);
    return {epochs, ms, params};
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Numbers from 0 to 1 (a linear congruence). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const runs = 20;

test('whatever is edited, no more runs than the upper figure of the plan says, and nine of ten times its middle is within a factor of three', async () => {
  let near = 0;
  let all = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(edit, {minLength: 5, maxLength: 7}), fc.nat(), async (edits, seed) => {
      const study = new Study(seed);
      const plans = [first];
      await study.build(first);
      for (const change of edits) {
        if (change === 'undo') plans.pop();
        const before = plans.at(-1) ?? first;
        const next = change === 'undo' ? before : change(before);
        if (change !== 'undo') plans.push(next);
        const {price, units, ms} = await study.build(next);
        const most = [...price.of.values()].reduce((sum, estimate) => sum + (estimate.units ?? 0), 0);
        // What nobody can price is told as that, and is over every limit.
        if (price.unknown === 0) expect(most).toBeGreaterThanOrEqual(units - 1e-6);
        if (price.unknown > 0 || units === 0) continue;
        all++;
        if (price.sequential.ms <= 3 * ms && ms <= 3 * price.sequential.ms) near++;
      }
    }),
    {numRuns: runs, seed: 10, endOnFailure: true},
  );
  expect(all).toBeGreaterThan(10);
  expect(near / all).toBeGreaterThanOrEqual(0.9);
});
