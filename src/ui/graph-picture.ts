// A graph as boxes and arrows, one box a node or one a rule and phase. Knows nothing of how it is drawn.
import {totalsOf, type NodeState, type StateTotals} from '../build/node-state.ts';
import type {NodeId} from '../base/ids.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node, RuleName} from '../graph/node.ts';

export interface Box {
  /** `n0`, `n1`, ...: the same for the same picture. */
  readonly id: string;
  readonly rule: RuleName;
  readonly phase: string | undefined;
  /** The experiment without its phase, or what the node is called; undefined for a box of several nodes. */
  readonly name: string | undefined;
  readonly nodes: readonly Node[];
  readonly totals: StateTotals;
  /** The worst of its nodes decides. */
  readonly state: NodeState;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** How many dependencies it stands for. */
  readonly count: number;
  /** The report shows what there is, and does not wait for success. */
  readonly isCollected: boolean;
}

export interface Picture {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

interface Drawn {
  readonly graph: Graph;
  /** Producers first. */
  readonly nodes: readonly Node[];
  readonly stateOf: (node: Node) => NodeState;
  readonly isExpanded: boolean;
}

const byBadness: readonly NodeState[] = ['failed', 'invalid', 'refused', 'partial', 'stale', 'fresh'];

export function pictureOf({graph, nodes, stateOf, isExpanded}: Drawn): Picture {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const name = isExpanded ? node.id : `${node.rule} ${node.phase ?? ''}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [node]);
    else group.push(node);
  }
  const boxes = [...groups.values()].map((group, index) => boxOf(`n${String(index)}`, group, {stateOf, isExpanded}));
  return {boxes, arrows: arrowsOf(graph, boxes)};
}

function boxOf(id: string, nodes: readonly Node[], {stateOf, isExpanded}: Pick<Drawn, 'stateOf' | 'isExpanded'>): Box {
  const [first] = nodes;
  if (first === undefined) throw new Error('unreachable: a box stands for a node');
  const totals = totalsOf(nodes.map(stateOf));
  return {
    id,
    rule: first.rule,
    phase: first.phase,
    name: isExpanded ? nameOf(first) : undefined,
    nodes,
    totals,
    state: byBadness.find((state) => totals[state] > 0) ?? 'fresh',
  };
}

function nameOf({label, rule, phase, outputs}: Node): string {
  const name = rule === 'script' ? (outputs[0]?.path.split('/').at(-1) ?? label) : label.replace(`${rule} `, '');
  return phase === undefined ? name : name.replace(`${phase}_`, '');
}

function arrowsOf(graph: Graph, boxes: readonly Box[]): readonly Arrow[] {
  const boxOfNode = new Map<NodeId, Box>(boxes.flatMap((box) => box.nodes.map((node) => [node.id, box] as const)));
  const arrows = new Map<string, Arrow>();
  const nodes = boxes.flatMap((box) => box.nodes);
  for (const {producer, consumer, isCollected} of withoutImplied(needsOf(graph, nodes), nodes.length)) {
    const [from, to] = [boxOfNode.get(producer), boxOfNode.get(consumer)];
    if (from === undefined || to === undefined || from === to) continue;
    const name = `${from.id} ${to.id}`;
    arrows.set(name, {from: from.id, to: to.id, count: (arrows.get(name)?.count ?? 0) + 1, isCollected});
  }
  return [...arrows.values()];
}

interface Need {
  readonly producer: NodeId;
  readonly consumer: NodeId;
  readonly isCollected: boolean;
}

function needsOf(graph: Graph, nodes: readonly Node[]): readonly Need[] {
  return nodes.flatMap((node) => [
    ...graph.producersOf(node).map(({id}) => ({producer: id, consumer: node.id, isCollected: false})),
    ...node.collects.filter((id) => !isScript(graph, id)).map((id) => ({producer: id, consumer: node.id, isCollected: true})),
  ]);
}

/** Beyond so many nodes nobody looks at single arrows, and finding the implied ones takes long. */
const manyNodes = 5000;

// What others imply is left out: what a training needs of the environment it needs through its script already.
function withoutImplied(needs: readonly Need[], nodes: number): readonly Need[] {
  if (nodes > manyNodes) return needs;
  const producers = new Map<NodeId, NodeId[]>();
  for (const {producer, consumer} of needs) {
    const known = producers.get(consumer);
    if (known === undefined) producers.set(consumer, [producer]);
    else known.push(producer);
  }
  const ancestors = new Map<NodeId, ReadonlySet<NodeId>>();
  const ancestorsOf = (id: NodeId): ReadonlySet<NodeId> => {
    const known = ancestors.get(id);
    if (known !== undefined) return known;
    const all = new Set<NodeId>();
    for (const producer of producers.get(id) ?? []) {
      all.add(producer);
      for (const one of ancestorsOf(producer)) all.add(one);
    }
    ancestors.set(id, all);
    return all;
  };
  // Of what many share, such as the environment, each consumer's other producers are asked at once.
  const impliedFor = new Map<NodeId, ReadonlySet<NodeId>>();
  for (const [consumer, own] of producers) impliedFor.set(consumer, new Set(own.flatMap((producer) => [...ancestorsOf(producer)])));
  return needs.filter(({producer, consumer}) => impliedFor.get(consumer)?.has(producer) !== true);
}

// Scripts stand before every result: an arrow from each of them to the report as well says nothing.
function isScript(graph: Graph, id: NodeId): boolean {
  return graph.get(id).rule === 'script';
}

/** The lines in a box: what it is, and how it stands. With `namesPhase`, a single node tells its phase as well: where no frame does. */
export function linesOf({rule, phase, name, nodes, totals, state}: Box, namesPhase = false): readonly string[] {
  if (name !== undefined) {
    const words = [rule, ...(namesPhase && phase !== undefined ? [phase] : []), ...(rule === name ? [] : [name])];
    return [words.join(' '), state];
  }
  const what = [rule, ...(phase === undefined ? [] : [phase])].join(' ');
  const standing = byBadness.filter((one) => totals[one] > 0).map((one) => `${String(totals[one])} ${one}`);
  return [nodes.length === 1 ? what : `${what} (${String(nodes.length)})`, standing.join(', ')];
}

/** Fill and line, apart for the colour-blind too; the word stands in the box anyway. */
export const stateColours: Readonly<Record<NodeState, {readonly fill: string; readonly line: string}>> = {
  fresh: {fill: '#d8f0e6', line: '#009e73'},
  stale: {fill: '#fdf3d0', line: '#c79500'},
  partial: {fill: '#fbe3cd', line: '#d55e00'},
  refused: {fill: '#e6e6e6', line: '#777777'},
  failed: {fill: '#f7d4d4', line: '#b3261e'},
  invalid: {fill: '#f0dcea', line: '#a5478a'},
};
