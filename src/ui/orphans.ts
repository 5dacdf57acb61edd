// What is said of results and scripts whose experiments the study no longer has, for people and as JSON.
import {formatBytes} from '../base/units.ts';
import type {Orphan} from '../build/orphans.ts';
import type {Kept} from '../state/kept.ts';
import type {Paint} from './paint.ts';

type Collected = Orphan & {readonly kept: Kept};

export function describeOrphans(found: readonly Orphan[], paint: Paint): readonly string[] {
  if (found.length === 0) return ['Everything on record belongs to an experiment of the study.'];
  const lines = found.map(({rule, path, bytes}) => `${rule.padEnd(9)} ${path}  ${paint.dim(formatBytes(bytes))}`);
  return [...lines, `${String(found.length)}, ${formatBytes(sumOf(found))}`];
}

/** A line of `status`; none where there is nothing to say. */
export function describeOrphanCount(found: readonly Orphan[] | undefined): readonly string[] {
  if (found === undefined || found.length === 0) return [];
  const what = found.length === 1 ? '1 result or script is' : `${String(found.length)} results and scripts are`;
  return [
    `${what} of experiments that the study no longer has, ${formatBytes(sumOf(found))}: \`ftsbuild list --orphans\` names them, \`ftsbuild gc --orphans\` moves them into the cache`,
  ];
}

export function describeCollected(collected: readonly Collected[]): readonly string[] {
  const aside = collected.filter(({kept}) => !kept.movedTo.startsWith('.ftsbuild/cache/'));
  const moved = collected.length - aside.length;
  return [
    ...(moved === 0
      ? []
      : [`${String(moved)} moved into the cache: a build that needs one puts it back, and \`ftsbuild gc\` says what may go`]),
    ...aside.map(
      ({kept: {path, movedTo, isUnknown}}) =>
        `${path} ${isUnknown === true ? 'has no record' : 'is not what its record says'}, and is kept as it is: ${movedTo}`,
    ),
  ];
}

export function unknownOrphans(files: readonly string[]): string {
  return `what belongs to nobody is not known while ${[...new Set(files)].join(', ')} does not load: \`ftsbuild check -f FILE\` says why`;
}

/** As `schemas/list.schema.json` and `schemas/gc.schema.json` say. */
export function plainOrphans(found: readonly Orphan[], collected: readonly Collected[]): object {
  const movedTo = new Map(collected.map(({id, kept}) => [id, kept.movedTo]));
  return found.map(({id, rule, path, bytes, lastTrace}) => ({
    ...{target: id, rule, path, bytes, key: lastTrace?.key ?? null},
    moved_to: movedTo.get(id) ?? null,
  }));
}

/** As `schemas/status.schema.json` says: null where it is not known. */
export function plainOrphanCount(found: readonly Orphan[] | undefined): object | null {
  return found === undefined ? null : {count: found.length, bytes: sumOf(found)};
}

function sumOf(found: readonly Orphan[]): number {
  return found.reduce((sum, {bytes}) => sum + bytes, 0);
}
