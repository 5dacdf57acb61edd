// Finds where a Python string ends, f-strings of every version included. Knows nothing of what surrounds it.

/** Letters that may stand before a quote, in lower case. */
const prefixes: ReadonlySet<string> = new Set(['r', 'u', 'b', 'f', 't', 'br', 'rb', 'fr', 'rf', 'tr', 'rt']);

export function isStringPrefix(name: string): boolean {
  return name.length <= 2 && prefixes.has(name.toLowerCase());
}

/** The offset behind the closing quote of the string whose opening quote is at `quote`; undefined where it never closes. */
export function findStringEnd(source: string, quote: number, prefix: string): number | undefined {
  const letters = prefix.toLowerCase();
  if (!letters.includes('f') && !letters.includes('t')) return findPlainEnd(source, quote);
  return findTemplateEnd(source, quote, letters.includes('r'));
}

function openingAt(source: string, quote: number): string {
  const mark = source.charAt(quote);
  return source.startsWith(mark.repeat(3), quote) ? mark.repeat(3) : mark;
}

function findPlainEnd(source: string, quote: number): number | undefined {
  const opening = openingAt(source, quote);
  for (let at = quote + opening.length; at < source.length; at += 1) {
    const char = source.charAt(at);
    // In a raw string too, a backslash keeps the next quote from closing.
    if (char === '\\') at += 1;
    else if (char === '\n' && opening.length === 1) return undefined;
    else if (char === opening.charAt(0) && source.startsWith(opening, at)) return at + opening.length;
  }
  return undefined;
}

/**
 * PEP 701: text up to the closing quote, where a single brace opens a field of Python code, which may hold strings with the
 * same quotes; after a colon outside its brackets the field is text again (its format), with fields inside.
 */
function findTemplateEnd(source: string, quote: number, isRaw: boolean): number | undefined {
  const opening = openingAt(source, quote);
  return scanText(source, quote + opening.length, {opening, isRaw, isFormat: false});
}

interface TextRules {
  readonly opening: string;
  readonly isRaw: boolean;
  readonly isFormat: boolean;
}

/** Behind the closing quote; in a format, behind the brace that closes its field. */
function scanText(source: string, from: number, rules: TextRules): number | undefined {
  const {opening, isFormat} = rules;
  let at = from;
  while (at < source.length) {
    const char = source.charAt(at);
    if (char === '\\') at = behindEscape(source, at, rules.isRaw);
    else if (char === '\n' && opening.length === 1 && !isFormat) return undefined;
    else if (char === opening.charAt(0) && source.startsWith(opening, at)) return isFormat ? undefined : at + opening.length;
    else if (char === '}' && isFormat) return at + 1;
    else if (char === '{' && (isFormat || source.charAt(at + 1) !== '{')) {
      const end = scanField(source, at + 1, rules);
      if (end === undefined) return undefined;
      at = end;
    } else at += char === '{' ? 2 : 1;
  }
  return undefined;
}

function behindEscape(source: string, at: number, isRaw: boolean): number {
  const next = source.charAt(at + 1);
  if (next === '{' || next === '}') return at + 1;
  if (isRaw || !source.startsWith('N{', at + 1)) return at + 2;
  // A character by its name: its braces open no field.
  const end = source.indexOf('}', at);
  return end < 0 ? at + 2 : end + 1;
}

const wordBeforeQuote = /[A-Za-z]{1,2}$/u;

/** Behind the brace that closes the field. */
function scanField(source: string, from: number, rules: TextRules): number | undefined {
  let depth = 0;
  let at = from;
  while (at < source.length) {
    const char = source.charAt(at);
    if (char === '"' || char === "'") {
      const word = wordBeforeQuote.exec(source.slice(Math.max(from, at - 2), at))?.[0] ?? '';
      const end = findStringEnd(source, at, isStringPrefix(word) ? word : '');
      if (end === undefined) return undefined;
      at = end;
      continue;
    }
    if (char === '#') at = lineEndFrom(source, at) - 1;
    else if (char === '(' || char === '[' || char === '{') depth += 1;
    else if (depth === 0 && char === '}') return at + 1;
    else if (depth === 0 && char === ':') return scanText(source, at + 1, {...rules, isFormat: true});
    else if (char === ')' || char === ']' || char === '}') depth -= 1;
    at += 1;
  }
  return undefined;
}

function lineEndFrom(source: string, at: number): number {
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end;
}
