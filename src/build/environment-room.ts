// How much room on the disk the Python environment takes where it is still to be made, and the gate on that. Sizes are measured (docs/development.md).
import {problem} from '../base/diagnostic.ts';
import type {NodeId} from '../base/ids.ts';
import {formatBytes} from '../base/units.ts';
import type {EnvironmentWork, Node} from '../graph/node.ts';
import type {Resources} from '../host/resources.ts';
import {chooseBuild} from './install-packages.ts';
import type {GateFailure} from './resource-gates.ts';
import type {Session} from './session.ts';
import type {Forecast} from './verdicts.ts';

/** `least` is what it surely takes; `most` where the CPU build of torch cannot be had. */
export interface Room {
  readonly least: number;
  readonly most: number;
}

const wholeBytes = 6.3e9;
const withoutTritonBytes = 5.3e9;
const cpuBytes = 2e9;

export function roomFor({asksForCuda}: Pick<EnvironmentWork, 'asksForCuda'>, resources: Resources, platform = process.platform): Room {
  // The packages of other systems hold nothing of NVIDIA's.
  if (platform !== 'linux') return {least: cpuBytes, most: cpuBytes};
  const build = chooseBuild({platform, hasNvidia: resources.hasDevice('cuda'), asksForCuda});
  return build === 'cpu' ? {least: cpuBytes, most: withoutTritonBytes} : {least: wholeBytes, most: wholeBytes};
}

/** What a plan says of it; undefined where it makes no environment. */
export function describeRoom(
  session: Session,
  order: readonly Node[],
  forecasts: ReadonlyMap<NodeId, Forecast>,
  resources: Resources,
): string | undefined {
  const made = findMade(session, order, forecasts);
  if (made === undefined) return undefined;
  const {least, most} = roomFor(made.work, resources);
  const more = most > least ? ` (${formatBytes(most)} where the CPU build of torch cannot be had)` : '';
  const once = made.work.packages === 'shared' ? ', once for all workspaces that share it' : '';
  return `The Python environment takes about ${formatBytes(least)} on the disk${more}${once}.`;
}

/** What all workspaces share may be there already: then it takes nothing, and is not asked for. */
export function findRoomFailure(
  session: Session,
  order: readonly Node[],
  forecasts: ReadonlyMap<NodeId, Forecast>,
  resources: Resources,
): readonly GateFailure[] {
  const made = findMade(session, order, forecasts);
  if (made === undefined || made.work.packages === 'shared') return [];
  const {directory = '.venv'} = made.work;
  const free = resources.freeDisk(session.disk.resolve(directory));
  const {least} = roomFor(made.work, resources);
  if (free === undefined || free >= least) return [];
  const message = `${formatBytes(free)} are free on the disk of ${directory}; the Python environment takes about ${formatBytes(least)}`;
  const help = 'Make room, or use one that is there: `python: {interpreter: PATH}`, or `python: {shared: .venv}` for several workspaces.';
  return [{node: made.node, diagnostic: problem('FTS601', message, {help})}];
}

// One that lies there is only brought up to date.
function findMade(
  {disk}: Session,
  order: readonly Node[],
  forecasts: ReadonlyMap<NodeId, Forecast>,
): {readonly node: Node; readonly work: EnvironmentWork} | undefined {
  for (const node of order) {
    if (node.work.kind !== 'environment') continue;
    const {environment} = node.work;
    const runs = forecasts.get(node.id)?.will === 'run';
    if (runs && environment.directory !== undefined && disk.stat(`${environment.directory}/lib`) === 'missing')
      return {node, work: environment};
  }
  return undefined;
}
