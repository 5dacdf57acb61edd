// Counts a model's parameters by formula and keeps the architectures of a grid that fit a budget. Pure arithmetic.
import type {ArchitectureName} from './slices.ts';

export interface ModelInput {
  /** Number of columns. */
  readonly features: number;
  readonly context: number;
  readonly patchLength: number;
  readonly patchStride: number;
}

export interface ModelShape {
  readonly dModel: number;
  readonly nLayers: number;
  readonly ffRatio: number;
}

export interface Architecture extends ModelShape {
  readonly nHeads: number;
}

export interface Allowance {
  readonly params: number;
  readonly tolerance: number;
}

export type Grid = Readonly<Record<ArchitectureName, readonly number[]>>;

export interface Fitting {
  /** In grid order: width, then layers, heads, ratio. */
  readonly architectures: readonly Architecture[];
  /** Distinct shapes among them: heads make no difference to the count. */
  readonly shapes: number;
  /** The count in the whole grid that is nearest to the budget; undefined for a grid of which nothing can be built. */
  readonly nearest: number | undefined;
}

// Rows of the learned position table beyond the number of patches; the published counts have them.
const sparePositions = 10;

/** Parameters of the channel-mixing PatchTST: patch embedding, positions, pre-norm encoder, final norm, flattened linear head. */
export function parameterCount({features, context, patchLength, patchStride, dModel, nLayers, ffRatio}: ModelInput & ModelShape): number {
  const patches = Math.floor((context - patchLength) / patchStride) + 1;
  const width = ffRatio * dModel;
  const embedding = (patchLength * features + 1) * dModel + (patches + sparePositions) * dModel;
  const layer = 4 * dModel * dModel + 8 * dModel + 2 * dModel * width + width + dModel;
  return embedding + nLayers * layer + 2 * dModel + patches * dModel + 1;
}

export function isWithin(count: number, {params, tolerance}: Allowance): boolean {
  return Math.abs(count - params) <= tolerance * params;
}

export function architecturesWithin(grid: Grid, input: ModelInput, allowance: Allowance): Fitting {
  const architectures: Architecture[] = [];
  let shapes = 0;
  let nearest: number | undefined;
  for (const dModel of grid.d_model) {
    const heads = grid.n_heads.filter((count) => dModel % count === 0);
    for (const nLayers of heads.length === 0 ? [] : grid.n_layers) {
      const fitting = grid.ff_ratio.filter((ffRatio) => {
        const count = parameterCount({...input, dModel, nLayers, ffRatio});
        if (nearest === undefined || Math.abs(count - allowance.params) < Math.abs(nearest - allowance.params)) nearest = count;
        return isWithin(count, allowance);
      });
      shapes += fitting.length;
      for (const nHeads of heads) for (const ffRatio of fitting) architectures.push({dModel, nLayers, nHeads, ffRatio});
    }
  }
  return {architectures, shapes, nearest};
}
