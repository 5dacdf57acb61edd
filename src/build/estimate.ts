// How long a node will take, within which range, and by what: this workspace's history, a line through other budgets, else the file. Pure.
import type {NodeId} from '../base/ids.ts';
import type {RuleName} from '../graph/node.ts';
import {tQuantile} from '../results/distributions.ts';
import {fitLine, type Line} from '../results/fits.ts';
import type {History} from './history.ts';

export interface Estimate {
  readonly ms: number;
  readonly lowMs: number;
  readonly highMs: number;
  /** `history`: runs of this node or of its rule and budget; `regression`: over the parameter count; `file`; `rule`: the rule's own guess. */
  readonly from: 'history' | 'regression' | 'file' | 'rule';
}

/** What is to be estimated. */
export interface Job {
  readonly node: NodeId;
  readonly rule: RuleName;
  /** Parameter count of its budget. */
  readonly size: number | null;
  /** Trials that are left to run; 1 where it is no study. */
  readonly units: number;
  /** Milliseconds of one unit by the file or the rule. */
  readonly statedUnitMs: number | undefined;
}

export type Estimator = (job: Job) => Estimate | undefined;

/** A function that answers in constant time: lines and medians are worked out once a budget. */
export function makeEstimator(history: History): Estimator {
  const lines = new Map<RuleName, Line | undefined>();
  const groups = new Map<string, Unit | undefined>();
  const memo = <K, V>(known: Map<K, V>, name: K, compute: () => V): V => {
    if (!known.has(name)) known.set(name, compute());
    // Just set where it was not there.
    return known.get(name) as V;
  };
  return (job) => {
    const name = `${job.rule} ${String(job.size)}`;
    const group = memo(groups, name, () => {
      const alike = history.like(job.rule, job.size).map(({unitMs}) => unitMs);
      return alike.length > 0
        ? fromRuns(alike)
        : fromLine(
            memo(lines, job.rule, () => lineOver(history, job.rule)),
            job.size,
          );
    });
    return times(fromOwnRun(history, job, group) ?? group ?? asStated(job), job.units);
  };
}

type Unit = Estimate;

/** No measurement is better than this: machines are warm or busy. */
const leastSpread = 0.3;
const statedFactor = 2;
/** Where the spread around the line is not known. */
const lineFactor = 2;

// Its own last run says most; how much runs of its kind differ says how far to trust it.
function fromOwnRun(history: History, {node}: Job, group: Unit | undefined): Unit | undefined {
  const own = history.find(node)?.unitMs;
  if (own === undefined) return undefined;
  const [low, high] = group?.from === 'history' ? [group.lowMs / group.ms, group.highMs / group.ms] : [1 - leastSpread, 1 + leastSpread];
  return {ms: own, lowMs: own * low, highMs: own * high, from: 'history'};
}

function fromRuns(runs: readonly number[]): Unit {
  const ordered = runs.toSorted((left, right) => left - right);
  const ms = quantile(ordered, 0.5);
  return {
    ms,
    lowMs: Math.min(quantile(ordered, 0.05), ms * (1 - leastSpread)),
    highMs: Math.max(quantile(ordered, 0.95), ms * (1 + leastSpread)),
    from: 'history',
  };
}

function quantile(ordered: readonly number[], share: number): number {
  const at = (ordered.length - 1) * share;
  const [below, above] = [ordered[Math.floor(at)] ?? 0, ordered[Math.ceil(at)] ?? 0];
  return below + (above - below) * (at - Math.floor(at));
}

/** log time over log parameter count; undefined below two budgets. */
function lineOver(history: History, rule: RuleName): Line | undefined {
  const points = history.ofRule(rule).flatMap(({size, unitMs}) => (size === null ? [] : [{x: Math.log(size), y: Math.log(unitMs)}]));
  return new Set(points.map(({x}) => x)).size < 2 ? undefined : fitLine(points);
}

function fromLine(line: Line | undefined, size: number | null): Unit | undefined {
  if (line === undefined || size === null) return undefined;
  const distance = Math.log(size) - line.centre;
  const ms = Math.exp(line.intercept + line.slope * Math.log(size));
  const factor = Math.max(lineFactor, predictionFactor(line, distance));
  return {ms, lowMs: ms / factor, highMs: ms * factor, from: 'regression'};
}

// The 90 % prediction interval of one more run, as a factor; of two points only there is none.
function predictionFactor(line: Line, distance: number): number {
  if (line.degreesOfFreedom < 1) return lineFactor;
  const error = line.residualSd * Math.sqrt(1 + 1 / (line.degreesOfFreedom + 2) + (distance * distance) / line.sumOfSquares);
  return Math.exp(tQuantile(0.95, line.degreesOfFreedom) * error);
}

function asStated({rule, statedUnitMs: ms}: Job): Unit | undefined {
  if (ms === undefined) return undefined;
  const from = rule === 'hpo' || rule === 'training' ? 'file' : 'rule';
  return {ms, lowMs: ms / statedFactor, highMs: ms * statedFactor, from};
}

function times(unit: Unit | undefined, units: number): Estimate | undefined {
  return unit === undefined ? undefined : {...unit, ms: unit.ms * units, lowMs: unit.lowMs * units, highMs: unit.highMs * units};
}
