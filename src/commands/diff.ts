// `ftsbuild diff A B`: what another version of the configuration makes of the study, and what that costs. Reads only.
import {relative, resolve, sep} from 'node:path';
import {problem} from '../base/diagnostic.ts';
import {failure, success, type Result} from '../base/result.ts';
import {findNearestFew} from '../base/suggest.ts';
import {compare, readVersion} from '../build/compare.ts';
import type {Session} from '../build/session.ts';
import type {TextReader} from '../config/include.ts';
import type {Disk} from '../host/disk.ts';
import {filesAt, findCommit, listRevisions} from '../host/git-files.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {comparisonTable, describeComparison, plainComparison} from '../ui/comparison.ts';
import {refuse} from './build.ts';
import type {DiffFormat} from './diff-formats.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {findRoot, findWorkspace, type Place} from './workspace.ts';

export interface DiffOptions extends OpenOptions {
  readonly before: string;
  /** The study as it lies there, where it is left out. */
  readonly after: string | undefined;
  readonly format: DiffFormat;
  /** A difference is exit status 1, as of git diff. */
  readonly exitCode: boolean;
}

interface Source {
  readonly name: string;
  readonly place: Place;
  readonly reader: TextReader;
}

export async function diff(options: DiffOptions, terminal: Terminal): Promise<number> {
  const sources = findSources(options);
  if (!sources.ok) return refuse(sources.error, options, terminal);
  const {before, after} = sources.value;
  // A file in configs/ has a place of its own: both are looked at where the results of one lie, or every path would differ.
  const home = (options.after === undefined ? after : before).place.file;
  const [old, now] = [before, after].map((source) => openVersion(source, home, options));
  if (old === undefined || now === undefined) throw new Error('unreachable: two were opened');
  for (const [source, opened] of [
    [before, old],
    [after, now],
  ] as const) {
    if (opened.ok) continue;
    terminal.printError(`${source.name} is no valid study:`);
    return refuse(opened.error, options, terminal);
  }
  if (!old.ok || !now.ok) throw new Error('unreachable: what does not load was refused');
  const comparison = compare(await readVersion(old.value), await readVersion(now.value));
  const names = {before: before.name, after: after.name};
  if (options.format === 'json') terminal.print(JSON.stringify(plainComparison(comparison, names), null, 2));
  else {
    const lines =
      options.format === 'markdown' ? comparisonTable(comparison, names) : describeComparison(comparison, names, terminal.paint);
    for (const line of lines) terminal.print(line);
  }
  return options.exitCode && comparison.experiments.length > 0 ? exitCode.stale : exitCode.done;
}

function openVersion({place, reader}: Source, home: string, {profile}: DiffOptions): Result<Session> {
  const opened = openSession({place, reader, home, profile});
  return opened.ok ? success(opened.value.session) : opened;
}

function findSources(options: DiffOptions): Result<{readonly before: Source; readonly after: Source}> {
  const start = resolve(options.directory ?? '.');
  if (workspaceDisk(start).stat('.') === 'missing') return failure([problem('FTS002', `there is no folder ${options.directory ?? '.'}`)]);
  const before = findSource(options.before, start, options);
  if (!before.ok) return before;
  const after = options.after === undefined ? asItLies(options) : findSource(options.after, start, options);
  return after.ok ? success({before: before.value, after: after.value}) : after;
}

function asItLies(options: DiffOptions): Result<Source> {
  const place = findWorkspace(options);
  if (!place.ok) return place;
  return success({name: place.value.file, place: place.value, reader: workspaceDisk(place.value.root)});
}

// What is there as a file is a file; `REVISION:PATH` and `./PATH` say which is meant where both would do.
function findSource(text: string, start: string, options: DiffOptions): Result<Source> {
  const root = findRoot(start);
  const disk = workspaceDisk(root);
  const pathOf = (path: string): string => relative(root, resolve(start, path)).replaceAll(sep, '/');
  if (isFile(disk, pathOf(text))) return success({name: text, place: {root, file: pathOf(text)}, reader: disk});
  const [, revision = text, path] = /^([^:]+):(.+)$/.exec(text) ?? [];
  const commit = findCommit(root, revision);
  if (commit === undefined) return failure([noSuchSource(text, revision, root)]);
  const file = pathOf(path ?? options.file ?? resolve(root, 'experiments.yaml'));
  const reader = filesAt(root, commit);
  if (reader.readText(file) === undefined)
    return failure([
      problem('FTS405', `there is no file ${file} at ${revision} (${commit.slice(0, 12)})`, {help: 'name another one as REVISION:PATH'}),
    ]);
  return success({name: `${file} at ${revision}`, place: {root, file}, reader});
}

function isFile(disk: Disk, path: string): boolean {
  const stat = disk.stat(path);
  return stat !== 'missing' && stat.kind === 'file';
}

function noSuchSource(text: string, revision: string, root: string): ReturnType<typeof problem> {
  const revisions = listRevisions(root);
  const names = workspaceDisk(root).list('.');
  const files = (names === 'missing' ? [] : names).filter((name) => /\.ya?ml$/.test(name));
  const near = findNearestFew(revision, [...(revisions.length > 0 ? ['HEAD'] : []), ...revisions, ...files], 3);
  const known =
    revisions.length === 0 ? 'there is no git repository here, or it has no commit' : `there are ${revisions.slice(0, 8).join(', ')}`;
  return problem('FTS405', `"${text}" is neither a file nor a revision of git`, {
    help: near.length > 0 ? `did you mean ${near.join(', ')}?` : known,
  });
}
