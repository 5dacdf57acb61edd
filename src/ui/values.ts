// How one value became another, in words: members of objects, words of lists, else both texts from where they differ.
import {membersBetween} from '../build/changes.ts';
import type {Difference} from '../state/manifest.ts';

/** `dropout.high 0.3 -> 0.2`, `+rsi_14, -macd`, or `0.1 -> 0.2`. Both are canonical JSON. */
export function describeValues(before: string, after: string): string {
  return describeMembers(membersBetween(before, after)) ?? describeLists(before, after) ?? describeTexts(before, after);
}

/** Undefined where there are none. */
export function describeMembers(members: readonly Difference[]): string | undefined {
  if (members.length === 0) return undefined;
  return shortList(
    members.map(({name, before = 'absent', after = 'absent'}) => `${name} ${describeLists(before, after) ?? describeTexts(before, after)}`),
  );
}

export const mostShown = 8;

export function shortList(words: readonly string[]): string {
  const more = words.length - mostShown;
  return more > 0 ? `${words.slice(0, mostShown).join(', ')} and ${String(more)} more` : words.join(', ');
}

// Lists of words (features, seeds): what came and what went says more than both in full.
function describeLists(before: string, after: string): string | undefined {
  const [old, now] = [wordsIn(before), wordsIn(after)];
  if (old === undefined || now === undefined) return undefined;
  const came = now.filter((word) => !old.includes(word)).map((word) => `+${word}`);
  const went = old.filter((word) => !now.includes(word)).map((word) => `-${word}`);
  const all = [...came, ...went];
  return all.length === 0 ? 'another order' : shortList(all);
}

function wordsIn(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  const value = JSON.parse(text) as unknown;
  return Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number')
    ? value.map(String)
    : undefined;
}

const longestText = 60;
/** Characters that are shown of what two long texts begin with alike. */
const leastBefore = 12;

function describeTexts(before: string, after: string): string {
  const from = Math.max(0, commonLength(before, after) - leastBefore);
  const isLong = Math.max(before.length, after.length) > longestText;
  return `${excerpt(before, isLong ? from : 0)} -> ${excerpt(after, isLong ? from : 0)}`;
}

function commonLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

function excerpt(text: string, from: number): string {
  const end = from + longestText;
  return `${from > 0 ? '...' : ''}${text.slice(from, end)}${text.length > end ? '...' : ''}`;
}
