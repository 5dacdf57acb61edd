// Reads and rewrites data/manifest.json: one entry per raw and processed file, with a digest per column. Knows nothing of how data is built.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import type {Disk} from '../host/disk.ts';
import {moveAside, type Kept} from './kept.ts';

export interface DataEntry {
  readonly dataset: string;
  readonly path: string;
  readonly rows: number;
  readonly md5: string;
  readonly sha256: string;
  /** Column -> SHA-256 of its values. */
  readonly columns: ReadonlyMap<string, string>;
  /** Column -> how many of its values are missing. */
  readonly missingValues: ReadonlyMap<string, number>;
  /** What deserves a look, as the data step said it. */
  readonly cautions: readonly Caution[];
  /** Undefined in entries that an earlier version wrote. */
  readonly plausibility: Plausibility | undefined;
  /** What labels are made of, packed (`state/prices.ts`); undefined in older entries, and where the file is too long. */
  readonly prices: string | undefined;
}

export interface Caution {
  readonly kind: string;
  readonly message: string;
}

/** What prices look like: `plausibility` of `schemas/dataset.schema.json`. */
export interface Plausibility {
  readonly rows: number;
  readonly first: string;
  readonly last: string;
  readonly medianSpacingDays: number | null;
  readonly largestGap: {readonly days: number; readonly from: string; readonly to: string} | null;
  readonly weekendShare: number;
  readonly largestMove: {readonly change: number; readonly date: string} | null;
  readonly zeroVolumeShare: number | null;
  readonly constantColumns: readonly string[];
}

/** A manifest that is not there is an empty one; one that cannot be read counts as empty too: the data step makes it anew. */
export function readDataManifest(disk: Disk, path: string): ReadonlyMap<string, DataEntry> {
  const entries = new Map<string, DataEntry>();
  for (const entry of entriesOf(disk.readText(path))) {
    const parsed = parseDataEntry(entry);
    if (parsed !== undefined) entries.set(parsed.path, parsed);
  }
  return entries;
}

/** Every entry by its path, as it is written there. */
export function listDataEntries(disk: Disk, path: string): readonly (readonly [path: string, entry: JsonObject])[] {
  return entriesOf(disk.readText(path)).flatMap((entry) => {
    const file = textAt(entry, 'path');
    return file === '' ? [] : [[file, entry] as const];
  });
}

/** Adds or replaces the entries of one data step (the processed file, and the raw file it came from), or of a file of another `kind`. */
export function recordDataset(disk: Disk, path: string, result: JsonObject, kind: 'raw' | 'processed' = 'processed'): Kept | undefined {
  const kept = disk.entryAt(path) === 'missing' || isManifest(disk, path) ? undefined : moveAside(disk, path, 'unknown');
  const byPath = new Map(entriesOf(disk.readText(path)).map((entry) => [textAt(entry, 'path'), entry]));
  for (const entry of entriesFrom(result, kind)) byPath.set(textAt(entry, 'path'), entry);
  const files = sorted(byPath.keys()).map((name) => byPath.get(name) ?? {});
  disk.write(path, `${JSON.stringify({schema_version: 1, files}, null, 2)}\n`);
  return kept;
}

// Anything else there is a person's, or damaged: it is kept.
function isManifest(disk: Disk, path: string): boolean {
  const manifest = disk.entryAt(path) === 'file' ? parseJson(disk.readText(path) ?? '') : undefined;
  return isJsonObject(manifest) && Array.isArray(manifest['files']);
}

function entriesFrom(result: JsonObject, kind: 'raw' | 'processed'): JsonObject[] {
  const {kind: _kind, schema_version: _version, raw, ...processed} = result;
  const registered = {...processed, kind, version: versionOf(processed)};
  return isJsonObject(raw) ? [{dataset: processed['dataset'] ?? '', kind: 'raw', ...raw}, registered] : [registered];
}

function versionOf(entry: JsonObject): string {
  return /(?:^|\/)(v\d+)\//.exec(textAt(entry, 'path'))?.[1] ?? 'v1';
}

function entriesOf(text: string | undefined): JsonObject[] {
  if (text === undefined) return [];
  const manifest = parseJson(text);
  const files = isJsonObject(manifest) ? manifest['files'] : undefined;
  return Array.isArray(files) ? (files as Json[]).filter(isJsonObject) : [];
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Undefined where it has no digests. */
export function parseDataEntry(entry: JsonObject): DataEntry | undefined {
  const {path, rows, md5, sha256, columns} = entry;
  if (typeof path !== 'string' || typeof sha256 !== 'string' || typeof md5 !== 'string') return undefined;
  const digests = isJsonObject(columns) ? Object.entries(columns) : [];
  return {
    dataset: textAt(entry, 'dataset'),
    path,
    rows: typeof rows === 'number' ? rows : 0,
    md5,
    sha256,
    columns: new Map(
      digests.flatMap(([name, value]) =>
        isJsonObject(value) && typeof value['sha256'] === 'string' ? [[name, value['sha256']] as const] : [],
      ),
    ),
    missingValues: new Map(
      digests.flatMap(([name, value]) => (isJsonObject(value) && typeof value['nan'] === 'number' ? [[name, value['nan']] as const] : [])),
    ),
    cautions: cautionsIn(entry),
    plausibility: parsePlausibility(entry['plausibility']),
    prices: typeof entry['prices'] === 'string' ? entry['prices'] : undefined,
  };
}

/** What a data step says of the file that deserves a look. */
export function cautionsIn(entry: JsonObject): readonly Caution[] {
  const {cautions} = entry;
  return (Array.isArray(cautions) ? cautions : []).flatMap((caution) =>
    isJsonObject(caution) ? [{kind: textAt(caution, 'kind'), message: textAt(caution, 'message')}] : [],
  );
}

function parsePlausibility(table: Json | undefined): Plausibility | undefined {
  if (!isJsonObject(table)) return undefined;
  const gap = table['largest_gap'];
  const move = table['largest_move'];
  const constants = table['constant_columns'];
  return {
    ...{rows: numberAt(table, 'rows') ?? 0, first: textAt(table, 'first'), last: textAt(table, 'last')},
    medianSpacingDays: numberAt(table, 'median_spacing_days'),
    largestGap: isJsonObject(gap) ? {days: numberAt(gap, 'days') ?? 0, from: textAt(gap, 'from'), to: textAt(gap, 'to')} : null,
    weekendShare: numberAt(table, 'weekend_share') ?? 0,
    largestMove: isJsonObject(move) ? {change: numberAt(move, 'change') ?? 0, date: textAt(move, 'date')} : null,
    zeroVolumeShare: numberAt(table, 'zero_volume_share'),
    constantColumns: Array.isArray(constants) ? constants.map(String) : [],
  };
}

function numberAt(entry: JsonObject, name: string): number | null {
  const value = entry[name];
  return typeof value === 'number' ? value : null;
}

function textAt(entry: JsonObject, name: string): string {
  const value = entry[name];
  return typeof value === 'string' ? value : '';
}
