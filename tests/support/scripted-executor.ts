// An executor without processes: a function says what a command reports and how it ends. For builds in memory.
import type {JsonObject} from '../../src/base/json.ts';
import type {Command, Ending, Executor, Running} from '../../src/executors/executor.ts';

export interface Scripted {
  readonly progress?: readonly JsonObject[];
  /** Where it is absent, the command runs until it is stopped, and then ends by SIGTERM. */
  readonly ending?: Ending;
  /** What it does to the disk, just before it ends. */
  readonly effect?: () => void;
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
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => {
    end = (ending) => {
      if (!running.delete(command)) return;
      scripted.effect?.();
      resolve(ending);
    };
  });
  // After the caller has its Running, as with a real process.
  setImmediate(() => {
    for (const event of scripted.progress ?? []) if (running.has(command)) onProgress(event);
    if (scripted.ending !== undefined) end(scripted.ending);
  });
  return {pid, ended, stop: () => end({how: 'signalled', signal: 'SIGTERM'})};
}
