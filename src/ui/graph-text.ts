// A picture of the graph as Mermaid, as Graphviz's DOT, and as plain data.
import {visible, visibleTurns} from '../base/visible.ts';
import type {NodeState} from '../build/node-state.ts';
import {linesOf, stateColours, type Box, type Picture} from './graph-picture.ts';

export function drawMermaid({boxes, arrows}: Picture): string {
  const lines = ['flowchart LR'];
  for (const [phase, members] of byPhase(boxes)) {
    const indent = phase === undefined ? '  ' : '    ';
    if (phase !== undefined) lines.push(`  subgraph ${mermaidText([phase])}`);
    for (const box of members) lines.push(`${indent}${box.id}[${mermaidText(linesOf(box))}]:::${box.state}`);
    if (phase !== undefined) lines.push('  end');
  }
  for (const {from, to, isCollected} of arrows) lines.push(`  ${from} ${isCollected ? '-.->' : '-->'} ${to}`);
  for (const state of new Set(boxes.map((box) => box.state))) {
    const {fill, line} = stateColours[state];
    lines.push(`  classDef ${state} fill:${fill},stroke:${line},color:#222222`);
  }
  return `${lines.join('\n')}\n`;
}

// Mermaid takes `#name;` and `#number;` for characters, and tags for HTML.
function mermaidText(lines: readonly string[]): string {
  const escape = (text: string): string =>
    visible(text).replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;');
  return `"${lines.map(escape).join('<br/>')}"`;
}

export function drawDot({boxes, arrows}: Picture): string {
  const lines = ['digraph ftsbuild {', '  rankdir=LR;', '  node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11];'];
  let clusters = 0;
  for (const [phase, members] of byPhase(boxes)) {
    const indent = phase === undefined ? '  ' : '    ';
    if (phase !== undefined)
      lines.push(`  subgraph cluster_${String(clusters++)} {`, `    label=${dotText(phase)};`, '    color="#bbbbbb";');
    for (const box of members) lines.push(`${indent}${box.id} [label=${dotText(linesOf(box).join('\n'))}, ${dotColours(box.state)}];`);
    if (phase !== undefined) lines.push('  }');
  }
  for (const {from, to, isCollected} of arrows) lines.push(`  ${from} -> ${to}${isCollected ? ' [style=dashed]' : ''};`);
  return `${[...lines, '}'].join('\n')}\n`;
}

function dotColours(state: NodeState): string {
  const {fill, line} = stateColours[state];
  return `fillcolor="${fill}", color="${line}"`;
}

function dotText(text: string): string {
  return `"${visibleTurns(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** What `schemas/graph.schema.json` says. */
export function plainPicture({boxes, arrows}: Picture): object {
  return {
    schema_version: 1,
    boxes: boxes.map(({id, rule, phase, name, nodes, totals, state}) => ({
      ...{id, rule, phase: phase ?? null, name: name ?? null, state, totals},
      targets: nodes.map((node) => node.outputs[0]?.path ?? node.id),
    })),
    arrows: arrows.map(({from, to, count, isCollected}) => ({from, to, count, collected: isCollected})),
  };
}

// What belongs to no phase comes first; phases in the order of the file.
function byPhase(boxes: readonly Box[]): ReadonlyMap<string | undefined, readonly Box[]> {
  const phases = new Map<string | undefined, Box[]>([[undefined, []]]);
  for (const box of boxes) {
    const members = phases.get(box.phase);
    if (members === undefined) phases.set(box.phase, [box]);
    else members.push(box);
  }
  return phases;
}
