// Runs a short helper command (git, uv, pip) to its end and keeps what it said. Knows nothing of jobs and logs.
import {reasonOf} from './disk-failure.ts';
import {stopGroup} from './process-group.ts';

export interface RunOptions {
  /** Absolute. */
  readonly directory?: string;
  /** Added to this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
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
  | {readonly how: 'not_started'; readonly message: string};

const graceMs = 2000;

/** Never throws for a command that fails. After the time its whole process group is ended. */
export async function runToEnd(argv: readonly [string, ...string[]], options: RunOptions): Promise<Ran> {
  const {execa} = await import('execa');
  const [program, ...args] = argv;
  const {directory, environment: env, timeoutMs} = options;
  const child = execa(program, args, {
    ...(directory === undefined ? {} : {cwd: directory}),
    ...(env === undefined ? {} : {env}),
    stdin: 'ignore',
    reject: false,
    // A process group of its own, so that it can be ended with all that it started.
    detached: true,
  });
  const deadline = {hasPassed: false};
  const timer = setTimeout(() => {
    deadline.hasPassed = true;
    if (child.pid !== undefined) stopGroup(child.pid, child, graceMs);
  }, timeoutMs);
  const result = await child;
  clearTimeout(timer);
  const said = {stdout: result.stdout, stderr: result.stderr};
  if (deadline.hasPassed) return {how: 'timed_out', afterMs: timeoutMs, ...said};
  if (result.exitCode !== undefined) return {how: 'exited', status: result.exitCode, ...said};
  if (result.signal !== undefined) return {how: 'signalled', signal: result.signal, ...said};
  const place = directory === undefined ? '' : ` in ${directory}`;
  return {how: 'not_started', message: `Cannot start ${program}${place}: ${reasonOf(result.code ?? 'nothing about why')}.`};
}

/** The text of a command that succeeded; undefined for every other end. */
export async function findOutput(argv: readonly [string, ...string[]], options: RunOptions): Promise<string | undefined> {
  const ran = await runToEnd(argv, options);
  return ran.how === 'exited' && ran.status === 0 ? ran.stdout : undefined;
}
