// What is installed in the Python environment, as far as files tell it: no Python starts. Knows the places where Python looks from the record.
import {createHash} from 'node:crypto';
import {findAt, isJsonObject, parseObject, type Json, type JsonObject} from '../base/json.ts';
import type {ProjectPath} from '../base/ids.ts';
import type {EnvironmentWork, Node} from '../graph/node.ts';
import type {Verdict} from '../state/judge.ts';
import type {Session} from './session.ts';

/** What every study runs on: their versions are in keys and in every result. What else is installed makes nothing stale. */
export const neededPackages = ['torch', 'optuna', 'numpy', 'pandas', 'pyarrow', 'ta-lib', 'arch'] as const;

/** What the record says of where Python looks; relative to the workspace where it lies inside. */
interface Places {
  readonly executable: string;
  /** Folders of its import path, in their order, without the standard library's. */
  readonly folders: readonly string[];
}

/**
 * The environment's node with what lies there now among its parameters, so that a changed package makes it stale. The names come from the
 * folders of their metadata, the versions from within, and both are behind a stat: asking Python would cost every command a second.
 */
export function asInstalled(session: Looked, node: Node): Node {
  if (node.work.kind !== 'environment') return node;
  const {environment} = node.work;
  const places = findPlaces(session.disk.readText(environment.record));
  const installed = places === undefined ? null : versionsIn(session, places);
  const interpreter = places === undefined ? null : interpreterIn(session, environment, places);
  return {...node, params: new Map([...node.params, ['installed', installed], ['interpreter file', interpreter]])};
}

/**
 * What the record will say of versions once a stale environment was looked at or made again, so that what rests on it is judged by that: what
 * is installed, where it is only looked at; what is locked, where it is made. Undefined where that is not known, as with another Python.
 */
export function findRecordToCome(
  session: Looked,
  {work}: Node,
  {reason}: Extract<Verdict, {is: 'stale'}>,
): {readonly path: ProjectPath; readonly text: string} | undefined {
  if (work.kind !== 'environment' || reason.because !== 'changed') return undefined;
  if (reason.changes.some(({name}) => name === 'param interpreter file')) return undefined;
  const {record, requirements, directory} = work.environment;
  const text = session.disk.readText(record);
  const before = parseObject(text);
  const places = findPlaces(text);
  if (before === undefined || places === undefined) return undefined;
  // Installers go by the folders' names, and leave alone what only says otherwise within.
  if (directory !== undefined && !isNamedAsItSays(session, places)) return undefined;
  const coming = directory === undefined ? versionsIn(session, places) : pinsIn(session.disk.readText(requirements) ?? '', before);
  const training = withVersions(before['training'], coming);
  const data = withVersions(before['data'], coming);
  return training && data && {path: record, text: JSON.stringify({...before, training, data})};
}

/** Undefined where one is not known. */
function withVersions(before: Json | undefined, coming: JsonObject): JsonObject | undefined {
  if (!isJsonObject(before)) return undefined;
  const after: Record<string, Json> = {};
  for (const [name, version] of Object.entries(before)) {
    const now = name === 'python' ? version : coming[name];
    if (typeof now !== 'string' || !/^\d/.test(now)) return undefined;
    after[name] = now.replace(/\+.*/, '').split('.').slice(0, 2).join('.');
  }
  return after;
}

function isNamedAsItSays(session: Looked, places: Places): boolean {
  return [...findDistributions(session, places).values()].every((path) => path.includes(`-${versionIn(session, path)}.`));
}

/** Of several lines for one package it depends on the Python which one counts: the one that counted before. */
function pinsIn(requirements: string, before: JsonObject): JsonObject {
  const lines = [...requirements.matchAll(/^([\w.-]+)==([^\s;]+)/gm)].map(([, name = '', version = '']) => [name, version] as const);
  return Object.fromEntries(
    lines.filter(([name, version], place) => isOnly(name, lines, place) || findAt(before, `/packages/${name}`) === version),
  );
}

function isOnly(wanted: string, lines: readonly (readonly [string, string])[], place: number): boolean {
  return lines.every(([name], other) => name !== wanted || other === place);
}

type Looked = Pick<Session, 'disk' | 'digests'>;

// A record of an earlier version does not say; its environment is looked at once more.
function findPlaces(record: string | undefined): Places | undefined {
  const places = findAt(parseObject(record) ?? null, '/places');
  if (!isJsonObject(places)) return undefined;
  const {executable, folders} = places;
  return typeof executable === 'string' && Array.isArray(folders) ? {executable, folders: folders.map(String)} : undefined;
}

function versionsIn(session: Looked, places: Places): JsonObject {
  const found = findDistributions(session, places);
  return Object.fromEntries(
    neededPackages.map((wanted) => {
      const path = found.get(wanted);
      return [wanted, path === undefined ? 'absent' : versionIn(session, path)];
    }),
  );
}

/** Where the metadata of each needed package lies: of several the first on the import path. */
function findDistributions(session: Looked, {folders}: Places): ReadonlyMap<string, string> {
  const listed = folders.map((folder) => ({folder, names: metadataIn(session, folder)}));
  return new Map(
    neededPackages.flatMap((wanted) => {
      const first = listed.find(({names}) => names.has(wanted));
      return first === undefined ? [] : [[wanted, `${first.folder}/${first.names.get(wanted) ?? ''}`] as const];
    }),
  );
}

/** Distributions in a folder by their names, as importlib.metadata evens them out. */
function metadataIn({disk}: Looked, folder: string): ReadonlyMap<string, string> {
  const names = disk.list(folder);
  const found = new Map<string, string>();
  for (const name of names === 'missing' ? [] : names) {
    const distribution = /^([^-]+)-.*\.(?:dist|egg)-info$/.exec(name)?.[1];
    if (distribution !== undefined) found.set(distribution.toLowerCase().replaceAll(/[_.]+/g, '-'), name);
  }
  return found;
}

function versionIn({digests}: Looked, path: string): string {
  const file = path.endsWith('.dist-info') ? `${path}/METADATA` : `${path}/PKG-INFO`;
  const version = digests.derived(file, 'version of a distribution', (bytes) => {
    const [head = ''] = new TextDecoder().decode(bytes).split(/\r?\n\r?\n/, 1);
    return /^Version:[ \t]*(\S+)/im.exec(head)?.[1] ?? 'unknown';
  });
  // Old distributions have a file of that name instead of a folder; the name has the version, too.
  return version === 'missing' ? path.slice(path.lastIndexOf('/') + 1) : version;
}

/** By content: a wrapper that was edited, or another Python behind the same path. */
function interpreterIn({digests}: Looked, {directory, interpreter}: EnvironmentWork, {executable}: Places): Json {
  const named = interpreter ?? `${directory ?? '.venv'}/bin/python`;
  const own = digests.digestOf(named);
  const real = digests.digestOf(executable);
  return own === 'missing' || own === real ? real : createHash('sha256').update(`${own} ${real}`).digest('hex');
}
