// Draws what a terminal showed as SVG, from what `script` captured of a dry run and of a build: the picture in the README.
//
//   script -qec "stty cols 120; node dist/ftsbuild.js -f configs/quickstart.yaml all --dry-run" plan.txt
//   script -qec "stty cols 120; node dist/ftsbuild.js -f configs/quickstart.yaml all" build.txt
//   node bench/terminal-picture.ts plan.txt build.txt "29 of 60 done" > docs/images/terminal.svg
import {readFileSync} from 'node:fs';
import {escapeXml} from '../src/base/xml.ts';

const [planFile = '', buildFile = '', moment = ''] = process.argv.slice(2);
const escape = '\u001b';
const columns = 122;
const size = {character: 7.8, line: 18, padding: 16};
const colours: Readonly<Record<string, string>> = {'31': '#f47067', '32': '#8ddb8c', '33': '#e0c285', '36': '#76c7d6', '2': '#8b949e'};

const lines = [
  '$ npx ftsbuild -f configs/quickstart.yaml all --dry-run',
  ...capture(planFile).trimEnd().split('\n'),
  '',
  '$ npm run quickstart',
  ...frameOf(capture(buildFile), moment),
  `${escape}[2m(and at the end)${escape}[22m`,
  ...endOf(capture(buildFile)),
];
process.stdout.write(draw(lines.flatMap(wrap)));

/** Without the two lines that `script` adds. */
function capture(file: string): string {
  const text = readFileSync(file, 'utf8').replaceAll('\r', '');
  return text.replace(/^Script started[^\n]*\n/, '').replace(/\n+Script done[^\n]*\n$/, '');
}

/** The live view is drawn anew between two marks of synchronised output. */
function frameOf(text: string, part: string): readonly string[] {
  const frame = text.split(`${escape}[?2026h`).find((candidate) => candidate.includes(part));
  if (frame === undefined) throw new Error(`no frame holds ${part}`);
  return withoutMoves(frame).trimEnd().split('\n');
}

function endOf(text: string): readonly string[] {
  return withoutMoves(text.slice(text.lastIndexOf(`${escape}[?2026l`)))
    .trim()
    .split('\n');
}

// Everything but colours.
function withoutMoves(text: string): string {
  return text.replace(/\u001b\[[?\d;]*[A-LN-Za-ln-z]/g, '');
}

function wrap(line: string): readonly string[] {
  if (plainLength(line) <= columns) return [line];
  const at = line.lastIndexOf(' ', columns);
  return [line.slice(0, at), ...wrap(`    ${line.slice(at + 1)}`)];
}

function plainLength(line: string): number {
  return withoutColours(line).length;
}

function withoutColours(line: string): string {
  return line.replace(/\u001b\[[\d;]*m/g, '');
}

function draw(shown: readonly string[]): string {
  const width = Math.ceil(columns * size.character + 2 * size.padding);
  const height = shown.length * size.line + 2 * size.padding;
  const texts = shown.map(
    (line, index) =>
      `<text x="${String(size.padding)}" y="${String(size.padding + (index + 0.75) * size.line)}" xml:space="preserve">${spans(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(width)}" height="${String(height)}" viewBox="0 0 ${String(width)} ${String(height)}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="13" fill="#d1d7e0">`,
    `<title>A terminal: the dry run of the quickstart, the live view of its build, and what it found</title>`,
    `<rect width="100%" height="100%" rx="8" fill="#161b22"/>`,
    ...texts,
    '</svg>',
    '',
  ].join('\n');
}

function spans(line: string): string {
  const [first = '', ...rest] = line.split(/\u001b\[([\d;]*)m/);
  const parts = [escapeXml(first)];
  for (let at = 0; at + 1 < rest.length; at += 2) {
    const colour = colours[rest[at] ?? ''];
    const text = escapeXml(rest[at + 1] ?? '');
    parts.push(colour === undefined ? text : `<tspan fill="${colour}">${text}</tspan>`);
  }
  return parts.join('');
}
