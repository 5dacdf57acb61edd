// Says of one node whether its last success still holds, and if not, why. Pure but for what it asks of the world.
import {createHash} from 'node:crypto';
import type {Key, ProjectPath} from '../base/ids.ts';
import {canonicalText, type Json} from '../base/json.ts';
import {isLogOf, type Node} from '../graph/node.ts';
import {differencesBetween, findMissingInput, keyOf, manifestOf, type Difference, type Manifest} from './manifest.ts';
import type {Ended, Standing, Trace} from './trace.ts';
import type {World} from './world.ts';

export type Verdict =
  | {readonly is: 'fresh'; readonly key: Key; readonly manifest: Manifest; readonly trace: Trace}
  | {readonly is: 'stale'; readonly key: Key; readonly manifest: Manifest; readonly reason: Reason}
  /** It was refused under this very key, and nothing that decided it has changed: running it again would only be refused again. */
  | {readonly is: 'refused'; readonly key: Key; readonly manifest: Manifest; readonly message: string}
  /**
   * It was made under this very key, and a check that fails the node does not hold on it. `since`: that was found at the end of its run, and
   * the checks are the same; or it is so by the checks of now, which are new.
   */
  | {
      readonly is: 'rejected';
      readonly key: Key;
      readonly manifest: Manifest;
      readonly message: string;
      readonly since: 'before' | 'now';
      /** Of results that lie at the node's place. */ readonly trace?: Trace;
    };

export type Reason =
  | {readonly because: 'never_built'}
  | {readonly because: 'invalid'; readonly reason: string}
  | {readonly because: 'forced'}
  | {readonly because: 'input_missing'; readonly path: string}
  | {readonly because: 'output_missing'; readonly path: ProjectPath}
  | {readonly because: 'output_changed'; readonly path: ProjectPath}
  /** The data manifest has nothing of it, or of another content. */
  | {readonly because: 'unrecorded'; readonly path: ProjectPath}
  | {readonly because: 'changed'; readonly changes: readonly Difference[]}
  | {readonly because: 'more_wanted'; readonly name: string; readonly before: Json; readonly after: Json}
  | {readonly because: 'unfinished'; readonly status: 'partial' | 'interrupted' | 'failed'; readonly message: string};

export function judge(node: Node, world: World, standing: Standing): Verdict {
  const manifest = manifestNow(node, world, standing);
  const key = keyOf(manifest);
  const {ended} = standing;
  if (ended?.status === 'refused' && ended.key === key && ended.conditions === conditionsOf(node))
    return {is: 'refused', key, manifest, message: ended.message};
  if (ended?.status === 'failed' && ended.conditions !== undefined && ended.key === key && ended.conditions === checksOf(node))
    return {is: 'rejected', key, manifest, message: ended.message, since: 'before'};
  const reason = findReason({node, world, standing, manifest, key});
  if (reason !== undefined) return {is: 'stale', key, manifest, reason};
  return {is: 'fresh', key, manifest, trace: standing.trace ?? bug(node)};
}

/** With what its runs were seen to import, where that means something else by now: then the same key would name another result. */
export function manifestNow(node: Node, world: World, {discovered}: Standing): Manifest {
  return manifestOf(
    node,
    world,
    discovered.filter(([path, meaning]) => world.readModule(path) !== meaning).map(([path]) => path),
  );
}

/** A digest of what decides whether a job is refused: its whole record, the minimums outside the key included, and its assertions. */
export function conditionsOf({work}: Node): string {
  if (work.kind !== 'job') return '';
  const {record, asserts} = work.job;
  return digestOf([record, asserts.map(({expression}) => expression)]);
}

/** A digest of what is asked of a result beside its key, the number of trials included, for more of them are another result; empty without checks. */
export function checksOf({work, extent}: Node): string {
  if (work.kind !== 'job' || work.job.checks.length === 0) return '';
  return digestOf([work.job.checks.map(({expression, severity}) => [expression, severity]), extent.get('trials') ?? null]);
}

function digestOf(value: Json): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex');
}

function bug(node: Node): never {
  throw new Error(`unreachable: ${node.id} is fresh without a trace`);
}

interface Case {
  readonly node: Node;
  readonly world: World;
  readonly standing: Standing;
  readonly manifest: Manifest;
  readonly key: Key;
}

function findReason({node, world, standing, manifest, key}: Case): Reason | undefined {
  const {trace, ended, unfinished, lastTrace} = standing;
  const broken = ended !== undefined && ended.key === key && ended.status !== 'refused' ? ended : undefined;
  const missing = findMissingInput(node, manifest);
  if (missing !== undefined) return {because: 'input_missing', path: missing};
  if (trace === undefined) {
    if (standing.invalid !== undefined) return {because: 'invalid', reason: standing.invalid.reason};
    if (unfinished?.key === key) return {because: 'unfinished', status: 'interrupted', message: 'the engine ended while it ran'};
    if (broken !== undefined) return unfinishedBy(broken);
    return lastTrace === undefined || lastTrace.key === key
      ? {because: 'never_built'}
      : {because: 'changed', changes: differencesBetween(lastTrace.manifest, manifest)};
  }
  if (trace.key !== key) return {because: 'changed', changes: differencesBetween(trace.manifest, manifest)};
  const wanting = findExtentReason(trace, node);
  // A top-up that failed left the success of fewer trials as it was; that it failed is why more are wanted still.
  return findOutputReason(trace, node, world) ?? (wanting !== undefined && broken !== undefined ? unfinishedBy(broken) : wanting);
}

function unfinishedBy({status, message}: Ended): Reason {
  return status === 'refused' ? {because: 'never_built'} : {because: 'unfinished', status, message};
}

function findOutputReason(trace: Trace, node: Node, world: World): Reason | undefined {
  const recorded = new Map(trace.outputs);
  for (const output of node.outputs) {
    const now = world.digestOf(output.path);
    if (now === 'missing' && isLogOf(node, output.path)) continue;
    if (now === 'missing') return {because: 'output_missing', path: output.path};
    if (output.kind === 'file' && now !== recorded.get(output.path)) return {because: 'output_changed', path: output.path};
    // Other programs may write into it: only that it is whole is asked of it.
    if (output.path.endsWith('/study.db') && world.isCut(output.path)) return {because: 'output_changed', path: output.path};
  }
  for (const [path, digest] of trace.sides ?? []) {
    const now = world.digestOf(path);
    if (now !== digest) return {because: now === 'missing' ? 'output_missing' : 'output_changed', path};
  }
  return findRecordReason(node, world);
}

// Who reads data asks the manifest for it, which is a file of its own: one that was lost, or is another branch's, is made anew.
function findRecordReason({rule, work}: Node, world: World): Reason | undefined {
  if (rule !== 'data' || work.kind !== 'job' || world.findDataEntry(work.job.output) !== undefined) return undefined;
  return {because: 'unrecorded', path: work.job.output};
}

// More trials than were run is a top-up; fewer is nothing to do. No limit (null) is more than any.
function findExtentReason(trace: Trace, node: Node): Reason | undefined {
  const before = trace.extent['trials'];
  const after = node.extent.get('trials');
  if (typeof before !== 'number' || typeof after !== 'number' || after <= before) return undefined;
  return {because: 'more_wanted', name: 'trials', before, after};
}
