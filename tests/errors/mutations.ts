// Broken files for the loader: mutations of real studies by a seed, and texts made to be expensive. Deterministic.
import {isScalar, parseDocument, visit} from 'yaml';
import {repositoryText} from '../support/studies.ts';

/** A small generator of whole numbers below a bound (mulberry32). */
export function randomBelow(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296) * bound);
  };
}

const bases = ['experiments.yaml', 'configs/quickstart.yaml'].map(repositoryText);

const bits = [
  ...['\0', '\t', '\r', '\r\n', '\u{feff}', '\u2028', '\ud800', '🦄', 'é', '\u202e', '\u0085', '%', '@', '`'],
  ...[
    '&a ',
    '*a ',
    '<<: *a\n',
    '!!binary ',
    '!x ',
    '? ',
    ': ',
    '- ',
    '---\n',
    '...\n',
    '|\n',
    '>\n',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '#',
    ',',
  ],
  ...[
    '~',
    'null',
    'true',
    '0x10',
    '1e999',
    '-.inf',
    '.nan',
    '2015-01-31',
    '__proto__: 1\n',
    'constructor: 1\n',
    'toString',
    '999999999999999999999',
  ],
  ...['{a: {b: {c: 1}}}', '[[[[]]]]', '../../etc/passwd', 'x'.repeat(300)],
];

/** The same text for the same seed. */
export function mutated(seed: number): string {
  const random = randomBelow(seed);
  let text = bases[random(bases.length)] ?? '';
  for (let edits = 1 + random(4); edits > 0; edits -= 1) text = mutateOnce(text, random);
  return text;
}

function mutateOnce(text: string, random: (bound: number) => number): string {
  const at = random(text.length + 1);
  const to = Math.min(text.length, at + 1 + random(40));
  const bit = bits[random(bits.length)] ?? '';
  const lines = text.split('\n');
  const line = random(lines.length);
  switch (random(9)) {
    case 0:
      return text.slice(0, at) + bit + text.slice(at);
    case 1:
      return text.slice(0, at) + text.slice(to);
    case 2:
      return text.slice(0, at) + bit + text.slice(to);
    case 3:
      return lines.toSpliced(line, 1).join('\n');
    case 4:
      return lines.toSpliced(line, 0, lines[line] ?? '').join('\n');
    case 5:
      return lines.toSpliced(random(lines.length), 0, lines[line] ?? '').join('\n');
    case 6:
      return lines.with(line, `${' '.repeat(random(6))}${lines[line] ?? ''}`).join('\n');
    case 7:
      return text.replaceAll('\n', '\r\n');
    default:
      return text.slice(0, at);
  }
}

/** Every key and value of a file, each replaced by a mistake: whatever it is, it is one. */
export function singleMistakes(file: string): readonly string[] {
  const text = repositoryText(file);
  const found: string[] = [];
  visit(parseDocument(text), {
    Scalar(key, node) {
      if (!isScalar(node) || node.range == null) return;
      const [from, to] = node.range;
      const misspelt = text.slice(from, to).replace(/(['"]?)$/, 'x$1');
      const wrong = key === 'key' ? [misspelt] : [misspelt, '[1, [2]]', '~', '-1', '{a: 1}'];
      found.push(...wrong.map((value) => text.slice(0, from) + value + text.slice(to)));
    },
  });
  return found;
}

const head = 'version: 1\n';
const most = 1_000_000;

function laughs(levels: number, width: number): string {
  const rows = Array.from({length: levels}, (_, level) => `x-${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(width)}]`);
  return `x-0: &l0 [lol]\n${rows.join('\n')}\n`;
}

function many(count: number, text: (index: number) => string): string {
  return Array.from({length: count}, (_, index) => text(index)).join('');
}

/** Texts that a naive reader pays for with memory or time, by name. */
export const expensive: Readonly<Record<string, () => string>> = {
  'billion laughs': () => head + laughs(9, 9),
  'laughs just below the limit': () => head + laughs(5, 11),
  'laughs through merge keys': () =>
    `${head}x-0: &l0 {a: 1}\n${many(500, (level) => `x-${level + 1}: &l${level + 1} {<<: [*l${level}, *l${level}], k${level}: 1}\n`)}`,
  'an alias of itself': () => `${head}x-0: &a [*a]\n`,
  'a scalar of 10 MB': () => `${head}project: ${'x'.repeat(10_000_000)}\n`,
  'a scalar just below the limit': () => `${head}project: ${'x'.repeat(most - 100)}\n`,
  'a folded scalar of many lines': () => `${head}project: >\n${'  x\n'.repeat(200_000)}`,
  'lists in lists': () => `a: ${'['.repeat(most - 10)}`,
  'mappings in mappings': () => '{a: '.repeat(most / 4 - 10),
  'dashes on one line': () => `${'- '.repeat(most / 2 - 10)}a`,
  'ever deeper lines': () => many(1200, (level) => `${' '.repeat(level)}a:\n`),
  'question marks': () => '? '.repeat(most / 2 - 10),
  colons: () => ': '.repeat(most / 2 - 10),
  'a long list': () => `a: [${'0,'.repeat(most / 2 - 10)}]`,
  'a long block list': () => `a:\n${'- 0\n'.repeat(most / 4 - 10)}`,
  'a list just below the limit': () => `a: [${'0,'.repeat(19_000)}]`,
  'many keys': () => many(9_000, (index) => `k${index}: 1\n`),
  'many unknown keys in a section': () => `${head}defaults:\n${many(9_000, (index) => `  k${index}: 1\n`)}`,
  'one key many times': () => 'a: 1\n'.repeat(12_000),
  'anchors on everything': () => `a: [${many(9_000, (index) => `&a${index} 0,`)}]`,
  'tags on everything': () => '!!x '.repeat(most / 4 - 10),
  'many documents': () => '---\n'.repeat(most / 4 - 10),
  'many directives': () => '%a\n'.repeat(most / 3 - 10),
  tabs: () => 'a:\n\t'.repeat(most / 4 - 10),
  'only line ends': () => '\n'.repeat(most - 10),
  'only comments': () => `${'#\n'.repeat(most / 2 - 20)}a: 1`,
  'NUL bytes': () => `${head}${'\0'.repeat(100_000)}`,
  'half surrogates': () => `${head}project: "${'\ud800'.repeat(100_000)}"\n`,
  'a matrix of a billion points': () => matrix(1000, 3),
  'a matrix of more points than there are atoms': () => matrix(200, 40),
  'many matrices': () =>
    `${phases}${many(40, (index) => `  p${index}:\n    matrix: {budget: [6K], task: [up1], seed: [${numbers(100)}], batch_size: [${numbers(100)}]}\n`)}`,
};

const phases = `${head}data: {d: {builder: {source: arch.sp500, tiers: [a20]}}}
budgets: {6K: {params: 6K}}
tasks: {up1: {kind: threshold, pct: 1}}
defaults: {tier: a20}
phases:
`;

const axes = ['horizon', 'context', 'batch_size', 'seed', 'epochs', 'dropout', 'weight_decay', 'warmup', 'threads', 'patience'];

function matrix(length: number, width: number): string {
  const names = Array.from({length: width}, (_, index) => axes[index] ?? `x${index}`);
  return `${phases}  first:\n    matrix: {budget: [6K], task: [up1], ${names.map((name) => `${name}: [${numbers(length)}]`).join(', ')}}\n`;
}

function numbers(count: number): string {
  return Array.from({length: count}, (_, index) => index + 1).join(', ');
}
