// How long a node will take, within which range, and by what: this workspace's history a unit of work at a time, or the file. Pure.
import type {NodeId} from '../base/ids.ts';
import type {RuleName} from '../graph/node.ts';
import type {Machine, Trained} from '../state/trace.ts';
import type {History} from './history.ts';
import {carriedTo, isNear, makeUnitCosts, type UnitCost} from './unit-costs.ts';
import type {Figure} from './workload.ts';

export interface Estimate {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
  /** `history`: runs of this workspace; `file`: the budget's `estimate`; `rule`: what the program assumes for its own small steps. */
  readonly from: 'history' | 'file' | 'rule';
  /** Units of work at most (windows x patches x epochs of all trainings); absent where no model is trained, or its data is not known. */
  readonly units?: number;
  /** What the other of history and file says, where the two differ by more than `apart`. */
  readonly against?: {readonly ms: number; readonly from: 'history' | 'file'};
}

/** `nothing`: it will not run, or what it needs is there already. `unknown`: it will run, and nobody knows for how long. */
export type Cost = Estimate | 'nothing' | 'unknown';

export function estimateIn(cost: Cost): Estimate | undefined {
  return cost === 'nothing' || cost === 'unknown' ? undefined : cost;
}

/** A step of the engine, or one that makes data. */
export interface Step {
  readonly node: NodeId;
  readonly rule: RuleName;
  readonly statedMs: number | undefined;
}

/** A search or a training. */
export interface Training {
  readonly node: NodeId;
  readonly rule: RuleName;
  /** Parameter count of its budget. */
  readonly size: number | null;
  /** Trainings that are left: trials of a search, else 1. */
  readonly runs: number;
  /** Of one of them (windows x patches x epochs), where every epoch runs; undefined where its data is not known. */
  readonly units: Figure | undefined;
  readonly stops: string;
  readonly machine: Machine | undefined;
  /** Milliseconds of one of them by the file. */
  readonly statedMs: number | undefined;
  /** What it has behind it already, where it goes on. */
  readonly begun: Trained | undefined;
}

export interface Estimator {
  step(step: Step): Cost;
  training(training: Training): Cost;
}

/** Where file and history differ by more than this factor, the plan says so. */
export const apart = 3;
/** So many runs of that size on that device say more than the file. */
const enoughRuns = 3;
const statedFactor = 2;
/** No measurement is better than this: machines are warm or busy. */
const leastSpread = 0.3;

export function makeEstimator(history: History): Estimator {
  const samples = memo((machine: Machine) => history.onMachine(machine));
  const costs = memo((machine: Machine) => makeUnitCosts(samples(machine).map(({trained}) => pointOf(trained))));
  const near = memo(({machine, size}: Kind) => costs(machine)(size));
  const runsHere = memo(
    ({machine, size}: Kind) => samples(machine).filter(({trained, ranHere}) => ranHere && isNear(trained.params, size)).length,
  );
  const shares = memo((of: {readonly rule: RuleName; readonly stops: string}) => shareOf(history, of));
  const overheads = memo((rule: RuleName) => overheadOf(history, rule));
  const steps = memo((rule: RuleName) => spreadOf(history.ofRule(rule).flatMap(({ms}) => ms ?? [])));
  return {
    step: (step) => stepCost(history.find(step.node)?.ms, steps(step.rule), step.statedMs),
    training: (training) => {
      const {rule, size, stops, machine, runs} = training;
      if (runs === 0) return {ms: 0, lowMs: 0, highMs: 0, from: 'history', units: 0};
      const kind = machine === undefined || size === null ? undefined : {machine, size};
      const unit = ownCost(history, training, kind && near(kind));
      const learnt = unit && fromHistory(training, unit, {share: shares({rule, stops}), overheadMs: overheads(rule)});
      return withUnits(training, choose(learnt, asStated(training), kind === undefined ? 0 : runsHere(kind)));
    },
  };
}

interface Kind {
  readonly machine: Machine;
  readonly size: number;
}

/** By value, so that a plan of thousands of nodes works out each figure once. */
function memo<A, V>(compute: (argument: A) => V): (argument: A) => V {
  const known = new Map<string, {readonly value: V}>();
  return (argument) => {
    const name = JSON.stringify(argument);
    const found = known.get(name) ?? {value: compute(argument)};
    known.set(name, found);
    return found.value;
  };
}

function pointOf({ms, windows, patches, epochs, params}: Trained): {readonly size: number; readonly ms: number} {
  return {size: params, ms: ms / (windows * patches * epochs)};
}

// Its own last run says most; how much runs of its size differ says how far to trust it.
function ownCost(history: History, {node, size, machine, begun}: Training, near: UnitCost | undefined): UnitCost | undefined {
  const before = history.find(node)?.trained;
  const own = begun ?? (before !== undefined && machine !== undefined && history.isOn(before, machine) ? before : undefined);
  if (own === undefined || (size !== null && !isNear(own.params, size))) return near;
  const ms = size === null ? pointOf(own).ms : carriedTo(pointOf(own), size);
  if (near === undefined) return {ms, lowMs: ms * (1 - leastSpread), highMs: ms * (1 + leastSpread)};
  const [low, high] = [near.lowMs / near.ms, near.highMs / near.ms];
  return {ms, lowMs: Math.min(ms * low, near.lowMs), highMs: Math.max(ms * high, near.highMs)};
}

interface Habits {
  /** Of the epochs that might run, those that do, by this rule's own runs. */
  readonly share: {readonly middle: number; readonly least: number};
  readonly overheadMs: number;
}

function fromHistory({runs, units}: Training, cost: UnitCost, {share, overheadMs}: Habits): Estimate | undefined {
  if (units === undefined) return undefined;
  return {
    ms: runs * units.middle * share.middle * cost.ms + overheadMs,
    lowMs: runs * units.middle * share.least * cost.lowMs + overheadMs,
    // Nobody promises that anything ends early.
    highMs: runs * units.most * cost.highMs + overheadMs * (1 + leastSpread),
    from: 'history',
  };
}

function shareOf(history: History, {rule, stops}: {readonly rule: RuleName; readonly stops: string}): Habits['share'] {
  const alike = history.ofRule(rule).flatMap(({trained}) => (trained?.stops === stops ? [trained] : []));
  if (stops === '' || alike.length === 0) return {middle: 1, least: 1};
  const epochs = alike.reduce((sum, one) => sum + one.epochs, 0);
  const allowed = alike.reduce((sum, one) => sum + one.allowedEpochs, 0);
  const shares = alike.map((one) => one.epochs / one.allowedEpochs);
  return {middle: Math.min(1, epochs / allowed), least: Math.min(1, ...shares)};
}

// Starting, reading the data, evaluating and writing: what a run takes beside its trainings.
function overheadOf(history: History, rule: RuleName): number {
  const all = history
    .ofRule(rule)
    .flatMap(({ms, trained}) => (ms === undefined || trained === undefined || ms < trained.ms ? [] : [ms - trained.ms]));
  return all.length === 0 ? 0 : quantileOf(all, 0.5);
}

function asStated({statedMs, runs}: Training): Estimate | undefined {
  if (statedMs === undefined) return undefined;
  const ms = statedMs * runs;
  return {ms, lowMs: ms / statedFactor, highMs: ms * statedFactor, from: 'file'};
}

// Both are told where they differ much. Few runs may have been of another kind than what is to come, so the larger figure is the safe one.
function choose(learnt: Estimate | undefined, stated: Estimate | undefined, runsHere: number): Cost {
  if (learnt === undefined || stated === undefined) return learnt ?? stated ?? 'unknown';
  const differ = Math.max(learnt.ms, stated.ms) > apart * Math.min(learnt.ms, stated.ms);
  if (!differ) return learnt;
  if (runsHere >= enoughRuns) return {...learnt, against: {ms: stated.ms, from: 'file'}};
  const range = {lowMs: Math.min(learnt.lowMs, stated.lowMs), highMs: Math.max(learnt.highMs, stated.highMs)};
  return learnt.ms > stated.ms
    ? {...learnt, ...range, against: {ms: stated.ms, from: 'file'}}
    : {...stated, ...range, against: {ms: learnt.ms, from: 'history'}};
}

function withUnits({runs, units}: Training, cost: Cost): Cost {
  const estimate = estimateIn(cost);
  return estimate === undefined || units === undefined ? cost : {...estimate, units: runs * units.most};
}

interface Spread {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
}

function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined;
  const ms = quantileOf(values, 0.5);
  return {
    ms,
    lowMs: Math.min(quantileOf(values, 0.05), ms * (1 - leastSpread)),
    highMs: Math.max(quantileOf(values, 0.95), ms * (1 + leastSpread)),
  };
}

function stepCost(own: number | undefined, alike: Spread | undefined, statedMs: number | undefined): Cost {
  if (own !== undefined && alike !== undefined)
    return {ms: own, lowMs: (own * alike.lowMs) / alike.ms, highMs: (own * alike.highMs) / alike.ms, from: 'history'};
  if (alike !== undefined) return {...alike, from: 'history'};
  return statedMs === undefined ? 'unknown' : {ms: statedMs, lowMs: statedMs / statedFactor, highMs: statedMs * statedFactor, from: 'rule'};
}

function quantileOf(values: readonly number[], share: number): number {
  const ordered = values.toSorted((left, right) => left - right);
  const at = (ordered.length - 1) * share;
  const [below, above] = [ordered[Math.floor(at)] ?? 0, ordered[Math.ceil(at)] ?? 0];
  return below + (above - below) * (at - Math.floor(at));
}
