// Starts a command somewhere and says how it ended. Knows nothing of the graph.
import type {JsonObject} from '../base/json.ts';

export interface Command {
  /** Absolute path of the interpreter, then what it runs. */
  readonly interpreter: string;
  readonly target: {readonly kind: 'script'; readonly path: string} | {readonly kind: 'module'; readonly name: string};
  readonly args: readonly string[];
  /** Absolute. */
  readonly directory: string;
  /** Added to this process's own environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Absolute path of the file that stdout and stderr are appended to. */
  readonly logFile: string;
}

/** Why a process ended, recorded once. */
export type Ending =
  | {readonly how: 'exited'; readonly status: number}
  | {readonly how: 'signalled'; readonly signal: string}
  | {readonly how: 'not_started'; readonly message: string};

export interface Running {
  /** Leader of the process group; undefined before it started and where it never did. */
  readonly pid: number | undefined;
  /** Resolves when the process has ended and its last progress event was delivered; never rejects. */
  readonly ended: Promise<Ending>;
  /** SIGTERM to the group, SIGKILL after the grace period; the end is seen through `ended`. A stopped group is continued for it. */
  stop(graceMs: number): void;
  /** SIGSTOP to the group: whatever it does, it does nothing from then on. What has not started yet stops at once when it does. */
  pause(): void;
  /** SIGCONT to the group. */
  resume(): void;
}

export interface Executor {
  /** Progress events are the JSON objects that the child wrote to its progress descriptor, in order. A line that is no JSON object is dropped. */
  start(command: Command, onProgress: (event: JsonObject) => void): Running;
  /** Ends what the executor keeps running for itself. */
  close(): Promise<void>;
}
