// Starts each command as a process of its own on this machine. Knows nothing of what is preloaded elsewhere.
import type {JsonObject} from '../base/json.ts';
import {startGroup} from '../host/process-group.ts';
import {argumentsOf, environmentOf, findMissingScript} from './command-line.ts';
import type {Command, Executor, Running} from './executor.ts';
import {progressLines} from './progress-lines.ts';

export function localExecutor(): Executor {
  return {start: startLocally, close: () => Promise.resolve()};
}

function startLocally(command: Command, onProgress: (event: JsonObject) => void): Running {
  const missing = findMissingScript(command);
  if (missing !== undefined) return notStarted(missing);
  const lines = progressLines(onProgress);
  const {directory, logFile} = command;
  const environment = {...environmentOf(command), FTSBUILD_PROGRESS_FD: '3'};
  const group = startGroup({argv: argumentsOf(command), directory, environment, logFile}, lines.push);
  const ended = group.ended.then((end) => {
    lines.end();
    return end;
  });
  return {pid: group.pid, ended, stop: group.stop, pause: group.pause, resume: group.resume};
}

export function notStarted(message: string): Running {
  const nothing = (): void => undefined;
  return {pid: undefined, ended: Promise.resolve({how: 'not_started', message}), stop: nothing, pause: nothing, resume: nothing};
}
