// Starts Python jobs as forks of one preloaded process (python/fts/warm.py). Knows nothing of what the jobs do.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {failure, type Result, success} from '../base/result.ts';
import {type LineProcess, startLineProcess} from '../host/line-process.ts';
import {endGroup, signalGroup, stopGroup} from '../host/process-group.ts';
import {environmentOf, findMissingScript} from './command-line.ts';
import type {Command, Ending, Executor, Running} from './executor.ts';
import {notStarted} from './local.ts';
import {findJsonObject, type ProgressLines, progressLines} from './progress-lines.ts';

export interface WarmOptions {
  /** Absolute path of the interpreter that every command must name. */
  readonly interpreter: string;
  /** Absolute. */
  readonly directory: string;
  /** The folder that holds the package `fts`. */
  readonly packageRoot: string;
  /** Modules that are imported before the first job; those that are not installed are left out. */
  readonly preload: readonly string[];
  /** Leave nothing behind on the disk, compiled Python included. */
  readonly isReadOnly?: boolean;
}

export interface SourceFile {
  readonly path: string;
  readonly source: string;
}

export interface SyntaxProblem {
  readonly path: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
}

export interface WarmExecutor extends Executor {
  /** What Python's compiler says against the sources; imports nothing, so it answers before any preloading. */
  checkSyntax(files: readonly SourceFile[]): Promise<Result<readonly SyntaxProblem[], string>>;
}

export function warmExecutor(options: WarmOptions): WarmExecutor {
  const server = new WarmServer(options);
  return {
    start: (command, onProgress) => {
      const obstacle = findMissingScript(command) ?? findOtherInterpreter(command, options);
      return obstacle === undefined ? server.start(command, onProgress) : notStarted(obstacle);
    },
    checkSyntax: (files) => server.check(files),
    close: () => server.close(),
  };
}

function findOtherInterpreter({interpreter}: Command, options: WarmOptions): string | undefined {
  return interpreter === options.interpreter ? undefined : `Cannot start ${interpreter}: the warm process runs ${options.interpreter}.`;
}

const closeGraceMs = 5000;

/** The package's folder is on the import path for this one import only: each job brings its own PYTHONPATH. */
const startServer = 'import sys; sys.path.insert(0, sys.argv[1]); from fts.warm import main; del sys.path[0]; main()';

interface Job {
  readonly lines: ProgressLines;
  readonly end: (ending: Ending) => void;
  readonly ended: Promise<Ending>;
  pid: number | undefined;
  isPaused: boolean;
}

type Checked = (result: Result<readonly SyntaxProblem[], string>) => void;

class WarmServer {
  readonly #options: WarmOptions;
  #process: LineProcess | undefined;
  /** Why there is no process any more; it is not started twice. */
  #gone: string | undefined;
  #lastId = 0;
  readonly #jobs = new Map<number, Job>();
  readonly #checks = new Map<number, Checked>();

  constructor(options: WarmOptions) {
    this.#options = options;
  }

  start(command: Command, onProgress: (event: JsonObject) => void): Running {
    const process = this.#open();
    if (process === undefined) return notStarted(this.#gone ?? 'Cannot start the warm process.');
    const id = (this.#lastId += 1);
    const job = newJob(onProgress);
    this.#jobs.set(id, job);
    process.send(JSON.stringify({ask: 'start', id, preload: this.#options.preload, ...requestOf(command)}));
    return {
      get pid() {
        return job.pid;
      },
      ended: job.ended,
      stop: (graceMs) => this.#stop(id, graceMs),
      pause: () => this.#hold(id, true),
      resume: () => this.#hold(id, false),
    };
  }

  check(files: readonly SourceFile[]): Promise<Result<readonly SyntaxProblem[], string>> {
    const process = this.#open();
    if (process === undefined) return Promise.resolve(failure(this.#gone ?? 'there is no process'));
    const id = (this.#lastId += 1);
    return new Promise((resolve) => {
      this.#checks.set(id, resolve);
      process.send(JSON.stringify({ask: 'check', id, files}));
    });
  }

  async close(): Promise<void> {
    await this.#process?.close(closeGraceMs);
  }

  #open(): LineProcess | undefined {
    if (this.#gone !== undefined) return undefined;
    const {interpreter, directory, packageRoot, isReadOnly = false} = this.#options;
    this.#process ??= startLineProcess(
      {
        // -P: a file of the workspace must not stand in for a module of the library.
        argv: [interpreter, ...(isReadOnly ? ['-B'] : []), '-P', '-c', startServer, packageRoot],
        directory,
        environment: {...process.env, PYTHONUNBUFFERED: '1', PYTHONPATH: ''},
      },
      {onLine: (line) => this.#hear(line), onEnd: (message) => this.#lose(message)},
    );
    return this.#process;
  }

  #hold(id: number, isPaused: boolean): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    job.isPaused = isPaused;
    if (job.pid !== undefined) signalGroup(job.pid, isPaused ? 'SIGSTOP' : 'SIGCONT');
  }

  #stop(id: number, graceMs: number): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    if (job.pid !== undefined) {
      stopGroup(job.pid, job.ended, graceMs);
      return;
    }
    // It waits for the packages to be imported. Should it start all the same, `#hear` kills it.
    this.#process?.send(JSON.stringify({ask: 'cancel', id}));
    this.#end(id, {how: 'signalled', signal: 'SIGTERM'});
  }

  #hear(line: string): void {
    const answer = findJsonObject(line);
    const id = answer?.['id'];
    if (answer === undefined || typeof id !== 'number') return;
    if (answer['answer'] === 'checked') this.#hearCheck(id, answer['problems'] ?? null);
    else this.#hearJob(id, answer);
  }

  #hearCheck(id: number, problems: Json): void {
    this.#checks.get(id)?.(success(Array.isArray(problems) ? problems.filter(isJsonObject).map(problemOf) : []));
    this.#checks.delete(id);
  }

  #hearJob(id: number, {answer, pid, text, status, signal, message}: JsonObject): void {
    const job = this.#jobs.get(id);
    if (answer === 'started' && typeof pid === 'number') {
      if (job === undefined) signalGroup(pid, 'SIGKILL');
      else {
        job.pid = pid;
        if (job.isPaused) signalGroup(pid, 'SIGSTOP');
      }
    } else if (answer === 'progress' && typeof text === 'string') job?.lines.push(text);
    else if (answer === 'ended') {
      this.#end(id, typeof signal === 'string' ? {how: 'signalled', signal} : {how: 'exited', status: Number(status)});
    } else if (answer === 'not_started')
      this.#end(id, {how: 'not_started', message: typeof message === 'string' ? message : 'Cannot start.'});
  }

  #end(id: number, ending: Ending): void {
    const job = this.#jobs.get(id);
    this.#jobs.delete(id);
    job?.lines.end();
    job?.end(ending);
  }

  /** Nobody sees the end of those that run any more, so they are ended; like those that had not started they may start elsewhere, and go on. */
  #lose(message: string): void {
    const gone = (this.#gone = `Cannot start a job: ${message}.`);
    for (const [id, {pid}] of this.#jobs) {
      if (pid === undefined) this.#end(id, {how: 'not_started', message: gone});
      else void endGroup(pid).then(() => this.#end(id, {how: 'not_started', message: gone}));
    }
    for (const answer of this.#checks.values()) answer(failure(this.#gone));
    this.#checks.clear();
  }
}

function newJob(onProgress: (event: JsonObject) => void): Job {
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  return {lines: progressLines(onProgress), end: (ending) => end(ending), ended, pid: undefined, isPaused: false};
}

function requestOf(command: Command): Record<string, unknown> {
  const {target, args, directory, logFile} = command;
  const script = target.kind === 'script' ? target.path : null;
  const module = target.kind === 'module' ? target.name : null;
  return {script, module, args, directory, environment: environmentOf(command), log: logFile};
}

function problemOf({path, line, column, message}: JsonObject): SyntaxProblem {
  const number = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined);
  return {
    path: typeof path === 'string' ? path : '',
    line: number(line),
    column: number(column),
    message: typeof message === 'string' ? message : 'invalid syntax',
  };
}
