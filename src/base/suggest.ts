// The names nearest to one that does not exist. Knows nothing of what the names stand for.
import {distance} from 'fastest-levenshtein';

/** The nearest candidate, where one is near enough to be what was meant. The first one wins a tie. */
export function findNearest(text: string, candidates: Iterable<string>): string | undefined {
  return findNearestFew(text, candidates, 1)[0];
}

/** Up to `most` candidates that may have been meant, nearest first. */
export function findNearestFew(text: string, candidates: Iterable<string>, most: number): readonly string[] {
  const wanted = text.toLowerCase();
  const farthest = Math.max(1, Math.floor((text.length + 1) / 3));
  const near: {readonly candidate: string; readonly steps: number}[] = [];
  for (const candidate of candidates) {
    // A length alone that differs by more needs no measuring: candidates may be ten thousand.
    if (Math.abs(candidate.length - text.length) > farthest) continue;
    const steps = distance(wanted, candidate.toLowerCase());
    if (steps <= farthest) near.push({candidate, steps});
  }
  return near
    .sort((left, right) => left.steps - right.steps)
    .slice(0, most)
    .map((entry) => entry.candidate);
}

/** One sentence: `Did you mean "x"?`, or what there is to choose from. */
export function suggestion(text: string, candidates: Iterable<string>, what = 'Known'): string {
  const all = [...candidates];
  const near = findNearest(text, all);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (all.length === 0) return `${what}: none.`;
  const shown = all.slice(0, 20).join(', ');
  return `${what}: ${shown}${all.length > 20 ? `, and ${all.length - 20} more` : ''}.`;
}
