// What `clean` says of the results that it takes away, for people and as JSON.
import {formatBytes} from '../base/units.ts';
import type {Cleanable, Cleaned} from '../build/clean.ts';
import type {Paint} from './paint.ts';

export function describeCleanable(found: readonly Cleanable[], paint: Paint): readonly string[] {
  if (found.length === 0) return ['There is no result of these targets.'];
  const lines = found.map(({path, bytes}) => `${path}  ${paint.dim(formatBytes(bytes))}`);
  return [...lines, `${String(found.length)}, ${formatBytes(found.reduce((sum, {bytes}) => sum + bytes, 0))}`];
}

export function describeCleaned(cleaned: readonly Cleaned[]): readonly string[] {
  const elsewhere = cleaned.filter(({kept}) => !kept.movedTo.startsWith('.ftsbuild/cache/'));
  const moved = cleaned.length - elsewhere.length;
  return [
    ...(moved === 0
      ? []
      : [`${String(moved)} moved into the cache: the next build puts back what it needs, and \`ftsbuild gc\` says what may go.`]),
    ...elsewhere.map(
      ({kept: {path, movedTo, isUnknown}}) =>
        `${path} ${isUnknown === true ? 'has no record' : 'is not what its record says'}, and is kept as it is: ${movedTo}`,
    ),
  ];
}

/** As `schemas/clean.schema.json` says. */
export function plainCleaned(found: readonly Cleanable[], cleaned: readonly Cleaned[]): object {
  const movedTo = new Map(cleaned.map(({path, kept}) => [path, kept.movedTo]));
  return {
    schema_version: 1,
    results: found.map(({node, path, bytes}) => ({
      ...{target: node.outputs[0]?.path ?? node.id, rule: node.rule, label: node.label, path, bytes},
      moved_to: movedTo.get(path) ?? null,
    })),
  };
}
