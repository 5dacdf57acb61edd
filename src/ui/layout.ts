// Lays boxes and arrows out in layers from left to right, by dagre. Knows nothing of what they stand for.

export interface Size {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `x` and `y` are those of the middle. */
export type Placed = Point & Size;

export interface Layout {
  readonly size: Size;
  placeOf(id: string): Placed;
  /** From the edge of one box to that of the other. */
  pathOf(from: string, to: string): readonly Point[];
}

export async function layOut(
  boxes: readonly {readonly id: string; readonly size: Size}[],
  arrows: readonly {readonly from: string; readonly to: string}[],
): Promise<Layout> {
  // The library's own types import each other without extensions, which Node's resolution does not find.
  const dagre = (await import('@dagrejs/dagre')) as unknown as Dagre;
  const graph = new dagre.Graph();
  graph.setGraph({rankdir: 'LR', nodesep: 14, ranksep: 60, marginx: 16, marginy: 16});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const {id, size} of boxes) graph.setNode(id, {...size});
  for (const {from, to} of arrows) graph.setEdge(from, to);
  dagre.layout(graph);
  return {
    size: graph.graph(),
    placeOf: (id) => graph.node(id),
    pathOf: (from, to) => graph.edge(from, to).points,
  };
}

interface Dagre {
  readonly Graph: new () => DagreGraph;
  layout(graph: DagreGraph): void;
}

interface DagreGraph {
  setGraph(options: object): void;
  setDefaultEdgeLabel(make: () => object): void;
  setNode(id: string, size: Size): void;
  setEdge(from: string, to: string): void;
  graph(): Size;
  node(id: string): Placed;
  edge(from: string, to: string): {readonly points: readonly Point[]};
}
