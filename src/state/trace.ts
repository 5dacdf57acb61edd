// The records of the journal: what began, what was done, what ended otherwise; and where each node stands by them.
import {findProjectPath, type Key, type NodeId, type ProjectPath} from '../base/ids.ts';
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {findWritablePath} from '../base/places.ts';
import type {RuleName} from '../graph/node.ts';
import {isInstant, type Instant} from '../host/clock.ts';
import type {RecordForm} from './journal.ts';
import type {Manifest} from './manifest.ts';

/** Written before a node runs: from then on its old trace counts no more. */
export interface Began {
  readonly kind: 'began';
  readonly node: NodeId;
  readonly key: Key;
  readonly at: Instant;
  readonly attempt: number;
  /** What the log row of this attempt needs, should the engine die: it is written at the next start. */
  readonly row: JsonObject | null;
  /** Should the study no longer know the node: the log of the row, what the job prints to, its results. Records of earlier versions lack it. */
  readonly places?: {readonly rows: ProjectPath; readonly log: ProjectPath; readonly output: ProjectPath};
}

/** A success: what it depended on, and what came out. */
export interface Trace {
  readonly kind: 'done';
  readonly node: NodeId;
  readonly key: Key;
  readonly how: 'ran' | 'recognised' | 'restored' | 'adopted';
  readonly at: Instant;
  /** What it cost when it ran, over all attempts under this key, the interrupted ones included; 0 where nobody knows. */
  readonly durationMs: number;
  readonly manifest: Manifest;
  readonly outputs: readonly (readonly [path: ProjectPath, digest: string])[];
  /** Files beside the outputs that are looked after like them, and that nothing depends on; journals of earlier versions lack them. */
  readonly sides?: readonly (readonly [path: ProjectPath, digest: string])[];
  readonly extent: JsonObject;
  /** What `durationMs` paid for; journals of earlier versions lack it. */
  readonly effort?: Effort;
  /** Of an adopted result: why a person took it as it is. */
  readonly reason?: string;
  /** What of it was not made under this key: some trials of a search, or what it was borrowed from. Journals of earlier versions lack it. */
  readonly adopted?: Adopted;
  /** Of a restored result: the node that it was made for, where that was another one. */
  readonly from?: NodeId;
  /** It was made elsewhere or by hand, so its study does not name this key: who goes on with it takes it over. */
  readonly foreign?: true;
  /** The checks that were applied to it (`checksOf`); absent where there were none, and in journals of earlier versions. */
  readonly checked?: string;
  /** What those of them said that only warn. */
  readonly warned?: readonly string[];
  /** Absent where there were none, and in journals of earlier versions. */
  readonly discovered?: Discovered;
}

/** Modules that a run imported and its key does not name: paths from `fts/` on or from the workspace, and what they meant then. */
export type Discovered = readonly (readonly [path: string, meaning: string])[];

/** Null where no trials are counted. */
// A type, not an interface: only so it counts as JSON.
export type Adopted = {readonly trials: number | null; readonly reason: string};

/** How much work a run was, in terms that carry over to nodes of other names: what later estimates learn from. */
// A type, not an interface: only so it counts as JSON.
export type Effort = {
  readonly rule: RuleName;
  /** Parameter count of the budget; null where the rule trains no model. */
  readonly size: number | null;
  /** Trials of a study that this duration covers (of a top-up only those added); null for everything else. */
  readonly trials: number | null;
  /** Milliseconds of the attempt that ended so, by a clock that nobody sets; absent in journals of earlier versions. */
  readonly ms?: number;
  /** Absent where no model was trained, and in journals of earlier versions: there the results tell, while they lie there. */
  readonly trained?: Trained;
};

/** The trainings behind a result, each counted once, whatever attempts they took: trials that were looked up are none. */
// A type for the same reason.
export type Trained = {
  /** Trials, or 1. */
  readonly runs: number;
  /** Of all of them together, without pauses. */
  readonly ms: number;
  /** Windows that pass in an epoch (`windowsOf`), and patches in each. */
  readonly windows: number;
  readonly patches: number;
  /** Of all of them together: epochs that ran, and that might have run. */
  readonly epochs: number;
  readonly allowedEpochs: number;
  /** Measured; of trials of several sizes the mean over their epochs. */
  readonly params: number;
  /** What may end a training early (`stopsOf`). */
  readonly stops: string;
  /** As the record asks, and the device that it came to. */
  readonly machine: Machine;
  readonly device: string;
};

export type Machine = {readonly device: string; readonly threads: number; readonly precision: string};

/** Any other end. */
export interface Ended {
  readonly kind: 'ended';
  readonly node: NodeId;
  readonly key: Key;
  readonly at: Instant;
  readonly durationMs: number;
  readonly status: 'failed' | 'partial' | 'refused' | 'interrupted';
  readonly reason: string;
  readonly message: string;
  /** Where the engine died and the job did not: when the attempt began. What it finished nevertheless is as good as any. */
  readonly began?: Instant;
  /** What lay at its places then, as far as it had come: what is there later and differs, somebody has edited. Earlier versions lack it. */
  readonly outputs?: readonly (readonly [path: ProjectPath, digest: string])[];
  /** Of a search that was to get more trials: the success of fewer, which is still there. */
  readonly stands?: Trace;
  /** What decided it beside the key: of a refusal `conditionsOf`, of a check that failed `checksOf`. */
  readonly conditions?: string;
  /** As of a success: what was made so far was made with them. */
  readonly discovered?: Discovered;
}

/** What lies at the node's place from now on was made under this key, and is whole only when a trace says so: written before it is put there. */
export interface Placed {
  readonly kind: 'placed';
  readonly node: NodeId;
  readonly key: Key;
  readonly at: Instant;
  /** Of unfinished work that is put back: how it had ended, and what it had cost. */
  readonly ended: Ended | null;
  readonly spentMs: number;
}

/** A person declared the result wrong: it counts no more, whatever its key. */
export interface Invalidated {
  readonly kind: 'invalidated';
  readonly node: NodeId;
  readonly key: Key;
  readonly at: Instant;
  readonly reason: string;
}

/** No result of this key that was made up to now is given back, whoever made it. Says nothing of the node. Every `invalidated` says as much. */
export interface Disowned {
  readonly kind: 'disowned';
  /** Of whom it was found out. */
  readonly node: NodeId;
  readonly key: Key;
  readonly at: Instant;
}

/** What records before this one added up to, where compaction dropped them: it stands in for them. */
export interface Carried extends JsonObject {
  readonly attempts: number;
  readonly spentMs: number;
  /** Absent where there were none, and in journals of earlier versions. */
  readonly discovered?: Discovered;
}

export type StateRecord = (Began | Trace | Ended | Placed | Invalidated | Disowned) & {readonly carried?: Carried};

/** Where a node stands: its last success, if nothing began since, and how the last attempt ended. */
export interface Standing {
  readonly trace: Trace | undefined;
  /** Began and never ended: the engine died. */
  readonly unfinished: Began | undefined;
  readonly ended: Ended | undefined;
  /** Declared wrong, and nothing began since. */
  readonly invalid: Invalidated | undefined;
  /** Something was put at its place, and nothing began or ended since. */
  readonly placed: Placed | undefined;
  readonly attempts: number;
  /** Run time that interrupted, partial and failed attempts under `lastKey` have cost so far. */
  readonly spentMs: number;
  readonly lastKey: Key | undefined;
  /** The last success ever, for estimates and explanations, even when something began since. */
  readonly lastTrace: Trace | undefined;
  /** What its key stands for beside what it names: another meaning of one of them is another key. */
  readonly discovered: Discovered;
}

export const noStanding: Standing = {
  trace: undefined,
  unfinished: undefined,
  ended: undefined,
  invalid: undefined,
  placed: undefined,
  attempts: 0,
  spentMs: 0,
  lastKey: undefined,
  lastTrace: undefined,
  discovered: [],
};

export function standingAfter(standing: Standing, {carried, ...record}: StateRecord): Standing {
  return {...follow(standing, record), ...carried};
}

function follow(standing: Standing, record: Began | Trace | Ended | Placed | Invalidated | Disowned): Standing {
  const sameKey = standing.lastKey === record.key;
  const spentMs = sameKey ? standing.spentMs : 0;
  switch (record.kind) {
    case 'began':
      return {
        ...standing,
        trace: undefined,
        unfinished: record,
        ended: undefined,
        invalid: undefined,
        placed: undefined,
        attempts: standing.attempts + 1,
        spentMs,
        lastKey: record.key,
      };
    case 'done':
      return {
        ...standing,
        trace: record,
        unfinished: undefined,
        ended: undefined,
        invalid: undefined,
        placed: undefined,
        spentMs: 0,
        lastKey: record.key,
        lastTrace: record,
        discovered: record.discovered ?? [],
      };
    case 'ended':
      return {
        ...standing,
        trace: record.stands,
        unfinished: undefined,
        ended: record,
        placed: undefined,
        spentMs: spentMs + record.durationMs,
        lastKey: record.key,
        lastTrace: record.stands ?? standing.lastTrace,
        discovered: record.discovered ?? standing.discovered,
      };
    case 'placed':
      return {
        ...standing,
        trace: undefined,
        unfinished: undefined,
        ended: record.ended ?? undefined,
        invalid: undefined,
        placed: record,
        spentMs: record.spentMs,
        lastKey: record.key,
      };
    // Nothing lies at its place any more, so there is no last key.
    case 'invalidated':
      return {
        ...standing,
        trace: undefined,
        unfinished: undefined,
        ended: undefined,
        invalid: record,
        placed: undefined,
        spentMs: 0,
        lastKey: undefined,
      };
    case 'disowned':
      return standing;
  }
}

/** The records that a compacted journal keeps: all that the present standings rest on. */
export function recordsOf(standings: Iterable<Standing>): StateRecord[] {
  const kept: StateRecord[] = [];
  for (const standing of standings) {
    const {lastTrace, invalid, unfinished, ended, placed, attempts, spentMs, discovered} = standing;
    // What was refused after it was declared wrong is both; what was put at its place says itself how it had ended.
    const records = [lastTrace, invalid, unfinished, placed ?? ended].filter((record) => record !== undefined);
    const last = records.pop();
    const carried = {attempts, spentMs, ...(discovered.length === 0 ? {} : {discovered})};
    if (last !== undefined) kept.push(...records, {...last, carried});
  }
  return kept;
}

const kinds: ReadonlySet<unknown> = new Set(['began', 'done', 'ended', 'placed', 'invalidated', 'disowned']);

/** Rows are written and temporaries removed there: the same places are refused as in a study. */
function arePlacesOurs(places: Json | undefined): boolean {
  if (places === undefined) return true;
  if (!isJsonObject(places)) return false;
  const {rows, log, output} = places;
  return isPath(rows, findWritablePath) && isPath(output, findWritablePath) && isPath(log, findProjectPath);
}

function areOutputsInside(outputs: Json | undefined): boolean {
  if (outputs === undefined) return true;
  return Array.isArray(outputs) && outputs.every((output: Json) => Array.isArray(output) && isPath(output[0] as Json, findProjectPath));
}

function isPath(value: Json | undefined, find: (text: string) => ProjectPath | undefined): boolean {
  return typeof value === 'string' && find(value) !== undefined;
}

/** The parse boundary of the journal: only what this program wrote has the shape. */
export const recordForm: RecordForm<StateRecord> = {
  accept: (json) => {
    if (!isJsonObject(json) || typeof json['node'] !== 'string' || typeof json['key'] !== 'string') return undefined;
    if (!isInstant(json['at']) || !arePlacesOurs(json['places']) || !areOutputsInside(json['outputs']) || !areOutputsInside(json['sides']))
      return undefined;
    return kinds.has(json['kind']) ? (json as unknown as StateRecord) : undefined;
  },
  toJson: (record) => {
    if (record.kind === 'placed') return {...record, ended: record.ended && plainEnded(record.ended)};
    if (record.kind !== 'ended') return {...record};
    const {carried, ...ended} = record;
    return carried === undefined ? plainEnded(ended) : {...plainEnded(ended), carried};
  },
};

function plainEnded({stands, ...rest}: Ended): JsonObject {
  return stands === undefined ? rest : {...rest, stands: {...stands}};
}
