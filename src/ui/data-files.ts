// What `data list` and `data verify` say of the files on record, for people and as JSON.
import type {Json} from '../base/json.ts';
import {isJsonObject} from '../base/json.ts';
import {formatBytes} from '../base/units.ts';
import type {DataFile} from '../build/data-files.ts';
import type {Paint} from './paint.ts';

export function describeDataFiles(files: readonly DataFile[], paint: Paint, manifest: string): readonly string[] {
  if (files.length === 0)
    return [
      `${manifest} has no entry: \`ftsbuild data\` builds what the study names, \`ftsbuild data register FILE\` puts a file on record`,
    ];
  return files.map((file) => `${file.path}  ${describeEntry(file)}${file.state === 'missing' ? `  ${paint.red('missing')}` : ''}`);
}

export function describeVerified(files: readonly DataFile[], paint: Paint, manifest: string): readonly string[] {
  const wrong = files.filter(({state}) => state !== 'sound');
  const lines = wrong.map(({path, state}) => `${paint.red(state)} ${path}: ${remedies[state === 'missing' ? 'missing' : 'changed']}`);
  return [...lines, `${String(files.length - wrong.length)} of ${String(files.length)} files are what ${manifest} says`];
}

const remedies = {
  missing: 'it is not there; `ftsbuild data` makes what has a builder',
  changed:
    'its bytes are not those on record; put the right file back, build it (`ftsbuild data`), or take it as it is (`ftsbuild data register FILE`)',
};

function describeEntry({entry}: DataFile): string {
  const {dataset, kind, version, rows, bytes, columns, sha256, registered} = entry;
  return [
    text(dataset),
    text(kind),
    text(version),
    typeof rows === 'number' ? `${String(rows)} rows` : '',
    isJsonObject(columns) ? `${String(Object.keys(columns).length)} columns` : '',
    typeof bytes === 'number' ? formatBytes(bytes) : '',
    text(sha256).slice(0, 12),
    text(registered),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** As `schemas/data.schema.json` says. */
export function plainDataFiles(manifest: string, files: readonly DataFile[]): object {
  return {
    ...{schema_version: 1, manifest},
    files: files.map(({path, state, entry}) => {
      const {dataset, kind, version, rows, bytes, columns, md5, sha256, registered} = entry;
      return {
        ...{path, state, dataset: orNull(dataset), kind: orNull(kind), version: orNull(version), rows: orNull(rows), bytes: orNull(bytes)},
        columns: isJsonObject(columns) ? Object.keys(columns).length : null,
        ...{md5: orNull(md5), sha256: orNull(sha256), registered: orNull(registered)},
      };
    }),
  };
}

function orNull(value: Json | undefined): Json {
  return value ?? null;
}
