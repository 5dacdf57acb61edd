// Text of the YAML is text wherever it is shown: it never acts as Markdown, HTML, SVG, Mermaid, DOT or Python, nor turns a line around.
import {readFileSync} from 'node:fs';
import {expect, test, vi} from 'vitest';
import {systemTerminal} from '../../src/commands/terminal.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {renderReport} from '../../src/results/report.ts';
import {renderRunbook} from '../../src/results/runbook.ts';
import {renderDiagnostics} from '../../src/ui/diagnostics.ts';
import {drawDot, drawMermaid} from '../../src/ui/graph-text.ts';
import {drawSvg} from '../../src/ui/graph-svg.ts';
import {pictureOf} from '../../src/ui/graph-picture.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {sampleInput} from '../results/samples.ts';
import {replaced} from '../config/texts.ts';
import {studyFromText} from '../support/studies.ts';

const turned = '\u202e';
const bad = `up <script>alert(1)</script> | \`x\` $a$ ~~b~~ [c](d) ${turned}txt`;
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const {study, graph} = studyFromText(
  replaced('  first:', `  first:\n    title: ${JSON.stringify(bad)}`).replace(
    'version: 1\n',
    `version: 1\nproject: ${JSON.stringify(bad)}\npython: {interpreter: ${JSON.stringify(`/opt/<b>#quot;"${turned}/python`)}}\n`,
  ),
);

function template(name: string): string {
  return readFileSync(new URL(`../../templates/${name}`, import.meta.url), 'utf8');
}

async function scriptsOf(end: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const node of graph.nodes) {
    if (node.rule !== 'script' || node.work.kind !== 'internal' || !node.outputs[0]!.path.endsWith(end)) continue;
    const rendered = await node.work.perform({readText: (path) => memoryDisk({}).readText(path)});
    if (rendered.ok) texts.push(...rendered.value.files.map(({text}) => text));
  }
  return texts;
}

/** Without code spans and fenced blocks, in which nothing acts. */
function acting(markdown: string): string {
  return markdown.replace(/```[\s\S]*?```/g, '').replace(/(?<!\\)`[^`\n]*`/g, '');
}

function expectPlain(markdown: string): void {
  expect(markdown).not.toMatch(turning);
  const text = acting(markdown);
  expect(text).not.toContain('<script>');
  expect(text).not.toMatch(/(?<!\\)\[c\]/);
  expect(text).not.toMatch(/(?<!\\)~~|(?<!\\)\$a/);
  for (const line of text.split('\n')) if (line.includes('alert')) expect(line).not.toMatch(/(?<!\\)\|/);
}

test("a phase's README, the runbook and the report", async () => {
  const [readme = ''] = await scriptsOf('README.md');
  expect(readme).toContain('# first: up &lt;script>');
  expectPlain(readme);
  const [phase] = study.phases;
  expectPlain(await renderRunbook(study, phase!, template('runbook.md.hbs')));
  const input = sampleInput();
  const phases = input.phases.map((one) => ({...one, title: bad}));
  const {markdown, figures} = await renderReport({...input, project: bad, title: bad, phases}, template('report.md.hbs'));
  expectPlain(markdown);
  for (const svg of figures.values()) {
    expect(svg).not.toMatch(turning);
    expect(svg).not.toContain('<script>');
  }
});

test('generated scripts hold no sign that turns their text around', async () => {
  const scripts = await scriptsOf('.py');
  expect(scripts.length).toBeGreaterThan(0);
  for (const text of scripts) expect(text).not.toMatch(turning);
});

test('pictures of the graph', async () => {
  const picture = pictureOf({graph, nodes: graph.nodes, stateOf: () => 'stale', isExpanded: true});
  const [mermaid, dot, svg] = [drawMermaid(picture), drawDot(picture), await drawSvg(picture, bad)];
  for (const text of [mermaid, dot, svg]) expect(text).not.toMatch(turning);
  expect(mermaid).toContain('#lt;b#gt;#35;quot;#quot;');
  expect(mermaid.replaceAll('<br/>', '')).not.toMatch(/<b|<script/);
  expect(dot).toContain('<b>#quot;\\"');
  expect(svg).not.toMatch(/<b>|<script>/);
});

test('a terminal, and the line under a problem, whose marker stays below its place', () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  systemTerminal().print(`a${turned}b`);
  expect(write.mock.calls).toEqual([['a\\u202eb\n']]);
  write.mockRestore();
  const span = {file: 'experiments.yaml', offset: 2, length: 1, line: 1, column: 3};
  const shown = renderDiagnostics([{code: 'FTS110', severity: 'error', message: 'x', span}], () => `a${turned}b`, plainPaint);
  expect(shown).toContain('  1 | a\ufffdb\n    |   ^\n');
});
