// Starts a program as the leader of a process group, and ends the whole group. Knows nothing of what the program does.
// node:child_process rather than execa: the process id is needed at once, and the leader's end must be seen even while a grandchild holds a pipe.
import {type ChildProcess, spawn} from 'node:child_process';
import {closeSync, mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {Readable} from 'node:stream';
import {findErrorCode, reasonOf} from './disk-failure.ts';
import {openToAppend} from './plain-file.ts';

export interface GroupCommand {
  readonly argv: readonly [string, ...string[]];
  /** Absolute. */
  readonly directory: string;
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Absolute path of the file that stdout and stderr are appended to. */
  readonly logFile: string;
}

export type GroupEnd =
  | {readonly how: 'exited'; readonly status: number}
  | {readonly how: 'signalled'; readonly signal: string}
  | {readonly how: 'not_started'; readonly message: string};

export interface ProcessGroup {
  /** The leader's process id, which is the group's; undefined where it never started. */
  readonly pid: number | undefined;
  /** Resolves when the leader has ended, the rest of the group was killed and descriptor 3 was read to its end; never rejects. */
  readonly ended: Promise<GroupEnd>;
  readonly stop: (graceMs: number) => void;
  /** SIGSTOP and SIGCONT to the whole group; nothing once it has ended. */
  readonly pause: () => void;
  readonly resume: () => void;
}

/** How long descriptor 3 may stay open after the group's end: only a process that left the group can hold it. */
const drainMs = 2000;

/** Output goes to the log file; what the program writes to its descriptor 3 is handed on as text. */
export function startGroup(command: GroupCommand, onText: (text: string) => void): ProcessGroup {
  const leader = startLeader(command);
  if (typeof leader === 'string') return neverStarted(leader);
  const {pid} = leader;
  const exited = exitOf(leader, command.argv[0]);
  if (pid === undefined) return idleGroup(exited);
  const drained = drain(leader.stdio[3] as Readable, onText);
  const ended = exited.then(async (end) => {
    signalGroup(pid, 'SIGKILL');
    await drained.within(drainMs);
    return end;
  });
  // Another process may get the number of one that has ended.
  let isOver = false;
  void exited.then(() => {
    isOver = true;
  });
  const send = (signal: NodeJS.Signals): void => {
    if (!isOver) signalGroup(pid, signal);
  };
  return {pid, ended, stop: (graceMs) => stopGroup(pid, exited, graceMs), pause: () => send('SIGSTOP'), resume: () => send('SIGCONT')};
}

/** Asks the group to end, and kills it after the grace period unless its leader has ended by then. */
export function stopGroup(pid: number, leaderEnded: Promise<unknown>, graceMs: number): void {
  // A stopped (SIGSTOP) process receives nothing until it is continued.
  signalGroup(pid, 'SIGCONT');
  signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(pid, 'SIGKILL'), graceMs);
  void leaderEnded.then(() => clearTimeout(timer));
}

/** Kills a group whose parent is gone, and waits until nothing of it is left, for half a minute at most: longer only the kernel holds it. */
export async function endGroup(pid: number): Promise<void> {
  const until = performance.now() + 30_000;
  while (signalGroup(pid, 'SIGKILL') === 'sent' && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
}

export function signalGroup(pid: number, signal: NodeJS.Signals): 'sent' | 'gone' {
  try {
    process.kill(-pid, signal);
    return 'sent';
  } catch (error) {
    // macOS answers EPERM for a group that holds only processes which have ended.
    const code = findErrorCode(error);
    if (code === 'ESRCH' || code === 'EPERM') return 'gone';
    throw error;
  }
}

function startLeader(command: GroupCommand): ChildProcess | string {
  const [program, ...args] = command.argv;
  if (!isDirectory(command.directory)) return `Cannot start ${program}: the directory ${command.directory} does not exist.`;
  const log = openLog(command.logFile);
  if (typeof log === 'string') return log;
  try {
    const {directory: cwd, environment: env} = command;
    return spawn(program, args, {cwd, env, detached: true, stdio: ['ignore', log, log, 'pipe']});
  } catch (error) {
    return cannotStart(program, error);
  } finally {
    closeSync(log);
  }
}

function openLog(path: string): number | string {
  try {
    mkdirSync(dirname(path), {recursive: true});
    return openToAppend(path);
  } catch (error) {
    return `Cannot write the log ${path}: ${reasonOf(findErrorCode(error) ?? String(error))}.`;
  }
}

function exitOf(leader: ChildProcess, program: string): Promise<GroupEnd> {
  return new Promise((resolve) => {
    leader.once('error', (error) => resolve({how: 'not_started', message: cannotStart(program, error)}));
    leader.once('exit', (status, signal) => resolve(signal === null ? {how: 'exited', status: status ?? 1} : {how: 'signalled', signal}));
  });
}

function drain(pipe: Readable, onText: (text: string) => void): {within(ms: number): Promise<void>} {
  pipe.setEncoding('utf8');
  pipe.on('data', onText);
  const closed = new Promise<void>((resolve) => {
    pipe.once('close', resolve);
    // A reset by a killed writer is an end like any other.
    pipe.once('error', () => resolve());
  });
  return {
    within: async (ms) => {
      const timer = setTimeout(() => pipe.destroy(), ms);
      await closed;
      clearTimeout(timer);
    },
  };
}

function cannotStart(program: string, error: unknown): string {
  const code = findErrorCode(error);
  if (code === undefined) throw error;
  return `Cannot start ${program}: ${code === 'E2BIG' ? 'its arguments are too long' : reasonOf(code)}.`;
}

function isDirectory(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() === true;
}

function neverStarted(message: string): ProcessGroup {
  return idleGroup(Promise.resolve({how: 'not_started', message}));
}

function idleGroup(ended: Promise<GroupEnd>): ProcessGroup {
  const nothing = (): void => undefined;
  return {pid: undefined, ended, stop: nothing, pause: nothing, resume: nothing};
}
