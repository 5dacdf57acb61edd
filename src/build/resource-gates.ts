// Gates on what the machine has: room on the disk, memory, an accelerator. What is free may be another thing a moment later: nothing is recorded.
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {isJsonObject, parseObject, type JsonObject} from '../base/json.ts';
import {formatBytes} from '../base/units.ts';
import {leastTrainingBytes} from '../config/memory.ts';
import type {JobWork, Node} from '../graph/node.ts';
import type {Resources} from '../host/resources.ts';
import type {Session} from './session.ts';

/** A shut gate, and the first node that it shuts out. */
export interface GateFailure {
  readonly node: Node;
  readonly diagnostic: Diagnostic;
}

export interface Spender {
  readonly node: Node;
  readonly work: JobWork;
}

/** Each thing that is short once, however many nodes it concerns; what a model needs by its node. `copied`: what is restored from another node's. */
export function findResourceFailures(
  session: Session,
  spenders: readonly Spender[],
  resources: Resources,
  copied: readonly JobWork[] = [],
): readonly GateFailure[] {
  return [
    ...findDiskFailure(session, {spenders, copied}, resources),
    ...findMemoryFailures(session, spenders, resources),
    ...findDeviceFailures(spenders, resources),
  ];
}

interface Plan {
  readonly spenders: readonly Spender[];
  readonly copied: readonly JobWork[];
}

function findDiskFailure({study, disk}: Session, {spenders, copied}: Plan, {freeDisk}: Resources): readonly GateFailure[] {
  const [first] = spenders;
  const free = freeDisk(disk.resolve(study.paths.outputs));
  if (first === undefined || free === undefined) return [];
  const made = spenders.reduce((sum, {work}) => sum + bytesOf(work, bytesMade), 0);
  const checkpoints = copied.reduce((sum, work) => sum + bytesOf(work, bytesCopied), made);
  const {diskBytes} = study.safety.gates;
  if (free >= diskBytes + checkpoints) return [];
  const plan = checkpoints === 0 ? '' : `, and about ${formatBytes(checkpoints)} for the checkpoints of this plan`;
  const message = `${formatBytes(free)} are free on the disk of ${study.paths.outputs}; ${formatBytes(diskBytes)} must be${plan}`;
  const help = 'Make room (`ftsbuild gc` bounds the output cache), narrow the plan, or lower `gates.disk`.';
  return [{node: first.node, diagnostic: problem('FTS601', message, {help})}];
}

// Two checkpoints: the best epoch's weights, and weights, moments and the best weights to resume from; four bytes each.
const bytesMade = 20;
// The best epoch's weights only.
const bytesCopied = 4;

function bytesOf({rule, record}: JobWork, eachParameter: number): number {
  const params = record['budget.params'];
  return rule === 'training' && typeof params === 'number' ? eachParameter * params : 0;
}

function findMemoryFailures(session: Session, spenders: readonly Spender[], resources: Resources): readonly GateFailure[] {
  const {memory} = session.study.safety.gates;
  const [first] = spenders;
  if (memory === 'none' || first === undefined) return [];
  const free = resources.freeMemory();
  if (memory !== 'estimate') {
    if (free >= memory) return [];
    const message = `${formatBytes(free)} of memory are free; \`gates.memory\` asks for ${formatBytes(memory)}`;
    return [{node: first.node, diagnostic: problem('FTS602', message, {help: 'End other programs, or lower `gates.memory`.'})}];
  }
  return spenders.flatMap(({node, work}) => {
    const need = runsInMainMemory(work, resources) ? leastTrainingBytes(withBestParams(session, work)) : undefined;
    if (need === undefined || need <= free) return [];
    const least = work.rule === 'hpo' ? 'even its smallest configuration' : 'it';
    const message = `${node.label}: ${least} needs about ${formatBytes(need)} of memory, and ${formatBytes(free)} are free`;
    const help = 'End other programs, make the batch smaller, leave it out (`--except`), or set `gates: {memory: none}`.';
    return [{node, diagnostic: problem('FTS602', message, {help})}];
  });
}

// What an accelerator has free, the run asks it itself, trial by trial.
function runsInMainMemory({record}: JobWork, {hasDevice}: Resources): boolean {
  const {device} = record;
  return device === 'cpu' || (device === 'auto' && !hasDevice('cuda') && !hasDevice('mps'));
}

/** With what the study found, as soon as it is there. */
function withBestParams({disk, graph}: Session, work: JobWork): JsonObject {
  if (work.rule !== 'training') return work.record;
  const {experiment} = work.identity ?? {};
  const found = graph.nodes.find((node) => node.experiment === experiment && (node.rule === 'hpo' || node.rule === 'borrow'));
  const text = found?.outputs[0] === undefined ? undefined : disk.readText(found.outputs[0].path);
  const params = parseObject(text)?.['params'];
  return isJsonObject(params) ? {...params, ...work.record} : work.record;
}

function findDeviceFailures(spenders: readonly Spender[], {hasDevice}: Resources): readonly GateFailure[] {
  return (['cuda', 'mps'] as const).flatMap((kind) => {
    const asking = spenders.filter(({work}) => work.record['device'] === kind);
    const [first] = asking;
    if (first === undefined || hasDevice(kind)) return [];
    const others = asking.length === 1 ? '' : ` and ${String(asking.length - 1)} more`;
    const message = `${first.node.label}${others}: \`device: ${kind}\` is asked for, and this machine has none`;
    return [
      {node: first.node, diagnostic: problem('FTS603', message, {help: 'Set `device` to auto or cpu, or run it where there is one.'})},
    ];
  });
}
