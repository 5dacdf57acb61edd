// A command as an argument list and a whole environment. Starts nothing.
import {workspaceDisk} from '../host/real-disk.ts';
import type {Command} from './executor.ts';

export function argumentsOf(command: Command): readonly [string, ...string[]] {
  const {interpreter, target, args} = command;
  return target.kind === 'script' ? [interpreter, target.path, ...args] : [interpreter, '-m', target.name, ...args];
}

/** Output is unbuffered, so that a log can be followed and stdout and stderr keep their order. */
export function environmentOf(command: Command): Record<string, string | undefined> {
  return {...process.env, PYTHONUNBUFFERED: '1', ...command.environment};
}

/** An interpreter would start and say this with a status of its own; found first, it is what it is: not started. */
export function findMissingScript(command: Command): string | undefined {
  if (command.target.kind !== 'script') return undefined;
  const stat = workspaceDisk(command.directory).stat(command.target.path);
  return stat !== 'missing' ? undefined : `Cannot start ${command.target.path}: there is no such script in ${command.directory}.`;
}
