// The names nearest to one that does not exist. Knows nothing of what the names stand for.
import {distance} from 'fastest-levenshtein';

/** The nearest candidate, where one is near enough to be what was meant. The first one wins a tie. */
export function findNearest(text: string, candidates: Iterable<string>): string | undefined {
  return findNearestFew(text, candidates, 1)[0];
}

/** Up to `most` candidates that may have been meant, nearest first. */
export function findNearestFew(text: string, candidates: Iterable<string>, most: number): readonly string[] {
  return near(text, candidates)
    .slice(0, most)
    .map((entry) => entry.candidate);
}

/** The nearest candidates, several where they are equally near. */
export function findAllNearest(text: string, candidates: Iterable<string>): readonly string[] {
  const all = near(text, candidates);
  return all.filter(({steps}) => steps === all[0]?.steps).map(({candidate}) => candidate);
}

/** `Did you mean "x"?`, or `"x" or "y"` where both are as near; undefined where nothing is near, or too much. */
export function findMeant(text: string, candidates: Iterable<string>): string | undefined {
  const nearest = findAllNearest(text, candidates).map((candidate) => `"${candidate}"`);
  if (nearest.length === 0 || nearest.length > mostTies) return undefined;
  const last = nearest.at(-1) ?? '';
  return `Did you mean ${nearest.length === 1 ? last : `${nearest.slice(0, -1).join(', ')} or ${last}`}?`;
}

/** One sentence: `Did you mean "x"?`, or what there is to choose from. */
export function suggestion(text: string, candidates: Iterable<string>, what = 'Known'): string {
  const all = [...candidates];
  return findMeant(text, all) ?? `${what}: ${listed(all)}.`;
}

/** Names in a row; of many the first ones, and how many more there are. */
export function listed(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return `${names.slice(0, mostListed).join(', ')}${names.length > mostListed ? `, and ${names.length - mostListed} more` : ''}`;
}

const mostTies = 3;
const mostListed = 20;

interface Near {
  readonly candidate: string;
  readonly steps: number;
}

function near(text: string, candidates: Iterable<string>): readonly Near[] {
  const wanted = text.toLowerCase();
  const farthest = Math.max(1, Math.floor((text.length + 1) / 3));
  const found: Near[] = [];
  for (const candidate of candidates) {
    // A length alone that differs by more needs no measuring: candidates may be ten thousand.
    if (Math.abs(candidate.length - text.length) > farthest) continue;
    // 1 is no misspelling of 7.
    if (isNumber(text) && isNumber(candidate)) continue;
    const steps = stepsBetween(wanted, candidate.toLowerCase(), farthest);
    if (steps <= farthest) found.push({candidate, steps});
  }
  return found.sort((left, right) => left.steps - right.steps);
}

function isNumber(text: string): boolean {
  return /^-?\d+(?:\.\d+)?$/.test(text);
}

// As Levenshtein counts, but two letters in the wrong order are one step. Those are two of his, so most need no second look.
function stepsBetween(one: string, other: string, farthest: number): number {
  const usual = distance(one, other);
  if (usual < 2 || usual > 2 * farthest) return usual;
  let [before, last]: [readonly number[], readonly number[]] = [[], Array.from({length: other.length + 1}, (_, column) => column)];
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      const plain = Math.min(at(last, column) + 1, at(next, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
      next.push(isSwapped ? Math.min(plain, at(before, column - 2) + 1) : plain);
    }
    [before, last] = [last, next];
  }
  return at(last, other.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
