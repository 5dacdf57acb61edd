// What may stand at the place of the last word of a command line: verbs, options, their values, targets. Prints a candidate a line.
import type {Argument, Command, Option} from 'commander';
import {readStudyNames} from '../config/study-names.ts';
import {groupNames} from '../graph/select.ts';
import {DiskError} from '../host/disk.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {exitCode} from './exit-codes.ts';
import type {OpenOptions} from './open.ts';
import {readTargets, type Targets} from './targets.ts';
import type {Terminal} from './terminal.ts';
import {findWorkspace} from './workspace.ts';

/** `words` are those after the program's name, the last one being written. What goes wrong means no candidates: nobody asked. */
export function complete(program: Command, words: readonly string[], terminal: Terminal): number {
  try {
    const asked = readWords(program, words);
    const candidates = candidatesFor(asked).filter(({value}) => value.startsWith(asked.current));
    for (const [value, note] of new Map(candidates.map((entry) => [entry.value, entry.note])))
      terminal.print(note === '' ? value : `${value}\t${note}`);
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
  }
  return exitCode.done;
}

interface Candidate {
  readonly value: string;
  readonly note: string;
}

interface Asked {
  readonly current: string;
  /** The verb, or the program itself. */
  readonly command: Command;
  /** The option whose value is being written, and what stands before the value in the same word. */
  readonly option: {readonly of: Option; readonly before: string} | undefined;
  readonly isOptionAllowed: boolean;
  readonly operands: number;
  readonly place: OpenOptions;
}

function readWords(program: Command, words: readonly string[]): Asked {
  const current = words.at(-1) ?? '';
  const place: Record<string, string> = {};
  let command = program;
  let option: Option | undefined;
  let operands = 0;
  let isOptionAllowed = true;
  for (const word of words.slice(0, -1)) {
    const [flag = '', ...rest] = word.split('=');
    if (option !== undefined) {
      place[option.attributeName()] = word;
      option = undefined;
    } else if (word === '--') isOptionAllowed = false;
    else if (isOptionAllowed && word.startsWith('-')) {
      const found = findOption(command, flag);
      if (found !== undefined && rest.length > 0) place[found.attributeName()] = rest.join('=');
      else if (found?.required === true) option = found;
    } else {
      const verb = operands === 0 ? command.commands.find((one) => one.name() === word) : undefined;
      if (verb === undefined) operands += 1;
      else command = verb;
    }
  }
  const {file, directory, profile} = place;
  return {current, command, operands, isOptionAllowed, place: {file, directory, profile}, option: optionAt(command, current, option)};
}

function optionAt(command: Command, current: string, pending: Option | undefined): Asked['option'] {
  if (pending !== undefined) return {of: pending, before: ''};
  const end = current.indexOf('=');
  const found = current.startsWith('--') && end > 0 ? findOption(command, current.slice(0, end)) : undefined;
  return found === undefined ? undefined : {of: found, before: current.slice(0, end + 1)};
}

function findOption(command: Command, flag: string): Option | undefined {
  return command.options.find(({short, long}) => flag === short || flag === long);
}

function candidatesFor(asked: Asked): readonly Candidate[] {
  const {command, current, option, operands} = asked;
  if (option !== undefined) {
    const {of, before} = option;
    return valuesOf(of, current.slice(before.length), asked).map(({value, note}) => ({value: `${before}${value}`, note}));
  }
  if (asked.isOptionAllowed && current.startsWith('-')) return optionsOf(command, current);
  const isFirst = operands === 0 && command.commands.length > 0;
  const argument = command.registeredArguments.find(({variadic}, index) => index === operands || variadic);
  return [...(isFirst ? verbsOf(command) : []), ...(argument === undefined ? [] : argumentsFor(argument, asked))];
}

function optionsOf(command: Command, current: string): readonly Candidate[] {
  const own = command.options.flatMap(({short, long, description}) => [
    ...(long === undefined ? [] : [{value: long, note: description}]),
    ...(short === undefined || current !== '-' ? [] : [{value: short, note: description}]),
  ]);
  return [...own, {value: '--help', note: 'print this help'}];
}

function verbsOf(program: Command): readonly Candidate[] {
  const visible = program.createHelp().visibleCommands(program);
  return visible.map((command) => ({value: command.name(), note: command.description()}));
}

function argumentsFor(argument: Argument, {current, place}: Asked): readonly Candidate[] {
  if (argument.argChoices !== undefined) return argument.argChoices.map((value) => ({value, note: ''}));
  return argument.name() === 'targets' ? targetsFor(current, place) : [];
}

function targetsFor(current: string, place: OpenOptions): readonly Candidate[] {
  const groups = groupNames.map((value) => ({value, note: 'group'}));
  const known = readTargets(place);
  if (known === undefined) return [...groups, ...namesOf('phases', place).map((value) => ({value, note: 'phase'}))];
  const phases = known.phases.map(([value, note]) => ({value, note}));
  const experiments = known.experiments.map((value) => ({value, note: 'experiment'}));
  const paths = known.paths.filter((path) => path.startsWith(current)).map((path) => ({value: nextStep(path, current), note: ''}));
  return [...groups, ...phases, ...experiments, ...paths];
}

/** Paths are completed a folder at a time. */
function nextStep(path: string, current: string): string {
  const end = path.indexOf('/', current.length);
  return end < 0 ? path : path.slice(0, end + 1);
}

function valuesOf(option: Option, current: string, {place}: Asked): readonly Candidate[] {
  if (option.argChoices !== undefined) return option.argChoices.map((value) => ({value, note: ''}));
  switch (option.attributeName()) {
    case 'profile':
      return namesOf('profiles', place).map((value) => ({value, note: 'profile'}));
    case 'only':
    case 'except':
      return filtersFor(current, readTargets(place)?.dimensions ?? []);
    default:
      return [];
  }
}

function filtersFor(current: string, dimensions: Targets['dimensions']): readonly Candidate[] {
  const [dimension = '', written] = current.split('=');
  if (written === undefined) return dimensions.map(([name]) => ({value: `${name}=`, note: ''}));
  const before = written.split(',').slice(0, -1);
  const values = dimensions.find(([name]) => name === dimension)?.[1].filter((value) => !before.includes(value)) ?? [];
  return values.map((value) => ({value: `${dimension}=${[...before, value].join(',')}`, note: ''}));
}

function namesOf(section: 'phases' | 'profiles', place: OpenOptions): readonly string[] {
  const found = findWorkspace(place);
  return found.ok ? [...(readStudyNames(workspaceDisk(found.value.root), found.value.file).get(section) ?? [])] : [];
}
