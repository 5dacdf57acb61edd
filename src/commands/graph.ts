// `ftsbuild graph`: who needs whom, and how each stands, as a picture for a page, a document or another program.
import {lookWith} from '../build/conditions.ts';
import {nodeStateOf} from '../build/node-state.ts';
import {forecast} from '../build/verdicts.ts';
import type {Graph} from '../graph/graph.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {pictureOf} from '../ui/graph-picture.ts';
import {drawDot, drawMermaid, plainPicture} from '../ui/graph-text.ts';
import {refuse, selectFor} from './build.ts';
import {exitCode} from './exit-codes.ts';
import type {GraphFormat} from './graph-formats.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';

export interface GraphOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly format: GraphFormat;
  /** One box a node; where nothing is said, only for targets that need few. */
  readonly expand: boolean | undefined;
}

/** So many boxes are still read at a glance. */
const few = 40;

export async function graph(options: GraphOptions, terminal: Terminal): Promise<number> {
  const opened = openSession(options);
  if (!opened.ok) return refuse(opened.error, options, terminal);
  const {session} = opened.value;
  const isWhole = options.targets.length === 0;
  const selected = selectFor(session, {...options, targets: isWhole ? ['all'] : options.targets});
  if (!selected.ok) return refuse(selected.error, options, terminal);
  const nodes = neededFor(session.graph, withShown(session.graph, selected.value));
  const forecasts = await lookWith(session.conditions, () => forecast(session, nodes));
  const picture = pictureOf({
    graph: session.graph,
    nodes,
    stateOf: (node) => {
      const entry = forecasts.get(node.id);
      if (entry === undefined) throw new Error(`unreachable: no forecast of ${node.id}`);
      return nodeStateOf(session, node, entry);
    },
    isExpanded: options.expand ?? (!isWhole && nodes.length <= few),
  });
  switch (options.format) {
    case 'mermaid':
      terminal.print(drawMermaid(picture).trimEnd());
      break;
    case 'dot':
      terminal.print(drawDot(picture).trimEnd());
      break;
    case 'json':
      terminal.print(JSON.stringify(plainPicture(picture), null, 2));
      break;
    case 'svg': {
      const {drawSvg} = await import('../ui/graph-svg.ts');
      terminal.print((await drawSvg(picture, `${session.study.project}: ${isWhole ? 'all' : options.targets.join(' ')}`)).trimEnd());
    }
  }
  return exitCode.done;
}

// Of a report all that it shows is drawn, though it needs none of it to succeed.
function withShown(graph: Graph, nodes: readonly Node[]): readonly Node[] {
  const shown = nodes.flatMap(({collects}) => collects.map((id) => graph.get(id)));
  return [...nodes, ...shown];
}
