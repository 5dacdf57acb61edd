// What the verbs of the command line share: where a study lies, which targets are meant, and how numbers, sizes and durations are read.
import {InvalidArgumentError, type Command} from 'commander';
import {parseDuration, parseSize} from '../base/units.ts';
import type {BuildOptions} from './build.ts';

/** Takes the exit code of the verb that ran. */
export type Finish = (code: number) => void;

export type PlaceFlags = Pick<BuildOptions, 'file' | 'directory' | 'profile' | 'only' | 'except'>;

// Options may stand before the verb too: what is given there counts, and what only a build has is refused.
export function placeFlags(verb: Command, program: Command, also: readonly string[] = []): PlaceFlags {
  const isKnown = (name: string): boolean => isPlace(name) || also.includes(name);
  const given = program.options.find((option) => isSet(program, option.attributeName()) && !isKnown(option.attributeName()));
  if (given !== undefined) verb.error(`error: option '${given.flags}' is one of a build, not of ${verb.name()}`);
  const [own, before] = [verb.opts<Partial<PlaceFlags>>(), program.opts<Partial<PlaceFlags>>()];
  return {
    file: own.file ?? before.file,
    directory: own.directory ?? before.directory,
    profile: own.profile ?? before.profile,
    only: [...(before.only ?? []), ...(own.only ?? [])],
    except: [...(before.except ?? []), ...(own.except ?? [])],
  };
}

const placeNames: ReadonlySet<string> = new Set(['file', 'directory', 'profile', 'only', 'except']);

/** An option that says where a study lies, or which part of it is meant. */
export function isPlace(name: string): boolean {
  return placeNames.has(name);
}

export function isSet(command: Command, name: string): boolean {
  return command.getOptionValueSource(name) === 'cli';
}

export function place(command: Command): Command {
  return command
    .option('-f, --file <file>', 'the study, instead of experiments.yaml')
    .option('-C, --directory <folder>', 'work there')
    .option('--profile <name>', 'use a profile of the file: outputs of its own');
}

export function common(command: Command): Command {
  return place(command)
    .option('--only <dim=value,...>', 'keep only what has one of these values', collect)
    .option('--except <dim=value,...>', 'leave out what has one of these values', collect);
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export function size(text: string): number {
  const bytes = text.trim() === '0' ? 0 : parseSize(text);
  if (bytes === undefined) throw new InvalidArgumentError('It takes a size such as 10GB or 500MB.');
  return bytes;
}

/** Reads `what`, such as `a reason`. */
export function nonBlank(what: string): (text: string) => string {
  return (text) => {
    if (text.trim() === '') throw new InvalidArgumentError(`It takes ${what}.`);
    return text.trim();
  };
}

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It takes a whole number from 1.');
  return Number(text);
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new InvalidArgumentError('It takes a number above 0.');
  return value;
}

export const dayMs = 24 * 3_600_000;

export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError('It takes a duration such as 30m or 2h.');
  return ms;
}
