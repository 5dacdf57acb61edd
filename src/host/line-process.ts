// A helper process that is spoken with in lines, for as long as it is needed. Knows nothing of what the lines say.
import {type ChildProcess, spawn} from 'node:child_process';
import {findErrorCode, reasonOf} from './disk-failure.ts';

export interface LineProcess {
  send(line: string): void;
  /** Ends its input, which asks it to end; kills it after the grace period. Resolves when it has ended. */
  close(graceMs: number): Promise<void>;
}

export interface LineListener {
  readonly onLine: (line: string) => void;
  /** Once, last: it has ended, or never started. The text says why, with the last of its error output. */
  readonly onEnd: (message: string) => void;
}

export interface LineCommand {
  readonly argv: readonly [string, ...string[]];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const keptErrorText = 2000;

/** It leads a process group of its own, so that an interrupt from the terminal does not reach it before us. */
export function startLineProcess(command: LineCommand, listener: LineListener): LineProcess {
  const [program, ...args] = command.argv;
  // Where too many files are open it has no streams, and only says that it could not start.
  const child: ChildProcess = spawn(program, args, {
    cwd: command.directory,
    env: command.environment,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const errors = tailOf(child);
  readLines(child, listener.onLine);
  // What we write after its end is lost, and said by onEnd.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    let message: string | undefined;
    const end = (): void => {
      listener.onEnd(message ?? `${program} ended`);
      resolve();
    };
    child.once('error', (error) => {
      message = `${program} cannot start: ${reasonOf(findErrorCode(error) ?? 'an unknown error')}`;
      if (child.pid === undefined) end();
    });
    child.once('close', (status, signal) => {
      message ??= [`${program} ended (${signal ?? `status ${status ?? 0}`})`, errors()].filter((part) => part !== '').join(': ');
      if (child.pid !== undefined) end();
    });
  });
  return {
    send: (line) => void child.stdin?.write(`${line}\n`),
    close: async (graceMs) => {
      child.stdin?.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(onLine);
  });
}

function tailOf(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-keptErrorText);
  });
  return () => tail.trim();
}
