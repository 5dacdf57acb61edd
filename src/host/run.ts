// Runs a short helper command (git, uv, pip) to its end and keeps what it said. Knows nothing of jobs and logs.
import type {Readable} from 'node:stream';
import {formatDuration} from '../base/units.ts';
import {reasonOf} from './disk-failure.ts';
import {signalGroup, stopGroup} from './process-group.ts';

export interface RunOptions {
  /** Absolute. */
  readonly directory?: string;
  /** Added to this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Whoever prints more is killed at once: nobody waits for the end of a program that never stops talking. Its stderr is not kept then. */
  readonly maxBytes?: number;
  /** Aborted, it ends the command as the passing of its time does; one that was not yet started is not. */
  readonly stop?: AbortSignal | undefined;
}

interface Said {
  /** Without the last line end. */
  readonly stdout: string;
  readonly stderr: string;
}

export type Ran =
  | ({readonly how: 'exited'; readonly status: number} & Said)
  | ({readonly how: 'signalled'; readonly signal: string} & Said)
  | ({readonly how: 'timed_out'; readonly afterMs: number} & Said)
  | ({readonly how: 'stopped'} & Said)
  | ({readonly how: 'too_much'; readonly maxBytes: number} & Said)
  | {readonly how: 'not_started'; readonly message: string};

const graceMs = 2000;

/** Never throws for a command that fails. After the time, at the word to stop, or beyond the bound, its whole process group is ended. */
export async function runToEnd(argv: readonly [string, ...string[]], options: RunOptions): Promise<Ran> {
  const {execa} = await import('execa');
  const [program, ...args] = argv;
  const {directory, environment: env, timeoutMs, maxBytes, stop} = options;
  if (stop?.aborted === true) return {how: 'stopped', stdout: '', stderr: ''};
  const child = execa(program, args, {
    ...(directory === undefined ? {} : {cwd: directory}),
    ...(env === undefined ? {} : {env}),
    stdin: 'ignore',
    reject: false,
    // A process group of its own, so that it can be ended with all that it started.
    detached: true,
    ...(maxBytes === undefined ? {} : {maxBuffer: maxBytes, stderr: 'ignore' as const}),
  });
  const deadline = {hasPassed: false};
  const wasStopped = {yes: false};
  const end = (): void => {
    if (child.pid !== undefined) stopGroup(child.pid, child, graceMs);
  };
  const timer = setTimeout(() => {
    deadline.hasPassed = true;
    end();
  }, timeoutMs);
  const onStop = (): void => {
    wasStopped.yes = true;
    end();
  };
  stop?.addEventListener('abort', onStop, {once: true});
  const {pid} = child;
  if (pid !== undefined && maxBytes !== undefined) beyond(child.stdout, maxBytes, () => signalGroup(pid, 'SIGKILL'));
  const result = await child;
  clearTimeout(timer);
  stop?.removeEventListener('abort', onStop);
  const said = {stdout: result.stdout, stderr: result.stderr ?? ''};
  if (wasStopped.yes) return {how: 'stopped', ...said};
  if (deadline.hasPassed) return {how: 'timed_out', afterMs: timeoutMs, ...said};
  if (maxBytes !== undefined && result.isMaxBuffer) return {how: 'too_much', maxBytes, ...said};
  if (result.exitCode !== undefined) return {how: 'exited', status: result.exitCode, ...said};
  if (result.signal !== undefined) return {how: 'signalled', signal: result.signal, ...said};
  const place = directory === undefined ? '' : ` in ${directory}`;
  return {how: 'not_started', message: `Cannot start ${program}${place}: ${reasonOf(result.code ?? 'nothing about why')}.`};
}

// The library ends the program alone, and then waits for whoever else holds the pipe.
function beyond(stream: Readable, maxBytes: number, end: () => void): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) end();
  });
}

/** The text of a command that succeeded; undefined for every other end. */
export async function findOutput(argv: readonly [string, ...string[]], options: RunOptions): Promise<string | undefined> {
  const ran = await runToEnd(argv, options);
  return ran.how === 'exited' && ran.status === 0 ? ran.stdout : undefined;
}

export function hasSucceeded(ran: Ran): boolean {
  return ran.how === 'exited' && ran.status === 0;
}

export function saidBy(ran: Ran): string {
  return ran.how === 'not_started' ? ran.message : `${ran.stdout}\n${ran.stderr}`;
}

/** What it said last is most often why it failed. */
export function lastLineOf(ran: Ran): string {
  if (ran.how === 'timed_out') return `it took more than ${formatDuration(ran.afterMs)}`;
  const lines = saidBy(ran)
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.at(-1)?.trim() ?? 'it gave no reason';
}
