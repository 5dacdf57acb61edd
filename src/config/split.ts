// How many windows a split holds, by arithmetic over the number of rows. docs/design.md, "Splits, exactly". Knows nothing of data.

export interface Split {
  readonly mode: 'scattered' | 'contiguous' | 'dates' | 'classic';
  readonly block: number;
  readonly validation: number;
  readonly test: number;
  readonly embargo: number;
  readonly minWindows: number;
}

export interface Extent {
  /** Usable rows: after the indicators' warm-up. */
  readonly rows: number;
  readonly context: number;
  readonly horizon: number;
}

export interface WindowCounts {
  /** Undefined where it depends on how the blocks are scattered. */
  readonly train?: number;
  readonly val: number;
  readonly test: number;
  /** Blocks in all; in mode contiguous the two evaluation blocks. */
  readonly blocks: number;
}

/** Undefined in mode dates: there the counts depend on the data. */
export function countWindows(split: Split, {rows, context, horizon}: Extent): WindowCounts | undefined {
  const windowsIn = (length: number): number => Math.max(0, length - context - horizon + 1);
  switch (split.mode) {
    case 'dates':
      return undefined;
    case 'contiguous': {
      const test = Math.floor(split.test * rows);
      const val = Math.floor(split.validation * rows);
      return {train: windowsIn(rows - test - val), val: windowsIn(val), test: windowsIn(test), blocks: 2};
    }
    case 'classic':
    case 'scattered': {
      const length = split.mode === 'classic' ? context + horizon : split.block;
      const blocks = Math.floor(rows / length);
      const each = windowsIn(length);
      return {val: Math.floor(split.validation * blocks) * each, test: Math.floor(split.test * blocks) * each, blocks};
    }
  }
}

/** What is wrong with a split whatever the data; undefined where it may work. */
export function findSplitProblem(split: Split, {context, horizon}: Omit<Extent, 'rows'>): string | undefined {
  if (split.mode !== 'dates' && split.validation + split.test >= 1) {
    return `validation ${split.validation} and test ${split.test} leave nothing to train on`;
  }
  const least = context + horizon;
  if (split.mode !== 'scattered' || split.block >= least) return undefined;
  return `a block of ${split.block} rows holds no window: context ${context} and horizon ${horizon} need ${least} rows`;
}

/** A sentence with numbers where the split holds fewer windows than its minimum; undefined where it holds enough, or nobody can know. */
export function splitProblem(split: Split, extent: Extent): string | undefined {
  const counts = countWindows(split, extent);
  if (counts === undefined) return undefined;
  const {rows, context, horizon} = extent;
  const held = `${counts.val} validation and ${counts.test} test windows`;
  const basis = `${rows} rows (context ${context}, horizon ${horizon}, mode ${split.mode}${split.mode === 'scattered' ? `, block ${split.block}` : ''})`;
  if (Math.min(counts.val, counts.test) < split.minWindows) return `${basis} hold ${held}; at least ${split.minWindows} of each are wanted`;
  return counts.train === 0 ? `${basis} leave no window to train on` : undefined;
}
