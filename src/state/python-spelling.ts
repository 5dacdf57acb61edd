// Spells the tokens of a logical line in one way where Python knows several for the same: quotes of strings, and commas before a closing bracket.
// Knows a few sure cases; everything doubtful stays as it is written, for an edit that is missed would be a wrong result.
import {isString} from './python-tokens.ts';

/** Equal results mean equal syntax trees. The brackets of the line must be whole. */
export function spellAlike(line: readonly string[]): readonly string[] {
  return withoutIdleCommas(line.map((token) => (isString(token) ? spellString(token) : token)));
}

/** Prefix, quotes, content. */
const stringParts = /^([A-Za-z]{0,2})("""|'''|"|')([\s\S]*)\2$/u;

// The tree knows a small `u` before a string, so it stays.
function spellString(token: string): string {
  const [, prefix = '', , content = ''] = stringParts.exec(token) ?? [];
  const letters = prefix.toLowerCase();
  if (letters.includes('u')) return token;
  const isRaw = letters.includes('r');
  if (/[ft]/u.test(letters)) return spellTemplate(token, letters, content);
  // Without a backslash a raw string is as good as any other; in a raw one the backslash before a quote is part of the text.
  const needsRaw = isRaw && content.includes('\\');
  return `${needsRaw ? 'r' : ''}${letters.replace('r', '')}"${isRaw ? content : withBareQuotes(content)}"`;
}

/** A template of which all braces and escapes are sure: text, escapes, doubled braces, and fields without strings or escapes, two deep. */
const plainTemplate = /^(?:[^{}\\]|\\N\{[^{}]*\}|\\[^N{}]|\{\{|\}\}|\{[^{}"'\\]*(?:\{[^{}"'\\]*\}[^{}"'\\]*)*\})*$/u;

function spellTemplate(token: string, letters: string, content: string): string {
  const needsRaw = letters.includes('r') && content.includes('\\');
  const head = `${needsRaw ? 'r' : ''}${letters.replace('r', '')}"`;
  if (!/["']/u.test(content)) return `${head}${content}"`;
  // A quote within a field may begin a string, and in a raw text its backslash is part of the text.
  return plainTemplate.test(content) && !letters.includes('r') ? `${head}${withBareQuotes(content)}"` : token;
}

// Pairs of a backslash and what follows it, so that `\\'` is read as `\\` and `'`.
function withBareQuotes(content: string): string {
  return content.replace(/\\([\s\S])/gu, (pair, char: string) => (char === '"' || char === "'" ? char : pair));
}

interface Bracket {
  /** `tuple`: what it holds is a tuple for its commas alone, as in a pair of parentheses or a subscript. */
  readonly holds: 'items' | 'tuple';
  commas: number;
  /** The commas between its parameters look as if they were the bracket's own. */
  hasLambda: boolean;
}

function withoutIdleCommas(line: readonly string[]): readonly string[] {
  const kept: string[] = [];
  const open: Bracket[] = [];
  for (const token of line) {
    const inner = open.at(-1);
    if (isOpening(token)) open.push({holds: holdingOf(token, kept.at(-1)), commas: 0, hasLambda: false});
    else if (isClosing(token)) {
      open.pop();
      if (inner !== undefined && isIdle(inner, kept)) kept.pop();
    } else if (inner !== undefined) {
      if (token === ',') inner.commas += 1;
      if (token === 'lambda') inner.hasLambda = true;
    }
    kept.push(token);
  }
  return kept;
}

/** Whether the last token is a comma that says nothing: not that of `(a,)` or `x[a,]`. */
function isIdle({holds, commas, hasLambda}: Bracket, kept: readonly string[]): boolean {
  const [item, comma] = kept.slice(-2);
  if (comma !== ',' || item === undefined || isOpening(item) || item === ',') return false;
  return holds === 'items' || (commas > 1 && !hasLambda);
}

// A call, a definition's parameters, a display of a set, dictionary or list hold items; the rest may be a tuple.
function holdingOf(bracket: string, before: string | undefined): Bracket['holds'] {
  if (bracket === '{') return 'items';
  const followsValue =
    before !== undefined && (isClosing(before) || isString(before) || (/^[\p{L}_]/u.test(before) && !keywords.has(before)));
  if (bracket === '(') return followsValue || before === 'import' ? 'items' : 'tuple';
  return followsValue || softKeywords.has(before ?? '') ? 'tuple' : 'items';
}

function isOpening(token: string): boolean {
  return token === '(' || token === '[' || token === '{';
}

function isClosing(token: string): boolean {
  return token === ')' || token === ']' || token === '}';
}

/** They may also be names: what stands behind them is taken for what loses least. */
const softKeywords: ReadonlySet<string> = new Set(['match', 'case']);
const keywords: ReadonlySet<string> = new Set([
  ...softKeywords,
  ...['and', 'as', 'assert', 'async', 'await', 'break', 'class', 'continue', 'def', 'del', 'elif', 'else', 'except', 'finally', 'for'],
  ...[
    'from',
    'global',
    'if',
    'import',
    'in',
    'is',
    'lambda',
    'nonlocal',
    'not',
    'or',
    'pass',
    'raise',
    'return',
    'try',
    'while',
    'with',
    'yield',
  ],
]);
