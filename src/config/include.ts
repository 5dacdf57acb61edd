// Reads a configuration file and what it includes into one tree. Knows nothing of what the values mean.
import {problem, startOf} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {failure, success} from '../base/result.ts';
import type {Result} from '../base/result.ts';
import {DiskError} from '../host/disk.ts';
import type {Disk} from '../host/disk.ts';
import {findMember, itemsOf} from './located.ts';
import type {Located, LocatedMap, Member} from './located.ts';
import {parseYaml} from './parse.ts';

/** All that the configuration needs of a disk. */
export type TextReader = Pick<Disk, 'readText'>;

export interface Assembled {
  readonly root: LocatedMap;
  /** Every file that was read, the first one first, each once. */
  readonly sources: readonly string[];
}

export function readWithIncludes(disk: TextReader, file: string): Result<Assembled> {
  const reading: Reading = {disk, sources: new Set(), finished: new Map(), problems: []};
  const root = readFile(reading, file, []);
  return root === undefined || reading.problems.length > 0 ? failure(reading.problems) : success({root, sources: [...reading.sources]});
}

/** Who asks for a file, and what to say where it is missing. */
export interface Asking {
  readonly span: Span;
  readonly help: string;
}

/** One file as a mapping, without its includes. */
export function readMapping(disk: TextReader, file: string, asking?: Asking): Result<LocatedMap> {
  const text = readText(disk, file);
  // A file that is there and cannot be read has a first line; one that is not there has none.
  const place = typeof text !== 'string' && text.isThere ? {span: startOf(file)} : {};
  if (typeof text !== 'string') return failure([problem('FTS103', text.message, asking ?? place)]);
  const parsed = parseYaml(text, file);
  if (!parsed.ok) return parsed;
  if (parsed.value.kind === 'map') return success(parsed.value);
  return failure([problem('FTS111', `expected ${file} to hold a mapping`, {span: parsed.value.span})]);
}

const includeHelp = 'The path of an include is relative to the file that names it.';

function readText(disk: TextReader, file: string): string | {readonly message: string; readonly isThere: boolean} {
  try {
    return disk.readText(file) ?? {message: `there is no file ${file}`, isThere: false};
  } catch (error) {
    if (error instanceof DiskError) return {message: `${file} cannot be read: ${error.message}`, isThere: true};
    throw error;
  }
}

interface Reading {
  readonly disk: TextReader;
  readonly sources: Set<string>;
  /** So that a file that is included on many ways is read once. */
  readonly finished: Map<string, LocatedMap | undefined>;
  readonly problems: Diagnostic[];
}

interface Step {
  readonly file: string;
  readonly span: Span;
}

// `chain` leads from the first file to the one that includes `file`: meeting a file on it again is a circle.
function readFile(reading: Reading, file: string, chain: readonly Step[]): LocatedMap | undefined {
  reading.sources.add(file);
  const last = chain.at(-1);
  const own = readMapping(reading.disk, file, last && {span: last.span, help: includeHelp});
  if (!own.ok) {
    reading.problems.push(...own.error);
    return undefined;
  }
  let below: LocatedMap | undefined;
  for (const item of itemsOf(findMember(own.value, 'include'))) {
    const included = readInclude(reading, file, item, chain);
    if (included !== undefined) below = below === undefined ? included : overlay(below, included);
  }
  return below === undefined ? own.value : overlay(below, own.value);
}

function readInclude(reading: Reading, from: string, item: Located, chain: readonly Step[]): LocatedMap | undefined {
  // The schema says what an include must be; here only texts are followed.
  if (item.kind !== 'scalar' || typeof item.value !== 'string') return undefined;
  const file = findSibling(from, item.value);
  if (file === undefined) {
    reading.problems.push(
      problem('FTS103', `"${item.value}" cannot be included: it must be a relative path inside the workspace`, {
        span: item.span,
        help: includeHelp,
      }),
    );
    return undefined;
  }
  const here = [...chain, {file: from, span: item.span}];
  const start = here.findIndex((step) => step.file === file);
  if (start < 0) return readOnce(reading, file, here);
  const round = [...here.slice(start).map((step) => step.file), file].join(' -> ');
  const see = here.slice(start, -1).map((step) => ({span: step.span, note: 'included here'}));
  reading.problems.push(
    problem('FTS104', `includes go in a circle: ${round}`, {span: item.span, see, help: 'Move what both need into a third file.'}),
  );
  return undefined;
}

function readOnce(reading: Reading, file: string, chain: readonly Step[]): LocatedMap | undefined {
  if (!reading.finished.has(file)) reading.finished.set(file, readFile(reading, file, chain));
  return reading.finished.get(file);
}

/** The path that `written` means in `from`: relative to the folder of `from`, and not out of the workspace where `from` lies in it. */
export function findSibling(from: string, written: string): string | undefined {
  if (written === '' || /^[/\\]|^[A-Za-z]:|[\u0000-\u001f\u007f]/.test(written)) return undefined;
  const steps = from.split('/').slice(0, -1);
  for (const step of written.split('/')) {
    if (step === '..') {
      if (steps.pop() === undefined) return undefined;
    } else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/');
}

/** `above` laid over `below`: mappings key by key, everything else replaced. Keys of `below` come first, in their order. */
export function overlay(below: LocatedMap, above: LocatedMap): LocatedMap {
  const members = new Map<string, Member>(below.members);
  for (const [name, member] of above.members) {
    const under = members.get(name)?.node;
    const node = under?.kind === 'map' && member.node.kind === 'map' ? overlay(under, member.node) : member.node;
    members.set(name, {keySpan: member.keySpan, node});
  }
  return {kind: 'map', members, span: above.span};
}
