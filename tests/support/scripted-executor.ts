// An executor without processes: a function says what a command reports and how it ends. For builds in memory.
import type {JsonObject} from '../../src/base/json.ts';
import type {Timers} from '../../src/host/timers.ts';
import type {Command, Ending, Executor, Running} from '../../src/executors/executor.ts';

export interface Scripted {
  readonly progress?: readonly JsonObject[];
  /** Where it is absent, the command runs until it is stopped, and then ends by SIGTERM. */
  readonly ending?: Ending;
  /** It works so long before it ends, and between two batches does what its control file says. */
  readonly lasts?: Lasting;
  /** What it does to the disk, just before it ends. */
  readonly effect?: () => void;
}

export interface Lasting {
  readonly ms: number;
  /** It never looks at its control file, and signals alone reach it. */
  readonly ignores?: boolean;
  readonly timers: Timers;
  readonly readControl: () => string | undefined;
}

export interface ScriptedExecutor extends Executor {
  /** Every command that was started, in order. */
  readonly started: readonly Command[];
  /** Commands that have started and not ended. */
  readonly running: ReadonlySet<Command>;
}

export const exited = (status: number): Ending => ({how: 'exited', status});

export function scriptedExecutor(script: (command: Command) => Scripted): ScriptedExecutor {
  const started: Command[] = [];
  const running = new Set<Command>();
  return {
    started,
    running,
    start: (command, onProgress) => {
      started.push(command);
      running.add(command);
      return play({command, running, onProgress, scripted: script(command), pid: 1000 + started.length});
    },
    close: () => Promise.resolve(),
  };
}

interface Play {
  readonly command: Command;
  readonly running: Set<Command>;
  readonly onProgress: (event: JsonObject) => void;
  readonly scripted: Scripted;
  readonly pid: number;
}

function play({command, running, onProgress, scripted, pid}: Play): Running {
  let cut: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    cut = (ending) => {
      if (running.delete(command)) resolve(ending);
    };
  });
  const end = (ending: Ending): void => {
    if (running.has(command)) scripted.effect?.();
    cut(ending);
  };
  const finish = (): void => {
    if (!running.has(command)) return;
    for (const event of scripted.progress ?? []) if (running.has(command)) onProgress(event);
    if (scripted.ending !== undefined) end(scripted.ending);
  };
  const {lasts} = scripted;
  if (lasts !== undefined) return {pid, ended, ...work(lasts, {isRunning: () => running.has(command), onProgress, finish, cut})};
  // After the caller has its Running, as with a real process.
  setImmediate(finish);
  const nothing = (): void => undefined;
  return {pid, ended, stop: () => end({how: 'signalled', signal: 'SIGTERM'}), pause: nothing, resume: nothing};
}

const batchMs = 1000;

interface Worker {
  readonly isRunning: () => boolean;
  readonly onProgress: (event: JsonObject) => void;
  readonly finish: () => void;
  /** Without what it would have made. */
  readonly cut: (ending: Ending) => void;
}

/** A job that takes time, as the Python package's jobs do it. */
function work({ms, ignores = false, timers, readControl}: Lasting, worker: Worker): Pick<Running, 'stop' | 'pause' | 'resume'> {
  let left = ms;
  let isFrozen = false;
  let isPaused = false;
  const batch = (): void => {
    if (!worker.isRunning() || isFrozen) return;
    const word = ignores ? 'run' : (readControl() ?? 'run');
    if (word.startsWith('stop')) {
      const said = word === 'stop heat' ? {status: 'thermal_abort', reason: 'heat'} : {status: 'interrupted', reason: 'signal'};
      worker.onProgress({event: 'result', ...said, message: 'told to stop'});
      worker.cut(exited(75));
      return;
    }
    if ((word === 'pause') !== isPaused) {
      isPaused = !isPaused;
      worker.onProgress({event: isPaused ? 'paused' : 'resumed'});
    }
    if (!isPaused) left -= batchMs;
    if (left < 0) worker.finish();
    else timers.after(batchMs, batch);
  };
  setImmediate(batch);
  return {
    stop: () => worker.cut({how: 'signalled', signal: 'SIGTERM'}),
    pause: () => {
      isFrozen = true;
      worker.onProgress({event: 'frozen'});
    },
    resume: () => {
      isFrozen = false;
      worker.onProgress({event: 'thawed'});
      timers.after(batchMs, batch);
    },
  };
}
