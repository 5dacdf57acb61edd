// The points of a phase: every combination of its matrix, the points beside it, without the excluded ones.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {findMap, findMember, itemsOf, membersOf} from './located.ts';
import type {LocatedMap, LocatedScalar} from './located.ts';

/** A value for each dimension that the matrix or an included point names. */
export interface Point {
  readonly values: ReadonlyMap<string, LocatedScalar>;
  readonly span: Span;
}

/** In all phases together: an experiment takes some 18 KB of memory. */
export const mostPoints = 20_000;

export interface Room {
  /** So many points may still come. */
  readonly room: number;
  readonly problems: Diagnostic[];
}

/** In matrix order, the first dimension varying slowest, then the included ones. A phase without either has one point. */
export function readPoints(phase: LocatedMap, keySpan: Span, {room, problems}: Room): readonly Point[] {
  const included = itemsOf(findMember(phase, 'include')).flatMap((item) => (item.kind === 'map' ? [pointAt(item)] : []));
  const matrix = findMap(phase, 'matrix');
  if (matrix === undefined) return included.length > 0 ? included : [{values: new Map(), span: keySpan}];
  const axes = membersOf(matrix).map(([name, {node}]) => ({
    name,
    values: itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [item] : [])),
  }));
  const size = axes.reduce((product, axis) => product * axis.values.length, 1);
  // An axis of which nothing is left empties the product, but only after the others were multiplied.
  if (size === 0) return included;
  if (size > room) {
    problems.push(
      problem('FTS208', `the matrix has ${size} points; at most ${mostPoints} are allowed in all phases together`, {
        span: matrix.span,
        help: 'Take values out of it, or divide it into phases.',
      }),
    );
    return included;
  }
  return [...combinations(axes).map((values) => ({values, span: matrix.span})), ...included];
}

interface Axis {
  readonly name: string;
  readonly values: readonly LocatedScalar[];
}

function combinations(axes: readonly Axis[]): readonly ReadonlyMap<string, LocatedScalar>[] {
  let points: readonly ReadonlyMap<string, LocatedScalar>[] = [new Map()];
  for (const {name, values} of axes) points = points.flatMap((point) => values.map((value) => new Map(point).set(name, value)));
  return points;
}

function pointAt(item: LocatedMap): Point {
  const values = new Map<string, LocatedScalar>();
  for (const [name, {node}] of item.members) if (node.kind === 'scalar') values.set(name, node);
  return {values, span: item.span};
}
