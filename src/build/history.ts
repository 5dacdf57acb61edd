// What nodes took so far: of trainings how much work they were, of everything else the whole run. Pure; estimates nothing.
import type {NodeId} from '../base/ids.ts';
import type {RuleName} from '../graph/node.ts';
import type {Instant} from '../host/clock.ts';
import type {Effort, Machine, Trace, Trained} from '../state/trace.ts';

export interface Sample {
  readonly node: NodeId;
  readonly rule: RuleName;
  readonly at: Instant;
  /** Of the whole run; undefined where nobody measured it. */
  readonly ms: number | undefined;
  readonly trained: Trained | undefined;
  /** Whether it is known to have run in this workspace: what was made by hand may be another machine's. */
  readonly ranHere: boolean;
  /** A copy of what another node made: that one's run, which is told there. */
  readonly isCopy: boolean;
}

export interface TrainedSample extends Sample {
  readonly trained: Trained;
}

export interface History {
  find(node: NodeId): Sample | undefined;
  /** Runs of a rule, of whatever node. */
  ofRule(rule: RuleName): readonly Sample[];
  /** Searches and trainings on the kind of machine that a record asks for: the device that it comes to, threads and precision. */
  onMachine(machine: Machine): readonly TrainedSample[];
  isOn(trained: Trained, machine: Machine): boolean;
}

/** Undefined where the run teaches nothing: nothing ran, or nobody knows what. What was adopted was made elsewhere. */
export function sampleOf(trace: Trace, effort: Effort | undefined): Sample | undefined {
  if (effort === undefined || trace.how === 'adopted') return undefined;
  const {rule, trained} = effort;
  // A copy took no time itself, and of an earlier version's attempts the wall clock tells.
  const took = effort.ms ?? (trace.how === 'restored' ? 0 : trace.durationMs);
  const ms = took > 0 ? took : undefined;
  if (ms === undefined && trained === undefined) return undefined;
  return {node: trace.node, rule, at: trace.at, ms, trained, ranHere: trace.foreign !== true, isCopy: trace.from !== undefined};
}

export function historyOf(samples: Iterable<Sample>): History {
  const byNode = new Map<NodeId, Sample>();
  const byRule = new Map<RuleName, Sample[]>();
  const trained: TrainedSample[] = [];
  for (const sample of samples) {
    byNode.set(sample.node, sample);
    const group = byRule.get(sample.rule);
    if (group === undefined) byRule.set(sample.rule, [sample]);
    else group.push(sample);
    if (sample.trained !== undefined && !sample.isCopy) trained.push({...sample, trained: sample.trained});
  }
  const auto = deviceOfAuto(trained);
  const isOn = (ran: Trained, {device, threads, precision}: Machine): boolean =>
    ran.device === (device === 'auto' ? auto : device) && ran.machine.threads === threads && ran.machine.precision === precision;
  return {
    find: (node) => byNode.get(node),
    ofRule: (rule) => byRule.get(rule) ?? [],
    onMachine: (machine) => trained.filter((sample) => isOn(sample.trained, machine)),
    isOn,
  };
}

// What `auto` comes to on this machine, the last run tells that asked for it; one by hand only where no other did.
function deviceOfAuto(samples: readonly TrainedSample[]): string | undefined {
  const asked = samples.filter((sample) => sample.trained.machine.device === 'auto');
  const here = asked.filter(({ranHere}) => ranHere);
  return (here.length > 0 ? here : asked).toSorted((left, right) => left.at - right.at).at(-1)?.trained.device;
}
