// What a build can know of the files it reads: digests of files, of parts of them, of Python code by meaning. Judges nothing.
import {createHash} from 'node:crypto';
import {canonicalText, findAt, type Json} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import type {Part} from '../graph/node.ts';
import type {Disk} from '../host/disk.ts';
import {readDataManifest, type DataEntry} from './data-manifest.ts';
import type {Digests} from './digests.ts';
import {importsOf, reachableModules, type Import} from './python-imports.ts';
import {meaningOf} from './python-source.ts';
import {countedAs, parseSameResults, type SameResults} from './same-results.ts';

export interface World {
  /** SHA-256 of the file's bytes. */
  digestOf(path: string): string;
  /** The part as short canonical text, or its digest where it is long; one entry a column for columns. */
  readPart(path: string, part: Part): readonly PartEntry[];
  /**
   * Meaning digests of Python modules (`fts.training`) and of everything in the package that they import, in code-unit order of the paths. Where
   * they give the same results as earlier ones they are named as those (docs/design.md, point 52).
   */
  readCode(entries: readonly string[]): readonly PartEntry[];
  /** What a module of this digest is named as there. */
  countsAs(path: string, digest: string): string;
  /** The paths of those modules, as they lie there today. */
  listModules(entries: readonly string[]): readonly string[];
  /** What scripts, and the modules of the package that they and `entries` lead to, import that is not there, or lies outside the package. */
  readImports(entries: readonly string[], scripts: readonly {readonly path: string; readonly source: string}[]): Imports;
  /** What the data manifest says of a processed file, while the file's own digest matches. */
  findDataEntry(path: string): DataEntry | undefined;
  /** Forgets what was read: called when files may have changed. */
  refresh(): void;
}

export interface PartEntry {
  /** What is added to the file's name: `#/params`, `:rsi_14`, or nothing. */
  readonly name: string;
  /** `missing` where there is nothing to read. */
  readonly value: string;
}

export interface Imports {
  /** Modules of the package that do not exist, dotted. */
  readonly absent: readonly string[];
  /** Top-level modules from elsewhere, in code-unit order. */
  readonly outside: readonly string[];
}

interface Sources {
  readonly disk: Disk;
  readonly digests: Digests;
  /** Absolute folder that holds the Python package `fts`. */
  readonly packageRoot: string;
  /** The study's data manifest, relative to the workspace. */
  readonly dataManifest: string;
}

/** In the folder of the package. */
const sameResultsPath = 'fts/same_results.json';

export function openWorld({disk, digests, packageRoot, dataManifest}: Sources): World {
  let data: ReadonlyMap<string, DataEntry> | undefined;
  const code = new Map<string, readonly PartEntry[]>();
  let same: readonly SameResults[] | undefined;
  const readSame = (): readonly SameResults[] => (same ??= parseSameResults(disk.readText(`${packageRoot}/${sameResultsPath}`)));
  const findDataEntry = (path: string): DataEntry | undefined => {
    data ??= readDataManifest(disk, dataManifest);
    const entry = data.get(path);
    return entry !== undefined && entry.sha256 === digests.digestOf(path) ? entry : undefined;
  };
  return {
    digestOf: (path) => digests.digestOf(path),
    readPart: (path, part) => {
      switch (part.of) {
        case 'file':
          return [{name: '', value: digests.digestOf(path)}];
        case 'json':
          return [
            {name: `#${part.pointer}`, value: digests.derived(path, `json ${part.pointer}`, (bytes) => jsonPart(bytes, part.pointer))},
          ];
        case 'nothing':
          return [{name: `#${part.pointer}`, value: '{}'}];
        case 'mark':
          return entriesOfMark(
            part.pointer,
            digests.derived(path, `json ${part.pointer}`, (bytes) => jsonPart(bytes, part.pointer)),
          );
        case 'columns':
          return columnEntries(findDataEntry(path), part.names);
        case 'script_code':
          return [
            {
              name: '',
              value: digests.derived(path, 'script code 2', (bytes) => codeOf(new TextDecoder().decode(bytes))),
            },
          ];
      }
    },
    readCode: (entries) => {
      const name = entries.join(' ');
      const known = code.get(name) ?? readPackage({digests, packageRoot}, entries, readSame());
      code.set(name, known);
      return known;
    },
    countsAs: (path, digest) => countedAs(new Map([[path, digest]]), readSame()).get(path) ?? digest,
    listModules: (entries) => modulesOf({digests, packageRoot}, entries),
    readImports: (entries, scripts) => readImports({digests, packageRoot}, entries, scripts),
    findDataEntry,
    refresh: () => {
      data = undefined;
      same = undefined;
      code.clear();
    },
  };
}

/** What a build will find: some files as they lie somewhere else until they are put at their places, and `texts` of those that will be made. */
export function redirectedWorld(world: World, places: ReadonlyMap<string, string>, texts: ReadonlyMap<string, string>): World {
  const at = (path: string): string => places.get(path) ?? path;
  return {
    ...world,
    digestOf: (path) => {
      const text = texts.get(path);
      return text === undefined ? world.digestOf(at(path)) : createHash('sha256').update(text).digest('hex');
    },
    readPart: (path, part) => {
      const text = texts.get(path);
      if (text !== undefined && part.of === 'script_code') return [{name: '', value: codeOf(text)}];
      if (text !== undefined && part.of === 'json') return [{name: `#${part.pointer}`, value: jsonPart(Buffer.from(text), part.pointer)}];
      if (text !== undefined && part.of === 'mark') return entriesOfMark(part.pointer, jsonPart(Buffer.from(text), part.pointer));
      return world.readPart(at(path), part);
    },
  };
}

function codeOf(script: string): string {
  return meaningOf(withoutConstants(script)).digest;
}

function entriesOfMark(pointer: string, value: string): readonly PartEntry[] {
  return value === 'missing' ? [] : [{name: `#${pointer}`, value}];
}

function columnEntries(entry: DataEntry | undefined, names: readonly string[]): readonly PartEntry[] {
  if (entry === undefined) return [{name: '', value: 'missing'}];
  return names.map((name) => ({name: `:${name}`, value: entry.columns.get(name) ?? 'missing'}));
}

// Up to here the part itself is kept, so that `why` can show it; beyond, its digest.
const longestText = 4096;

function jsonPart(bytes: Uint8Array, pointer: string): string {
  const value = findAt(parseOrNull(new TextDecoder().decode(bytes)), pointer);
  if (value === undefined) return 'missing';
  const text = canonicalText(value);
  return text.length <= longestText ? text : createHash('sha256').update(text).digest('hex');
}

function parseOrNull(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The script without its block of constants: those enter the key as parameters (docs/design.md section 7). */
export function withoutConstants(source: string): string {
  const begin = source.indexOf('# --- Experiment configuration ---');
  const end = source.indexOf('# --- Data validation ---');
  return begin < 0 || end < begin ? source : source.slice(0, begin) + source.slice(end);
}

function readPackage(inside: Package, entries: readonly string[], same: readonly SameResults[]): readonly PartEntry[] {
  const {digests, packageRoot} = inside;
  const meaning = (path: string): string =>
    digests.derived(`${packageRoot}/${path}`, 'python meaning 2', (bytes) => meaningOf(bytes).digest);
  const modules = new Map(modulesOf(inside, entries).map((path) => [path, meaning(path)]));
  return [...countedAs(modules, same)].map(([name, value]) => ({name, value}));
}

function modulesOf(inside: Package, entries: readonly string[]): readonly string[] {
  if (entries.length === 0) return [];
  const imports = entries.map((module) => ({module, names: []}));
  return sorted(reachableModules(imports, (path) => findImports(inside, path)));
}

type Package = Pick<Sources, 'digests' | 'packageRoot'>;

/** Undefined where there is no such file. */
function findImports({digests, packageRoot}: Package, path: string): readonly Import[] | undefined {
  const known = digests.derived(`${packageRoot}/${path}`, 'python imports', (bytes) =>
    JSON.stringify(importsOf(new TextDecoder().decode(bytes), path)),
  );
  return known === 'missing' ? undefined : (JSON.parse(known) as readonly Import[]);
}

function readImports(
  inside: Package,
  entries: readonly string[],
  scripts: readonly {readonly path: string; readonly source: string}[],
): Imports {
  const importsAt = (path: string): readonly Import[] | undefined => findImports(inside, path);
  const entry = [...entries.map((module) => ({module, names: []})), ...scripts.flatMap(({path, source}) => importsOf(source, path))];
  const reached = reachableModules(entry, importsAt);
  const modules = new Set([...entry, ...reached.flatMap((path) => importsAt(path) ?? [])].map(({module}) => module));
  const isInside = (module: string): boolean => module === 'fts' || module.startsWith('fts.');
  const isThere = (module: string): boolean => {
    const path = module.replaceAll('.', '/');
    return importsAt(`${path}.py`) !== undefined || importsAt(`${path}/__init__.py`) !== undefined;
  };
  return {
    absent: sorted([...modules].filter((module) => isInside(module) && !isThere(module))),
    outside: sorted(new Set([...modules].filter((module) => !isInside(module)).map((module) => module.split('.')[0] ?? module))),
  };
}
