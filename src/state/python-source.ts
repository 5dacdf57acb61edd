// What a piece of Python means, as digests: of the whole, and of each function and class. Knows nothing of files or imports.
import {createHash} from 'node:crypto';
import {type Digest, digest} from '../base/ids.ts';
import {spellAlike} from './python-spelling.ts';
import {dedent, indent, isString, newline, tokensOf} from './python-tokens.ts';

export interface Meaning {
  /** The same for sources that differ only in comments, docstrings, blank lines, white space, line joining, quotes and idle commas. */
  readonly digest: Digest;
  /**
   * Digests of what stands at the top of the module: functions and classes by name, methods and inner classes as
   * `Class.method` (of those the class's own digest knows nothing), everything else together as `<module>`.
   * Moving a function leaves all parts alone and changes the whole.
   */
  readonly parts: ReadonlyMap<string, Digest>;
}

export const moduleRest = '<module>';

export function meaningOf(source: Uint8Array | string): Meaning {
  const text = typeof source === 'string' ? source : findText(source);
  const tokens = text === undefined ? undefined : tokensOf(text.replace(/^\ufeff/u, '').replace(/\r\n?/gu, '\n'));
  // What is no Python counts by its bytes.
  if (tokens === undefined || hasForeignEncoding(text ?? '')) return wholly(sha256(source));
  const parts = new Parts();
  const kept = keepMeaning(tokens, parts);
  return {digest: sha256(kept.join('\0')), parts: parts.digests()};
}

function wholly(all: Digest): Meaning {
  return {digest: all, parts: new Map([[moduleRest, all]])};
}

function findText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const encodingComment = /^(?:[ \t\f]*(?:#.*)?\n)?[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/u;

/** PEP 263: one comment that does count, unless it names the usual encoding. */
function hasForeignEncoding(text: string): boolean {
  const name = encodingComment.exec(text)?.[1];
  return name !== undefined && !/^(?:utf[-_]?8(?:-sig)?|u?s?-?ascii)$/iu.test(name);
}

function sha256(content: Uint8Array | string): Digest {
  return digest(createHash('sha256').update(content).digest('hex'));
}

/** A block of lines, and to which part they belong. */
interface Block {
  readonly part: string;
  /** What a definition in it is: a part of its own in a module or class at the top, else nothing special. */
  readonly kind: 'module' | 'class' | 'inner';
}

/** The tokens without docstrings, one logical line after the other. */
function keepMeaning(tokens: readonly string[], parts: Parts): readonly string[] {
  const kept: string[] = [];
  const blocks: Block[] = [{part: moduleRest, kind: 'module'}];
  let opened: Block = {part: moduleRest, kind: 'inner'};
  let mayBeDocstring = true;
  const keep = (part: string, line: readonly string[]): void => {
    const some = spellAlike(line);
    for (const token of some) kept.push(token);
    parts.add(part, some);
  };
  for (let at = 0; at < tokens.length;) {
    const block = blocks.at(-1) ?? opened;
    if (tokens[at] === indent) {
      blocks.push(opened);
      keep(opened.part, [indent]);
      at += 1;
    } else if (tokens[at] === dedent) {
      blocks.pop();
      keep(block.part, [dedent]);
      at += 1;
    } else {
      const end = tokens.indexOf(newline, at) + 1;
      const line = tokens.slice(at, end);
      opened = blockOpenedBy(line, {block, tokens, end});
      keep(opened.part, withoutDocstring(line, mayBeDocstring));
      mayBeDocstring = isDefinition(line) && tokens[end] === indent;
      at = end;
    }
  }
  return kept;
}

/** The block that the line may open, in whose part the line itself is; of a decorator, what the definition below it opens. */
function blockOpenedBy(line: readonly string[], {block, tokens, end}: {block: Block; tokens: readonly string[]; end: number}): Block {
  if (block.kind === 'inner') return block;
  const definition = line[0] === '@' ? definitionBelow(tokens, end) : line;
  const name = findDefinedName(definition);
  if (name === undefined) return {part: block.part, kind: 'inner'};
  const part = block.kind === 'module' ? name : `${block.part}.${name}`;
  return {part, kind: definition[0] === 'class' ? 'class' : 'inner'};
}

function definitionBelow(tokens: readonly string[], from: number): readonly string[] {
  let at = from;
  while (tokens[at] === '@') at = tokens.indexOf(newline, at) + 1;
  return tokens.slice(at, at + 3);
}

function isDefinition(line: readonly string[]): boolean {
  return findDefinedName(line) !== undefined;
}

function findDefinedName([first, second, third]: readonly string[]): string | undefined {
  if (first === 'def' || first === 'class') return second;
  return first === 'async' && second === 'def' ? third : undefined;
}

function withoutDocstring(line: readonly string[], mayBeDocstring: boolean): readonly string[] {
  if (mayBeDocstring) {
    const end = docstringEnd(line, 0);
    // The line is gone as a whole unless a statement follows on it.
    if (end > 0) return line[end] === ';' && line[end + 1] !== newline ? line.slice(end + 1) : [];
  }
  if (!isDefinition(line)) return line;
  const body = headerLength(line);
  const end = docstringEnd(line, body);
  return end === body ? line : [...line.slice(0, body), ...line.slice(line[end] === ';' ? end + 1 : end)];
}

/** Behind the strings at `from` where they are a whole statement; `from` where there is none. */
function docstringEnd(line: readonly string[], from: number): number {
  let at = from;
  while (isPlainString(line[at])) at += 1;
  return line[at] === newline || line[at] === ';' ? at : from;
}

function isPlainString(token: string | undefined): boolean {
  return token !== undefined && isString(token) && /^[rRuU]?["']/u.test(token);
}

/** Up to and with the colon that ends a definition's header: not one in brackets, nor that of a lambda. */
function headerLength(line: readonly string[]): number {
  let depth = 0;
  let lambdas = 0;
  for (const [at, token] of line.entries()) {
    if (token === '(' || token === '[' || token === '{') depth += 1;
    else if (token === ')' || token === ']' || token === '}') depth -= 1;
    else if (depth === 0 && token === 'lambda') lambdas += 1;
    else if (depth === 0 && token === ':' && lambdas > 0) lambdas -= 1;
    else if (depth === 0 && token === ':') return at + 1;
  }
  return line.length;
}

class Parts {
  readonly #tokens = new Map<string, string[]>();

  /** A name that is defined twice (overloads, setters) is one part with all its definitions. */
  add(part: string, tokens: readonly string[]): void {
    const list = this.#tokens.get(part) ?? [];
    for (const token of tokens) list.push(token);
    this.#tokens.set(part, list);
  }

  digests(): ReadonlyMap<string, Digest> {
    return new Map([...this.#tokens].map(([part, tokens]) => [part, sha256(tokens.join('\0'))]));
  }
}
