// Reads YAML into a tree with positions. Knows nothing of what the text means.
import {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument} from 'yaml';
import type {Alias, Document, Node, Pair, Scalar, YAMLMap, YAMLSeq} from 'yaml';

import {problem, startOf} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {failure, success} from '../base/result.ts';
import type {Result} from '../base/result.ts';
import {suggestion} from '../base/suggest.ts';
import {findExcess} from './bounds.ts';
import {explainComplaint} from './complaint.ts';
import type {ParserComplaint} from './complaint.ts';
import {findEscaped, findForeign} from './characters.ts';
import type {Located, LocatedMap, Member} from './located.ts';
import {findChangedNumber} from './names.ts';

const deepest = 50;
// Counts every value once per place it is used at, so that nested aliases cannot blow a small file up.
const mostValues = 200_000;

export function parseYaml(text: string, file: string): Result<Located> {
  const excess = findExcess(text);
  if (excess !== undefined)
    return failure([
      problem('FTS105', `${file} ${excess}`, {
        span: startOf(file),
        help: 'Write what repeats as a matrix, or split the file with include.',
      }),
    ]);
  const foreign = findForeign(text);
  if (foreign !== undefined) {
    const before = text.slice(0, foreign.offset).split('\n');
    const span = {file, offset: foreign.offset, length: 1, line: before.length, column: (before.at(-1) ?? '').length + 1};
    return failure([problem('FTS101', foreign.message, {span, help: foreign.help})]);
  }
  const lines = new LineCounter();
  const spanAt = (offset: number, end: number): Span => {
    const {line, col} = lines.linePos(offset);
    return {file, offset, length: Math.max(0, end - offset), line, column: col};
  };
  const document = readDocument(text, lines);
  if (document === 'too deep') return failure([tooNested(file)]);
  const [first, ...more] = [...document.errors, ...document.warnings];
  if (first) return failure([notYaml({text, complaints: [first, ...more], file}, spanAt)]);
  if (document.contents === null)
    return failure([problem('FTS101', `${file} is empty`, {span: spanAt(0, 0), help: 'A study begins with `version: 1`.'})]);
  return locate(document.contents, new Walk(text, spanAt));
}

/** As much as can be read of a text that is being written, broken or not; undefined where that is nothing, or the text is too large. */
export function parseReadable(text: string, file: string): Located | undefined {
  const parsed = parseYaml(text, file);
  if (parsed.ok) return parsed.value;
  if (parsed.error.some(({code}) => code === 'FTS105')) return undefined;
  const document = readDocument(text, new LineCounter());
  if (document === 'too deep' || document.contents === null) return undefined;
  return new Walk(text, () => startOf(file)).value(document.contents, 0);
}

type SpanAt = (offset: number, end: number) => Span;

interface Broken {
  readonly text: string;
  readonly file: string;
  readonly complaints: readonly [ParserComplaint, ...ParserComplaint[]];
}

function notYaml({text, complaints, file}: Broken, spanAt: SpanAt): Diagnostic {
  // The parser descends as deep as the text is nested.
  if (complaints[0].message.includes('call stack')) return tooNested(file);
  const {message, help, from, to} = explainComplaint(text, complaints);
  return problem('FTS101', `not valid YAML: ${message}`, {span: spanAt(from, to), help});
}

function tooNested(file: string): Diagnostic {
  return problem('FTS105', `${file} is nested too deeply`, {span: startOf(file), help: flatter});
}

const flatter = 'Write it flatter, as a matrix, or split the file with include.';

function readDocument(text: string, lines: LineCounter): Document.Parsed | 'too deep' {
  try {
    return parseDocument(text, {lineCounter: lines, merge: true, uniqueKeys: false, prettyErrors: false});
  } catch (error) {
    if (error instanceof RangeError) return 'too deep';
    throw error;
  }
}

function locate(contents: Node, walk: Walk): Result<Located> {
  const located = walk.value(contents, 0);
  return walk.problems.length > 0 || located === undefined ? failure(walk.problems) : success(located);
}

// `{a}` has a key and no node for its value.
function nothingAt(span: Span): Located {
  return {
    kind: 'scalar',
    value: null,
    text: '',
    span: {...span, offset: span.offset + span.length, length: 0, column: span.column + span.length},
  };
}

function addMissing(members: Map<string, Member>, source: LocatedMap): void {
  for (const [name, member] of source.members) if (!members.has(name)) members.set(name, member);
}

/** One walk over a document; collects what is wrong with it. */
class Walk {
  readonly problems: Diagnostic[] = [];
  readonly #text: string;
  readonly #spanAt: (offset: number, end: number) => Span;
  readonly #anchored = new Map<string, Node>();
  #values = 0;

  constructor(text: string, spanAt: (offset: number, end: number) => Span) {
    this.#text = text;
    this.#spanAt = spanAt;
  }

  value(node: Node | null, depth: number): Located | undefined {
    this.#values += 1;
    if (this.#values > mostValues) {
      this.#refuse('FTS105', node, 'too many values; aliases count wherever they are used', flatter);
      return undefined;
    }
    if (depth > deepest) {
      this.#refuse('FTS105', node, `nested more than ${deepest} deep`, flatter);
      return undefined;
    }
    if (isAlias(node)) return this.#alias(node, depth);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor !== undefined) this.#anchored.set(node.anchor, node);
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return this.#list(node, depth);
    return isScalar(node) ? this.#scalar(node) : undefined;
  }

  #alias(node: Alias, depth: number): Located | undefined {
    const target = this.#anchored.get(node.source);
    if (target === undefined) {
      this.#refuse(
        'FTS101',
        node,
        `not valid YAML: nothing is anchored as "${node.source}" before this place`,
        `${suggestion(node.source, this.#anchored.keys(), 'Anchors')} A value gets one by &${node.source} before it.`,
      );
      return undefined;
    }
    return this.value(target, depth + 1);
  }

  #list(node: YAMLSeq, depth: number): Located {
    const items = node.items.flatMap((item) => this.value(item as Node | null, depth + 1) ?? []);
    return {kind: 'list', items, span: this.#spanOf(node)};
  }

  #scalar(node: Scalar): Located | undefined {
    const {value} = node;
    const span = this.#spanOf(node);
    if (typeof value === 'number' && !Number.isFinite(value)) {
      this.#refuse('FTS101', node, 'not a finite number', 'Write an ordinary number, or a text in quotes.');
      return undefined;
    }
    if (value === null || typeof value === 'boolean' || typeof value === 'number')
      return {kind: 'scalar', value, text: node.source ?? String(value), span};
    if (typeof value === 'string') {
      this.#refuseEscaped(node, value);
      return {kind: 'scalar', value, text: value, span};
    }
    this.#refuse('FTS101', node, 'a kind of value that has no place here', 'Write a text, a number, true, false or null.');
    return undefined;
  }

  #map(node: YAMLMap, depth: number): LocatedMap {
    const members = new Map<string, Member>();
    const merged: Member[] = [];
    for (const pair of node.items) {
      const key = this.#key(pair);
      if (key === undefined) continue;
      const value = pair.value === null ? nothingAt(key.span) : this.value(pair.value as Node, depth + 1);
      if (value === undefined) continue;
      if (key.isMerge) this.#addMerge(merged, {keySpan: key.span, node: value});
      else this.#add(members, key, value);
    }
    this.#merge(members, merged);
    return {kind: 'map', members, span: this.#spanOf(node)};
  }

  #key(pair: Pair): {readonly name: string; readonly isMerge: boolean; readonly span: Span} | undefined {
    const {key} = pair;
    if (!isScalar(key)) {
      this.#refuse('FTS106', key as Node | null, 'a key must be a plain text', 'Write a plain text before the colon.');
      return undefined;
    }
    const span = this.#spanOf(key);
    if (typeof key.value === 'symbol') return {name: '<<', isMerge: true, span};
    const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
    const changed = typeof key.value === 'number' ? findChangedNumber(key.value, name) : undefined;
    if (changed !== undefined) {
      this.problems.push(problem('FTS118', changed.message, {span, help: changed.help}));
      return undefined;
    }
    if (name === '__proto__') {
      this.#refuse('FTS106', key, '"__proto__" cannot be a key', 'Choose another name.');
      return undefined;
    }
    this.#refuseEscaped(key, name);
    return {name, isMerge: false, span};
  }

  #add(members: Map<string, Member>, key: {readonly name: string; readonly span: Span}, node: Located): void {
    const first = members.get(key.name);
    if (first === undefined) members.set(key.name, {keySpan: key.span, node});
    else
      this.problems.push(
        problem('FTS102', `"${key.name}" is written twice in one mapping`, {
          span: key.span,
          see: [{span: first.keySpan, note: 'first here'}],
          help: 'Keep one of the two.',
        }),
      );
  }

  // Which of two would win is not agreed: the first here, the last in PyYAML; other readers refuse it.
  #addMerge(merged: Member[], member: Member): void {
    const [first] = merged;
    if (first === undefined) merged.push(member);
    else
      this.problems.push(
        problem('FTS102', '"<<" is written twice in one mapping', {
          span: member.keySpan,
          see: [{span: first.keySpan, note: 'first here'}],
          help: 'Write one list, `<<: [*first, *second]`; where both have a key the first wins.',
        }),
      );
  }

  // A mapping's own keys come before merged ones; of several merged mappings the first one wins, as YAML defines it.
  #merge(members: Map<string, Member>, merged: readonly Member[]): void {
    for (const {keySpan, node} of merged) {
      for (const source of node.kind === 'list' ? node.items : [node]) {
        if (source.kind === 'map') addMissing(members, source);
        else this.problems.push(problem('FTS106', '"<<" merges mappings only', {span: keySpan, help: 'Give it the alias of a mapping.'}));
      }
    }
  }

  #refuseEscaped(node: Node, text: string): void {
    const escaped = findEscaped(text);
    if (escaped !== undefined) this.#refuse('FTS101', node, `a text may not hold the control character ${escaped}`, 'Remove it.');
  }

  #refuse(...[code, node, message, help]: [code: 'FTS101' | 'FTS105' | 'FTS106', node: Node | null, message: string, help: string]): void {
    // One sentence is enough for a file that is too large: every further value would repeat it.
    const isRepeated = code === 'FTS105' && this.problems.some((entry) => entry.code === code);
    if (!isRepeated) this.problems.push(problem(code, message, {span: this.#spanOf(node), help}));
  }

  #spanOf(node: Node | null): Span {
    const [start, valueEnd] = node?.range ?? [0, 0];
    // The range of a block collection reaches over the line break behind it.
    const written = this.#text.slice(start, valueEnd).trimEnd();
    return this.#spanAt(start, start + written.length);
  }
}
