// Says for every point of a phase which budget, task, horizon, tier and dataset it has, and what its dimensions are.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {dimensionText, matchesAny} from './filter.ts';
import type {Universe} from './filter.ts';
import {findShape} from './merge.ts';
import {layerOf, ranks} from './layer.ts';
import type {Layer} from './layer.ts';
import type {LocatedScalar} from './located.ts';
import type {Point} from './matrix.ts';
import {identityOfPoint} from './phase.ts';
import type {Identity, PhaseText} from './phase.ts';
import {checkReference, isReferable} from './sections.ts';
import type {Sections} from './sections.ts';
import {identityNames} from './slices.ts';
import type {IdentityName} from './slices.ts';

export interface PlacedPoint {
  readonly point: Point;
  readonly layer: Layer;
  readonly identity: Identity;
  /** Matrix dimensions first, as text. */
  readonly dims: ReadonlyMap<string, string>;
}

export interface PointContext {
  readonly phase: PhaseText;
  readonly defaults: {readonly identity: Identity; readonly layer: Layer};
  readonly sections: Sections;
  readonly problems: Diagnostic[];
}

/** Points with a part that is missing are left out; what is missing is among the problems. */
export function placePoints(context: PointContext): readonly PlacedPoint[] {
  // Filters and rules would miss what a wrong name was meant to be.
  if (!checkReferences(context)) return [];
  return context.phase.points.flatMap((point) => placePoint(point, context) ?? []);
}

/** Each value is checked once, however many points have it; false where one stands for nothing. */
export function checkReferences({phase, defaults, sections, problems}: PointContext): boolean {
  const before = problems.length;
  const seen = new Set<LocatedScalar>();
  for (const values of [defaults.identity, phase.identity, ...phase.points.map((point) => point.values)]) {
    for (const [name, value] of values) {
      if (!isReferable(name) || seen.has(value)) continue;
      seen.add(value);
      problems.push(...checkReference(name, value, sections));
    }
  }
  return problems.length === before;
}

function placePoint(point: Point, context: PointContext): PlacedPoint | undefined {
  const {phase, defaults, sections, problems} = context;
  const identity = new Map([...defaults.identity, ...phase.identity, ...identityOfPoint(point)]);
  const layer = layerOf(point.values, {label: 'point', rank: ranks.point});
  const dims = new Map<string, string>();
  for (const [name, value] of point.values) dims.set(name, dimensionText(value));
  dims.set('phase', phase.name);
  for (const name of identityNames) {
    const value = identity.get(name);
    const text = value === undefined ? findUsual(name, sections) : dimensionText(value);
    if (text === undefined) {
      if (sections.written.get('data') !== undefined) problems.push(lacking(name, phase));
      return undefined;
    }
    dims.set(name, text);
  }
  dims.set('timescale', sections.datasets.get(dims.get('data') ?? '')?.timescale ?? 'daily');
  const shape = findShape([defaults.layer, phase.layer, layer]);
  if (shape !== undefined) dims.set('shape', shape.name);
  return {point, layer, identity, dims};
}

// A study of one dataset need not name it, and the next bar is the plain meaning of a prediction.
function findUsual(name: IdentityName, {written}: Sections): string | undefined {
  if (name === 'horizon') return '1';
  const names = name === 'data' ? [...(written.get('data') ?? [])] : [];
  return names.length === 1 ? names[0] : undefined;
}

function lacking(name: IdentityName, phase: PhaseText): Diagnostic {
  const help = `Add "${name}" to its matrix, to the phase or to defaults.`;
  return problem('FTS211', `the experiments of phase "${phase.name}" have no ${name}`, {span: phase.span, help});
}

export function universeOf(points: readonly PlacedPoint[]): Universe {
  const universe = new Map<string, Set<string>>();
  for (const {dims} of points) {
    for (const [name, text] of dims) {
      const known = universe.get(name);
      if (known === undefined) universe.set(name, new Set([text]));
      else known.add(text);
    }
  }
  return universe;
}

export function withoutExcluded(points: readonly PlacedPoint[], phase: PhaseText): readonly PlacedPoint[] {
  return phase.exclude.length === 0 ? points : points.filter(({dims}) => !matchesAny(phase.exclude, dims));
}
