// Backtest of the price: real studies (one laptop, one accelerator), each predicted from the other horizons of its budget, and from the smaller
// budgets: what the plan says of a trial (a number and by what, or `?`), and for the record what a line through log time over log size would have said.
import {nodeId} from '../src/base/ids.ts';
import {formatDuration} from '../src/base/units.ts';
import {makeEstimator, type Cost} from '../src/build/estimate.ts';
import {historyOf, type Sample} from '../src/build/history.ts';
import {fitLine} from '../src/results/fits.ts';

interface Study {
  readonly budget: string;
  readonly size: number;
  readonly horizon: number;
  /** Parameters of its winner. */
  readonly params: number;
  readonly trialMs: number;
}

function study(
  [budget, size]: readonly [string, number],
  horizon: number,
  [seconds, trials, params]: readonly [number, number, number],
): Study {
  return {budget, size, horizon, params, trialMs: (seconds * 1000) / trials};
}

const studies: readonly Study[] = [
  study(['2M', 2e6], 1, [1366.2, 50, 2_417_473]),
  study(['2M', 2e6], 3, [1364.3, 50, 1_617_729]),
  study(['2M', 2e6], 5, [1279.5, 50, 2_160_449]),
  study(['20M', 2e7], 1, [5430.4, 50, 23_882_881]),
  study(['20M', 2e7], 3, [2595.6, 50, 16_940_289]),
  study(['20M', 2e7], 5, [9255.8, 50, 21_403_009]),
  study(['200M', 2e8], 1, [71_337.7, 50, 170_457_985]),
  study(['200M', 2e8], 3, [52_218.0, 50, 213_206_401]),
  study(['200M', 2e8], 5, [26_907.4, 50, 151_460_353]),
  study(['2B', 2e9], 1, [172_478.5, 39, 1_612_608_513]),
  study(['2B', 2e9], 3, [77_569.4, 18, 1_814_714_113]),
  study(['2B', 2e9], 5, [212_943.2, 50, 1_512_268_801]),
];

/** Of a trial, as the repository's `experiments.yaml` says today: measured afterwards. Beforehand 10 to 15 minutes were said for 2M. */
const file: ReadonlyMap<string, number> = new Map([
  ['2M', 26_000],
  ['20M', 2 * 60_000],
  ['200M', 16 * 60_000],
  ['2B', 73 * 60_000],
]);

const machine = {device: 'mps', threads: 1, precision: 'auto'};

function sampleOf({budget, horizon, params, trialMs}: Study): Sample {
  const work = {runs: 1, windows: 1, patches: 1, epochs: 1, allowedEpochs: 1, stops: ''};
  return {
    ...{node: nodeId(`${budget} h${String(horizon)}`), rule: 'hpo', at: 1, ms: trialMs, ranHere: true},
    trained: {...work, ms: trialMs, params, machine, device: 'mps'},
  };
}

function costOf(of: Study, from: readonly Study[], statedMs: number | undefined): Cost {
  const training = {node: nodeId('new'), rule: 'hpo', size: of.size, runs: 1, units: {middle: 1, most: 1}, stops: '', machine} as const;
  return makeEstimator(historyOf(from.map(sampleOf))).training({...training, statedMs, begun: undefined});
}

function shown(cost: Cost, {trialMs}: Study): string {
  if (typeof cost === 'string') return '?';
  const inside = cost.lowMs <= trialMs && trialMs <= cost.highMs ? 'in' : 'OUT';
  return `${formatDuration(cost.ms)} (${formatDuration(cost.lowMs)} to ${formatDuration(cost.highMs)}, ${cost.from}) x${(cost.ms / trialMs).toFixed(2)} ${inside}`;
}

function fitted(of: Study, from: readonly Study[]): string {
  if (new Set(from.map(({budget}) => budget)).size < 2) return '-';
  const line = fitLine(from.map(({params, trialMs}) => ({x: Math.log(params), y: Math.log(trialMs)})));
  const ms = Math.exp(line.intercept + line.slope * Math.log(of.size));
  return `${formatDuration(ms)} x${(ms / of.trialMs).toFixed(2)}`;
}

console.log(
  '| study | a trial took | by the other horizons | by the smaller budgets | the same with an estimate in the file | a fit would have said |',
);
console.log('|---|---|---|---|---|---|');
for (const one of studies) {
  const beside = studies.filter(({budget, horizon}) => budget === one.budget && horizon !== one.horizon);
  const below = studies.filter(({size}) => size < one.size);
  const stated = file.get(one.budget);
  const cells = [
    `${one.budget} h${String(one.horizon)}`,
    formatDuration(one.trialMs),
    shown(costOf(one, beside, undefined), one),
    shown(costOf(one, below, undefined), one),
    shown(costOf(one, below, stated), one),
    fitted(one, below),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
