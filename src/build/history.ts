// What nodes took so far, a unit of work at a time (a trial of a study, else the whole run). Pure; estimates nothing.
import type {NodeId} from '../base/ids.ts';
import type {RuleName} from '../graph/node.ts';
import type {Effort, Trace} from '../state/trace.ts';

export interface Sample {
  readonly node: NodeId;
  readonly rule: RuleName;
  readonly size: number | null;
  /** Milliseconds of a trial, or of the whole run. */
  readonly unitMs: number;
}

export interface History {
  find(node: NodeId): Sample | undefined;
  /** Of one rule and budget. */
  like(rule: RuleName, size: number | null): readonly Sample[];
  ofRule(rule: RuleName): readonly Sample[];
}

/** Undefined where the run teaches nothing: nothing ran, or an old record does not say what. */
export function sampleOf(trace: Trace, effort: Effort | undefined): Sample | undefined {
  if (trace.how === 'restored' || trace.durationMs <= 0 || effort === undefined) return undefined;
  const units = effort.trials ?? 1;
  return units > 0 ? {node: trace.node, rule: effort.rule, size: effort.size, unitMs: trace.durationMs / units} : undefined;
}

export function historyOf(samples: Iterable<Sample>): History {
  const byNode = new Map<NodeId, Sample>();
  const byRule = new Map<RuleName, Sample[]>();
  const byBudget = new Map<string, Sample[]>();
  for (const sample of samples) {
    byNode.set(sample.node, sample);
    push(byRule, sample.rule, sample);
    push(byBudget, budgetName(sample.rule, sample.size), sample);
  }
  return {
    find: (node) => byNode.get(node),
    like: (rule, size) => byBudget.get(budgetName(rule, size)) ?? [],
    ofRule: (rule) => byRule.get(rule) ?? [],
  };
}

function push<K>(groups: Map<K, Sample[]>, name: K, sample: Sample): void {
  const group = groups.get(name);
  if (group === undefined) groups.set(name, [sample]);
  else group.push(sample);
}

function budgetName(rule: RuleName, size: number | null): string {
  return `${rule} ${String(size)}`;
}
