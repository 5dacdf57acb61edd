// Chooses how a Python command starts: warm where that gives the same, plainly everywhere else. Knows nothing of either way.
import {killStrays} from '../host/strays.ts';
import type {Command, Ending, Running} from './executor.ts';
import {localExecutor} from './local.ts';
import {type WarmExecutor, type WarmOptions, warmExecutor} from './warm.ts';

export interface PythonOptions extends WarmOptions {
  /** Start every command as a process of its own. */
  readonly cold: boolean;
}

export function pythonExecutor(options: PythonOptions): WarmExecutor {
  const local = localExecutor();
  // On macOS a fork cannot use Metal.
  const isWarm = !options.cold && process.platform === 'linux';
  const warm = warmExecutor(options);
  return {
    start: (command, onProgress) => {
      const startPlainly = (): Running => local.start(command, onProgress);
      const isServed = isWarm && isServedWarm(command, options);
      return withoutStrays(command, isServed ? withFallback(warm.start(command, onProgress), startPlainly) : startPlainly());
    },
    checkSyntax: (files) => warm.checkSyntax(files),
    close: async () => {
      await Promise.all([warm.close(), local.close()]);
    },
  };
}

/** Read by the interpreter or by libraries while they load: a fork is too late for them. */
const startOnly = /^(?:PYTHON(?!PATH$|UNBUFFERED$)|OMP_|GOMP_|KMP_|MKL_|OPENBLAS_|BLIS_|LD_|MALLOC_|LANG$|LC_)/u;

function isServedWarm({interpreter, environment}: Command, options: WarmOptions): boolean {
  const differs = Object.entries(environment).some(([name, value]) => startOnly.test(name) && process.env[name] !== value);
  return interpreter === options.interpreter && !differs;
}

/** A job has ended when nothing is left of it, what left its process group included. */
function withoutStrays({environment}: Command, running: Running): Running {
  const job = environment['FTSBUILD_JOB'];
  if (job === undefined) return running;
  const ended = running.ended.then((ending) => {
    killStrays('FTSBUILD_JOB', job);
    return ending;
  });
  return {
    get pid() {
      return running.pid;
    },
    ended,
    stop: (graceMs) => running.stop(graceMs),
    pause: () => running.pause(),
    resume: () => running.resume(),
  };
}

/** What the warm process cannot start (it is broken, or gone) is started plainly, unless it was stopped meanwhile. */
function withFallback(first: Running, startAgain: () => Running): Running {
  let current = first;
  let isStopped = false;
  let isPaused = false;
  const ended = first.ended.then((ending): Ending | Promise<Ending> => {
    if (ending.how !== 'not_started' || isStopped) return ending;
    current = startAgain();
    if (isPaused) current.pause();
    return current.ended;
  });
  return {
    get pid() {
      return current.pid;
    },
    ended,
    stop: (graceMs) => {
      isStopped = true;
      current.stop(graceMs);
    },
    pause: () => {
      isPaused = true;
      current.pause();
    },
    resume: () => {
      isPaused = false;
      current.resume();
    },
  };
}
