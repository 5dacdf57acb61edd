// Shows what of the cache goes and what stays, to a person and as JSON.
import {formatBytes, formatDuration} from '../base/units.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {kinds, sum, type Candidate, type Collection, type Kind, type Limits} from '../build/gc.ts';
import type {Paint} from './paint.ts';

export interface ShownCollection extends Collection {
  readonly limits: Limits;
  readonly nowMs: number;
  /** Studies that do not load. */
  readonly unreadable: readonly {readonly file: string; readonly profile: string | undefined; readonly problems: readonly Diagnostic[]}[];
}

export function describeCollection(collection: ShownCollection, paint: Paint): string[] {
  const {remove, stay, needed, limits, nowMs, unreadable} = collection;
  const lines = remove.map((candidate) => describe(candidate, nowMs));
  if (limits.maxBytes === undefined && limits.olderThanMs === undefined)
    lines.push(paint.dim('No limit is given: --max-size 10GB, --older-than 30d, or both.'));
  for (const {file, profile, problems} of unreadable) lines.push(paint.yellow(describeUnreadable(file, profile, problems)));
  lines.push(...kinds.flatMap((kind) => describeKind(kind, collection)));
  lines.push(`${String(remove.length)} to remove, ${formatBytes(sum(remove))}`);
  const why = unreadable.length > 0 ? 'since nobody knows who needs them' : "because today's targets need them";
  lines.push(
    `${String(stay.length)} stay within the limits, ${formatBytes(sum(stay))}; ${String(needed.length)} stay ${why}, ${formatBytes(sum(needed))}`,
  );
  return lines;
}

function describe({what, key, bytes, lastUsedMs}: Candidate, nowMs: number): string {
  const age = formatDuration(Math.max(0, nowMs - lastUsedMs));
  return `${formatBytes(bytes).padStart(9)}  ${age.padStart(8)}  ${(key ?? '').slice(0, 12).padEnd(12)}  ${what}`;
}

function describeUnreadable(file: string, profile: string | undefined, problems: readonly Diagnostic[]): string {
  const name = profile === undefined ? file : `${file} under --profile ${profile}`;
  const [first] = problems;
  return `${name} does not load (${first?.code ?? ''}: ${first?.message ?? ''}), so what it needs is not known: until it does, no result and no trial is removed`;
}

const names: Readonly<Record<Kind, string>> = {
  results: 'superseded results',
  trials: 'results of trials',
  kept: 'kept aside',
  records: 'old events and job files',
  unfinished: 'unfinished copies',
};

function describeKind(kind: Kind, {remove, stay, needed}: Collection): string[] {
  const of = (candidates: readonly Candidate[]): readonly Candidate[] => candidates.filter((candidate) => candidate.kind === kind);
  const all = of([...remove, ...stay, ...needed]);
  if (all.length === 0) return [];
  return [
    `${names[kind]}: ${formatBytes(sum(all))}, of which ${formatBytes(sum(of(remove)))} would go and ${formatBytes(sum(of(needed)))} is needed`,
  ];
}

/** As `schemas/gc.schema.json` says. */
export function plainCollection({remove, stay, needed, unreadable}: ShownCollection, removed: readonly Candidate[]): object {
  return {
    schema_version: 1,
    totals: {remove: totalOf(remove), stay: totalOf(stay), needed: totalOf(needed), removed: totalOf(removed)},
    remove: remove.map(plainCandidate),
    stay: stay.map(plainCandidate),
    needed: needed.map(plainCandidate),
    unreadable: unreadable.map(({file, profile, problems}) => ({
      file,
      profile: profile ?? null,
      problems: problems.map(({code, message}) => ({code, message})),
    })),
  };
}

function totalOf(candidates: readonly Candidate[]): object {
  return {count: candidates.length, bytes: sum(candidates)};
}

function plainCandidate({kind, path, what, key, bytes, lastUsedMs}: Candidate): object {
  return {kind, path, what, key: key ?? null, bytes, last_used: new Date(lastUsedMs).toISOString()};
}
