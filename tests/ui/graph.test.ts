// The picture of a graph: one box a node or one a rule and phase, without arrows that others imply, in four formats.
import {expect, test} from 'vitest';
import {nodeStateOf} from '../../src/build/node-state.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {nodeId} from '../../src/base/ids.ts';
import {neededFor} from '../../src/graph/order.ts';
import {pictureOf, type Picture} from '../../src/ui/graph-picture.ts';
import {drawSvg} from '../../src/ui/graph-svg.ts';
import {drawDot, drawMermaid, plainPicture} from '../../src/ui/graph-text.ts';
import {Bench} from '../support/bench.ts';
import {schemaProblems} from '../support/schemas.ts';

const steps = [
  {out: 'raw'},
  {out: 'table', in: ['raw']},
  {out: 'left "quoted" & <odd>', in: ['table', 'raw']},
  {out: 'right', in: ['table'], job: {}},
  {out: 'end', in: ['left "quoted" & <odd>', 'table', 'raw']},
];

function pictured(bench: Bench, isExpanded: boolean, ...targets: string[]): Picture {
  const session = bench.session();
  const wanted = targets.length === 0 ? session.graph.nodes : targets.map((target) => session.graph.get(nodeId(target)));
  const nodes = neededFor(session.graph, wanted);
  const forecasts = forecast(session, nodes);
  const stateOf = (node: (typeof nodes)[number]): ReturnType<typeof nodeStateOf> => nodeStateOf(session, node, forecasts.get(node.id)!);
  return pictureOf({graph: session.graph, nodes, stateOf, isExpanded});
}

function namedArrows({boxes, arrows}: Picture): readonly string[] {
  const names = new Map(boxes.map(({id, name}) => [id, name ?? '']));
  return arrows.map(({from, to}) => `${names.get(from) ?? ''} -> ${names.get(to) ?? ''}`);
}

test('what others imply gets no arrow', () => {
  expect(namedArrows(pictured(new Bench(steps), true))).toEqual([
    'raw -> table',
    'table -> left "quoted" & <odd>',
    'table -> right',
    'left "quoted" & <odd> -> end',
  ]);
});

test('a target is drawn with what it needs and nothing else', () => {
  expect(pictured(new Bench(steps), true, 'right').boxes.map(({name}) => name)).toEqual(['raw', 'table', 'right']);
});

test('a box tells how its node stands, and the worst of many decides', async () => {
  const bench = new Bench(steps);
  bench.jobs.set('right', () => ({ending: {how: 'exited', status: 1}}));
  await bench.build();
  const states = pictured(bench, true).boxes.map(({name, state}) => `${name ?? ''} ${state}`);
  expect(states).toEqual(['raw fresh', 'table fresh', 'left "quoted" & <odd> fresh', 'right failed', 'end fresh']);
  expect(pictured(bench, false).boxes).toMatchObject([
    {rule: 'script', state: 'fresh', totals: {fresh: 4}},
    {rule: 'hpo', state: 'failed', totals: {failed: 1}},
  ]);
});

test('odd names break no format', async () => {
  const picture = pictured(new Bench(steps), true);
  expect(drawMermaid(picture)).toContain('n2["script left #quot;quoted#quot; & #lt;odd#gt;<br/>stale"]:::stale');
  expect(drawDot(picture)).toContain(String.raw`n2 [label="script left \"quoted\" & <odd>\nstale"`);
  const svg = await drawSvg(picture, 'a & b');
  expect(svg).toContain('<title>a &amp; b</title>');
  expect(svg).toContain('left &quot;quoted&quot; &amp; &lt;odd&gt;'.replaceAll('&quot;', '"'));
  expect(svg.match(/<g>/g)).toHaveLength(5);
  expect(svg).not.toMatch(/NaN|undefined/);
  expect(schemaProblems('graph', plainPicture(picture))).toEqual([]);
});

test('the same graph gives the same bytes', async () => {
  const draw = async (): Promise<string> =>
    drawMermaid(pictured(new Bench(steps), false)) + (await drawSvg(pictured(new Bench(steps), true), ''));
  expect(await draw()).toBe(await draw());
});

test('in SVG, which has no frames, two phases have different labels; one phase needs none', async () => {
  const inPhases = (...phases: readonly string[]): Bench => new Bench(phases.map((phase) => ({out: `${phase}_a`, phase})));
  const labels = async (bench: Bench): Promise<readonly string[]> => {
    const svg = await drawSvg(pictured(bench, true), '');
    return [...svg.matchAll(/>(script [^<]*)<\/text>/gu)].map(([, text]) => text ?? '');
  };
  expect(await labels(inPhases('one', 'two'))).toEqual(['script one a', 'script two a']);
  expect(await labels(inPhases('one'))).toEqual(['script a']);
});
