// What a build can know of the files it reads: digests of files, of parts of them, of Python code by meaning. Judges nothing.
import {createHash} from 'node:crypto';
import {canonicalText, findAt, type Json} from '../base/json.ts';
import type {Part} from '../graph/node.ts';
import type {Disk} from '../host/disk.ts';
import {isCutDatabase} from './database.ts';
import {readDataManifest, type DataEntry} from './data-manifest.ts';
import type {Digests} from './digests.ts';
import {meaningAt, placeOfModule, reachModules, readImports, readMeanings, startOf} from './python-code.ts';
import {meaningOf} from './python-source.ts';
import {countedAs, parseSameResults, type SameResults} from './same-results.ts';

export interface World {
  /** SHA-256 of the file's bytes. */
  digestOf(path: string): string;
  /** The part as short canonical text, or its digest where it is long; one entry a column for columns. */
  readPart(path: string, part: Part): readonly PartEntry[];
  /**
   * Meaning digests of Python modules (`fts.training`, or a study's own), of what the script imports, and of everything in the package and the
   * workspace that those import, in code-unit order of the names. Where modules of the package give the same results as earlier ones they are
   * named as those (docs/design.md, point 52).
   */
  readCode(entries: readonly string[], script?: Script): readonly PartEntry[];
  /** The same of a module that a run was seen to import: a path from `fts/` on, or from the workspace. */
  readModule(path: string): string;
  /** What a module of this digest is named as there. */
  countsAs(path: string, digest: string): string;
  /** The files of those modules, as they lie there today. */
  listModules(entries: readonly string[], script?: Script): readonly ModuleFile[];
  /** What scripts, and the modules of the package that they and `entries` lead to, import that is not there, or lies outside the package. */
  readImports(entries: readonly string[], scripts: readonly {readonly path: string; readonly source: string}[]): Imports;
  /** Of a database that nobody is writing to at this moment: whether its end is missing. */
  isCut(path: string): boolean;
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

export interface ModuleFile {
  /** `fts/model.py` in the package, `helpers/labels.py` of what `import helpers.labels` finds in the workspace. */
  readonly name: string;
  /** From the workspace, or absolute in the package. */
  readonly at: string;
}

export interface Script {
  readonly path: string;
  /** Where it is not on the disk yet. */
  readonly text?: string;
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
  const modules = {disk, digests, packageRoot};
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
    readCode: (entries, script) => {
      const start = startOf(modules, entries, script);
      const name = JSON.stringify(start);
      const known = code.get(name) ?? readMeanings(modules, start, readSame());
      code.set(name, known);
      return known;
    },
    readModule: (path) => meaningAt(modules, placeOfModule(modules, path)),
    countsAs: (path, digest) => countedAs(new Map([[path, digest]]), readSame()).get(path) ?? digest,
    listModules: (entries, script) => reachModules(modules, startOf(modules, entries, script)),
    readImports: (entries, scripts) => readImports(modules, entries, scripts),
    isCut: (path) =>
      digests.derived(path, 'database cut', (bytes) => String(isCutDatabase(bytes))) === 'true' &&
      ['-journal', '-wal'].every((end) => disk.stat(`${path}${end}`) === 'missing'),
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
    isCut: (path) => world.isCut(at(path)),
    readCode: (entries, script) => {
      const text = script === undefined ? undefined : texts.get(script.path);
      return world.readCode(entries, script === undefined || text === undefined ? script : {path: script.path, text});
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
