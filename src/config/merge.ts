// Lays the layers of one experiment over each other: the last word on each parameter wins. Knows nothing of what the values mean.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Fixed, Layer, NamedShape, Searched} from './layer.ts';
import type {Taker} from './slices.ts';
import type {Experiment} from './study.ts';

export type Settings = ReadonlyMap<string, Fixed | Searched>;

/** Values of each shape by flat name; undefined for a shape that is declared but wrong. */
export type Shapes = ReadonlyMap<string, ReadonlyMap<string, Fixed> | undefined>;

/** The shape that counts: the last one that is named. Shapes are whole bundles, so two of them never mix. */
export function findShape(layers: readonly Layer[]): NamedShape | undefined {
  return layers.findLast((layer) => layer.shape !== undefined)?.shape;
}

/**
 * What one rule gets. Layers come weakest first. Within a layer what is said for the rule alone is stronger than what is said for both,
 * and a shape is weaker than the layer's own values.
 */
export function mergeFor(taker: Taker, layers: readonly Layer[], shapes: Shapes): Settings {
  const settings = new Map<string, Fixed | Searched>();
  const shape = findShape(layers);
  for (const layer of layers) {
    if (shape !== undefined && layer.shape === shape) addShape(settings, layer, shapes);
    for (const [name, value] of layer.common) settings.set(name, value);
    if (taker === 'hpo') for (const [name, value] of layer.hpo) settings.set(name, value);
    for (const [name, value] of layer.search) settings.set(name, value);
    if (taker === 'training') for (const [name, value] of layer.training) settings.set(name, value);
  }
  return settings;
}

function addShape(settings: Map<string, Fixed | Searched>, layer: Layer, shapes: Shapes): void {
  for (const [name, value] of shapes.get(layer.shape?.name ?? '') ?? []) settings.set(name, {...value, rank: layer.rank});
}

/** A layer that names a shape and searches what the shape fixes says two things at once. */
export function checkShapeOf(layer: Layer, shapes: Shapes): readonly Diagnostic[] {
  const {shape} = layer;
  const values = shape && shapes.get(shape.name);
  if (shape === undefined || values === undefined) return [];
  const both = [...layer.search].filter(([name]) => values.has(name));
  const [first] = both;
  if (first === undefined) return [];
  const names = both.map(([name]) => name).join(', ');
  const see = [{span: first[1].span, note: 'searched here'}];
  return [
    problem('FTS220', `shape "${shape.name}" fixes ${names}, which ${layer.label} searches`, {
      span: shape.span,
      see,
      help: 'Keep one of the two.',
    }),
  ];
}

/** Lists of conditions are values: the last layer that has one decides. Modules are added up. */
export function conditionsOf(layers: readonly Layer[]): Pick<Experiment, 'checks' | 'asserts' | 'code'> {
  const checks = layers.findLast((layer) => layer.checks !== undefined)?.checks ?? [];
  const asserts = layers.findLast((layer) => layer.asserts !== undefined)?.asserts ?? [];
  const code = new Map(layers.flatMap((layer) => layer.code.map((one) => [one.module, one] as const)));
  return {checks, asserts, code: [...code.values()]};
}
