// Nodes and the files between them: who makes what, who reads what, in which order. Knows nothing of staleness.
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import type {NodeId, ProjectPath} from '../base/ids.ts';
import {failure, success, type Result} from '../base/result.ts';
import {orderingInputs, type Node} from './node.ts';

export interface Graph {
  /** In the order of the file: what is equal otherwise runs in this order. */
  readonly nodes: readonly Node[];
  get(id: NodeId): Node;
  findProducer(path: ProjectPath): Node | undefined;
  /** Nodes that must be settled before this one, each once. */
  producersOf(node: Node): readonly Node[];
  consumersOf(node: Node): readonly Node[];
}

/** Fails where two nodes would write one file, an output lies inside another's, or nodes need each other in a circle. */
export function buildGraph(nodes: readonly Node[]): Result<Graph> {
  const byOutput = new Map<ProjectPath, Node>();
  const problems: Diagnostic[] = [];
  for (const node of nodes) {
    for (const output of node.outputs) {
      const other = byOutput.get(output.path);
      if (other === undefined) byOutput.set(output.path, node);
      else
        problems.push(
          problem('FTS301', `${other.label} and ${node.label} would both write ${output.path}`, {help: 'give one of them another name'}),
        );
    }
  }
  problems.push(...findNestedOutputs(byOutput));
  if (problems.length > 0) return failure(problems);
  const graph = connect(nodes, byOutput);
  const circle = findCircle(graph);
  if (circle === undefined) return success(graph);
  return failure([problem('FTS302', `these need each other in a circle: ${circle.map((node) => node.label).join(' -> ')}`)]);
}

function connect(nodes: readonly Node[], byOutput: ReadonlyMap<ProjectPath, Node>): Graph {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const producers = new Map<NodeId, readonly Node[]>();
  const consumers = new Map<NodeId, Node[]>(nodes.map((node) => [node.id, []]));
  for (const node of nodes) {
    const before = new Set<Node>();
    for (const input of orderingInputs(node)) {
      const producer = byOutput.get(input.path);
      if (producer !== undefined) before.add(producer);
    }
    producers.set(node.id, [...before]);
    for (const producer of before) consumers.get(producer.id)?.push(node);
  }
  return {
    nodes,
    get: (id) => byId.get(id) ?? bug(id),
    findProducer: (path) => byOutput.get(path),
    producersOf: (node) => producers.get(node.id) ?? [],
    consumersOf: (node) => consumers.get(node.id) ?? [],
  };
}

function bug(id: NodeId): never {
  throw new Error(`unreachable: no node ${id}`);
}

function findNestedOutputs(byOutput: ReadonlyMap<ProjectPath, Node>): Diagnostic[] {
  const problems: Diagnostic[] = [];
  for (const [path, node] of byOutput) {
    for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
      const outer = byOutput.get(path.slice(0, cut) as ProjectPath);
      if (outer !== undefined) problems.push(problem('FTS301', `${node.label} would write ${path}, inside the output of ${outer.label}`));
    }
  }
  return problems;
}

// Depth-first with three colours, on an explicit stack: a chain of 100,000 nodes must not overflow.
function findCircle(graph: Graph): readonly Node[] | undefined {
  const settled = new Set<Node>();
  for (const start of graph.nodes) {
    const path: {node: Node; next: number}[] = [{node: start, next: 0}];
    const onPath = new Set<Node>([start]);
    while (path.length > 0) {
      const here = path[path.length - 1];
      if (here === undefined || settled.has(here.node)) {
        if (here) onPath.delete(here.node);
        path.pop();
        continue;
      }
      const producer = graph.producersOf(here.node)[here.next++];
      if (producer === undefined) {
        settled.add(here.node);
      } else if (onPath.has(producer)) {
        return [...path.slice(path.findIndex((step) => step.node === producer)).map((step) => step.node), producer];
      } else if (!settled.has(producer)) {
        path.push({node: producer, next: 0});
        onPath.add(producer);
      }
    }
  }
  return undefined;
}
