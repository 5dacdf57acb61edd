// One step of the build: a rule applied to inputs, with declared outputs. Data only; who judges or runs it is above.
import type {Diagnostic} from '../base/diagnostic.ts';
import type {NodeId, ProjectPath} from '../base/ids.ts';
import type {Json, JsonObject} from '../base/json.ts';
import type {Result} from '../base/result.ts';
import type {Assertion, Check, Identity} from '../config/study.ts';

export const ruleNames = ['environment', 'data', 'script', 'hpo', 'borrow', 'training', 'report'] as const;
export type RuleName = (typeof ruleNames)[number];

export interface Node {
  readonly id: NodeId;
  readonly rule: RuleName;
  /** For people: `hpo phase6a_2M_h1_threshold_1pct`. */
  readonly label: string;
  readonly phase?: string;
  readonly experiment?: string;
  readonly dims: ReadonlyMap<string, string>;
  readonly inputs: readonly Input[];
  /** The first one names the node. */
  readonly outputs: readonly Output[];
  /** What enters the key, beside inputs and code. */
  readonly params: ReadonlyMap<string, Json>;
  /** How much, not what: decides only fresh, top-up or partial. */
  readonly extent: ReadonlyMap<string, Json>;
  /** Python modules (`fts.training`) whose meaning counts, with all of the package that they import. */
  readonly code: readonly string[];
  /** Nodes whose standing enters this node's manifest without it depending on their success: the report's. */
  readonly collects: readonly NodeId[];
  readonly cost: Cost;
  readonly work: Work;
  /** What needs it may go on with a study that its timeout cut. */
  readonly partialSuffices?: boolean;
}

export interface Input {
  readonly path: ProjectPath;
  /** `order_only`: must be settled first, never makes stale. */
  readonly kind: 'explicit' | 'implicit' | 'order_only';
  readonly part: Part;
  /** What the manifest calls it instead of its path: two nodes that read the same content are the same, wherever their files lie. */
  readonly role?: string;
}

/** The part of a file that a node reads: only a change of that part makes it stale. */
export type Part =
  | {readonly of: 'file'}
  | {readonly of: 'json'; readonly pointer: string}
  /** What others read from a file stands among this node's own parameters: an empty part in its place, so that equal work keeps one key. */
  | {readonly of: 'nothing'; readonly pointer: string}
  /** A note that most files lack: where there is none, it is no dependency. */
  | {readonly of: 'mark'; readonly pointer: string}
  | {readonly of: 'columns'; readonly names: readonly string[]}
  | {readonly of: 'script_code'};

export interface Output {
  readonly path: ProjectPath;
  /** `volatile`: differs from run to run (logs, databases), must exist but is not compared. */
  readonly kind: 'file' | 'volatile';
}

/** Where the time estimate of the plan comes from. */
export interface Cost {
  /** Which pool a slot is taken from while the node runs; none for work inside the engine. */
  readonly pool: 'accelerator' | 'cpu' | undefined;
  /** The file's estimate; undefined where it has none. */
  readonly estimateMs: number | undefined;
}

export type Work =
  | {readonly kind: 'job'; readonly job: JobWork}
  | {readonly kind: 'environment'; readonly environment: EnvironmentWork}
  | {readonly kind: 'internal'; readonly perform: (reader: ResultReader) => Result<Rendered> | Promise<Result<Rendered>>}
  | {readonly kind: 'report'};

/** A Python process that gets a job file. */
export interface JobWork {
  readonly rule: 'data' | 'hpo' | 'training';
  readonly target: {readonly kind: 'script'; readonly path: ProjectPath} | {readonly kind: 'module'; readonly name: string};
  readonly identity: Identity | undefined;
  /** The whole flat record, the names outside the key included. */
  readonly record: JsonObject;
  readonly extent: JsonObject;
  /** The directory (or, for data, the processed file) that the job writes. */
  readonly output: ProjectPath;
  readonly logFile: ProjectPath;
  readonly seed: number | undefined;
  /** The processed data file it reads. */
  readonly data: ProjectPath | undefined;
  readonly checks: readonly Check[];
  readonly asserts: readonly Assertion[];
}

export interface EnvironmentWork {
  readonly requirements: string;
  readonly directory: ProjectPath | undefined;
  readonly interpreter: string | undefined;
  /** Its packages lie in the user's cache folder, for all workspaces. */
  readonly packages?: 'shared' | undefined;
  /** A run names an NVIDIA device: it may be the environment of another machine as well. */
  readonly asksForCuda: boolean;
  readonly record: ProjectPath;
}

/** What work inside the engine reads and makes. */
export interface ResultReader {
  readText(path: ProjectPath): string | undefined;
}

export interface Rendered {
  readonly files: readonly {readonly path: ProjectPath; readonly text: string}[];
  /** What the files are, for the check before they are written: Python must compile, a result must meet its schema. */
  readonly holds: 'python' | 'best_params' | 'text';
  readonly warnings: readonly Diagnostic[];
}

/** Whether it is what the node's job prints: of interest to people, and nothing is made from it. */
export function isLogOf({work}: Node, path: ProjectPath): boolean {
  return work.kind === 'job' && work.job.logFile === path;
}

/** Inputs that decide the order. */
export function orderingInputs(node: Node): readonly Input[] {
  return node.inputs;
}

/** Inputs whose bytes enter the key. */
export function dirtyingInputs(node: Node): readonly Input[] {
  return node.inputs.filter((input) => input.kind !== 'order_only');
}
