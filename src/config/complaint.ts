// What the YAML parser complains of, in our words and at the line at fault. Knows nothing of what the text means.

/** What the errors and warnings of the library have in common. */
export interface ParserComplaint {
  readonly code: string;
  readonly message: string;
  readonly pos: readonly [number, number];
}

export interface Complaint {
  readonly message: string;
  readonly help: string;
  readonly from: number;
  readonly to: number;
}

/** The first one: what follows a syntax error is mostly its echo, and tells at most more of it. */
export function explainComplaint(text: string, [first, second]: readonly [ParserComplaint, ...ParserComplaint[]]): Complaint {
  const {code, message, pos} = first;
  const plain = {message, help: remedies.get(code) ?? usualRemedy, from: pos[0], to: pos[1]};
  if (code === 'MULTIPLE_DOCS') return {...plain, message: 'a second document begins here'};
  if (code === 'BAD_INDENT') return {...plain, ...indentationFrom(text, pos)};
  const continued = code === 'BLOCK_AS_IMPLICIT_KEY' && second?.code === 'MULTILINE_IMPLICIT_KEY' && second.pos[0] === pos[0];
  if (continued) return {...plain, message: tooDeep, help: indentAlike, ...lastLine(text, second.pos)};
  const begin = startOfContent(text);
  const isBelow = text.charAt(begin) === ' ' && pos[0] > begin && pos[0] === lineStart(text, pos[0]);
  if (code === 'UNEXPECTED_TOKEN' && isBelow) return {message: firstDeeper, help: indentAlike, from: begin, to: begin + 1};
  return plain;
}

const tooDeep = 'this line is indented further than its neighbours, so that it goes on with the value of the line before';
const firstDeeper = 'the first line is indented further than those that follow';
const indentAlike = 'Indent it as its neighbours are.';
const usualRemedy = 'Check brackets, quotes, colons and indentation from the line before on; quote a text that begins with a sign.';

const remedies: ReadonlyMap<string, string> = new Map([
  ['BAD_INDENT', 'Indent it as its neighbours are, or close the bracket or quote that is open before it.'],
  ['MISSING_CHAR', 'Check for a bracket, quote, comma or colon that is missing before this place: close the bracket, or quote the text.'],
  ['TAB_AS_INDENT', 'Indent with spaces.'],
  ['MULTIPLE_DOCS', 'A file holds one document: remove the line `---`, or make it a file of its own.'],
  ['BLOCK_IN_FLOW', 'Close the bracket before a new line of `key: value`.'],
  ['BLOCK_AS_IMPLICIT_KEY', 'Write one `key: value` a line, or put the value in quotes.'],
  ['MULTILINE_IMPLICIT_KEY', 'A key stands on one line; check the colon and the indentation before it.'],
  ['BAD_SCALAR_START', 'Put a text that begins with this sign into quotes.'],
  ['TAG_RESOLVE_FAILED', 'Remove the tag: plain texts, numbers, lists and mappings are all there is.'],
]);

type Stretch = Pick<Complaint, 'from' | 'to'>;

// The parser blames the first line that belongs to the entry: it may be blank, or a comment above the line that is indented oddly.
function indentationFrom(text: string, [from, to]: ParserComplaint['pos']): Stretch {
  if (!isEmptyLine(text, lineStart(text, from))) return {from, to};
  const start = startOfContent(text, lineStart(text, from));
  return {from: start, to: Math.min(start + 1, text.length)};
}

/** The start of the first line from `start` on that holds more than a comment. */
function startOfContent(text: string, start = 0): number {
  let here = start;
  while (here < text.length && isEmptyLine(text, here)) here = lineEnd(text, here) + 1;
  return Math.min(here, text.length);
}

function lastLine(text: string, [from, to]: ParserComplaint['pos']): Stretch {
  const written = text.slice(from, to).trimEnd();
  const [key = ''] = /\S.*$/.exec(written.slice(written.lastIndexOf('\n') + 1)) ?? [];
  return {from: from + written.length - key.length, to: from + written.length};
}

function isEmptyLine(text: string, start: number): boolean {
  return /^\s*(?:#|$)/.test(text.slice(start, lineEnd(text, start)));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}
