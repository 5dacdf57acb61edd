// How much each source of a borrowed experiment counts, from the percentages of their tasks. Pure arithmetic.
import type {BorrowMethod} from './study.ts';

interface Positioned {
  readonly task: {readonly pct: number};
}

export interface Weighed<T> {
  readonly draft: T;
  readonly weight: number;
}

/** Sources with a share above 0, in their order; a sentence where the method cannot be applied to them. */
export function weigh<T extends Positioned>(
  target: Positioned,
  sources: readonly T[],
  rule: {readonly method: BorrowMethod},
): readonly Weighed<T>[] | string {
  const [first] = sources;
  if (first === undefined) return 'there is no source';
  switch (rule.method) {
    case 'copy':
      return sources.length === 1 ? [{draft: first, weight: 1}] : `copy takes exactly one source, found ${sources.length}`;
    case 'mean':
      return sources.map((draft) => ({draft, weight: 1 / sources.length}));
    case 'nearest':
      return [{draft: nearestOf(target, sources, first), weight: 1}];
    case 'interpolate':
      return interpolate(target, sources);
  }
}

// Only a strictly smaller distance displaces an earlier source: the first one wins a tie.
function nearestOf<T extends Positioned>(target: Positioned, sources: readonly T[], first: T): T {
  return sources.reduce((best, source) => (distanceBetween(target, source) < distanceBetween(target, best) ? source : best), first);
}

/** In percentage points. */
export function distanceBetween(target: Positioned, source: Positioned): number {
  return rounded(Math.abs(source.task.pct - target.task.pct));
}

function interpolate<T extends Positioned>(target: Positioned, sources: readonly T[]): readonly Weighed<T>[] | string {
  const [left, right] = sources;
  if (left === undefined || right === undefined || sources.length > 2)
    return `interpolate takes exactly two sources, found ${sources.length}`;
  const [from, to, at] = [left.task.pct, right.task.pct, target.task.pct];
  if (from === to) return `both sources have ${from} %, so there is nothing between them`;
  const share = rounded((at - from) / (to - from));
  if (share < 0 || share > 1) return `its ${at} % is not between ${from} % and ${to} %; extrapolation is refused`;
  return [
    {draft: left, weight: rounded(1 - share)},
    {draft: right, weight: share},
  ].filter(({weight}) => weight > 0);
}

// 0.2 % between 0.1 and 0.3 % is a tie, whatever floating point makes of it.
function rounded(value: number): number {
  return Number(value.toFixed(12));
}
