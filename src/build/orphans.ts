// Results and scripts of experiments that the study no longer has: finds them by the journal and by what they say, and moves them into the cache. Deletes nothing.
import {nodeId, projectPath, type NodeId, type ProjectPath} from '../base/ids.ts';
import {parseObject} from '../base/json.ts';
import {findWritablePath} from '../base/places.ts';
import type {JobWork, Node, RuleName} from '../graph/node.ts';
import type {Disk} from '../host/disk.ts';
import {outputOf, putEntry, sizeOf} from '../state/cache.ts';
import type {Standing, Trace} from '../state/trace.ts';
import {moveAside, type Kept} from '../state/kept.ts';
import {setAside} from './keep.ts';
import type {Session} from './session.ts';

export interface Orphan {
  readonly id: NodeId;
  readonly rule: RuleName;
  /** The folder of a result, or the file of a script. */
  readonly path: ProjectPath;
  readonly bytes: number;
  readonly lastTrace: Trace | undefined;
}

/** What the study itself does not know; another study of the workspace may. A cheap look, which most often finds nothing. */
export function hasCandidates(session: Session): boolean {
  return listCandidates(session).length > 0;
}

/** Of the study asked for, at its own places: what none of the `sessions` (the studies of the workspace) has a node for. */
export function findOrphans(session: Session, sessions: readonly Session[]): readonly Orphan[] {
  const known = new Set(sessions.flatMap(({graph}) => graph.nodes.map(({id}) => id)));
  return listCandidates(session).filter(({id}) => !known.has(id));
}

/** Under the lock. What is not what was recorded is kept as it is. */
export function collectOrphans(session: Session, orphans: readonly Orphan[]): readonly (Orphan & {readonly kept: Kept})[] {
  return orphans.flatMap((orphan) => {
    const kept = orphan.rule === 'script' ? collectScript(session, orphan) : setAside(session, asNode(orphan));
    return kept === undefined ? [] : [{...orphan, kept}];
  });
}

function listCandidates(session: Session): readonly Orphan[] {
  const {graph, store, disk} = session;
  const own = new Set(graph.nodes.map(({id}) => id));
  return [...new Set([...store.known(), ...listUnrecorded(session)])].flatMap((id) => {
    if (own.has(id)) return [];
    const {lastTrace} = store.standingOf(id);
    const placed = placeOfId(session, id, lastTrace);
    if (placed === undefined || disk.stat(placed.path) === 'missing') return [];
    return [{id, lastTrace, ...placed, bytes: sizeOf(disk, placed.path)}];
  });
}

// Made by hand, or by another machine: results of this program by what they say of themselves.
function listUnrecorded({disk, graph, study: {paths}}: Session): readonly NodeId[] {
  const found = [
    ...namesIn(disk, `${paths.outputs}/hpo`).map((name) => [`${paths.outputs}/hpo/${name}/best_params.json`, 'best_params'] as const),
    ...namesIn(disk, `${paths.outputs}/training`).flatMap((name) =>
      namesIn(disk, `${paths.outputs}/training/${name}`).map(
        (seed) => [`${paths.outputs}/training/${name}/${seed}/metrics.json`, 'metrics'] as const,
      ),
    ),
  ];
  const own = new Set<string>(graph.nodes.map(({id}) => id));
  const others = found.filter(([file]) => !own.has(file));
  return others.flatMap(([file, kind]) => (parseObject(textIn(disk, file))?.['kind'] === kind ? [nodeId(file)] : []));
}

function textIn(disk: Disk, file: string): string | undefined {
  return disk.entryAt(file) === 'file' ? disk.readText(file) : undefined;
}

function namesIn(disk: Disk, folder: string): readonly string[] {
  const names = disk.entryAt(folder) === 'directory' ? disk.list(folder) : 'missing';
  return names === 'missing' ? [] : names;
}

// The journal is a file: a path in it is believed only where this study writes.
function placeOfId({study: {paths}}: Session, id: NodeId, trace: Standing['lastTrace']): Pick<Orphan, 'rule' | 'path'> | undefined {
  const file = findWritablePath(id);
  if (file === undefined) return undefined;
  const folder = projectPath(file.slice(0, file.lastIndexOf('/')));
  if (file.startsWith(`${paths.outputs}/hpo/`) && file.endsWith('/best_params.json'))
    return {rule: trace?.effort?.rule === 'borrow' ? 'borrow' : 'hpo', path: folder};
  if (file.startsWith(`${paths.outputs}/training/`) && file.endsWith('/metrics.json')) return {rule: 'training', path: folder};
  return file.startsWith(`${paths.scripts}/`) ? {rule: 'script', path: file} : undefined;
}

function collectScript(session: Session, {id, rule, path, lastTrace}: Orphan): Kept {
  const recorded = lastTrace?.outputs.find(([output]) => output === path)?.[1];
  const digest = session.world.digestOf(path);
  if (lastTrace === undefined || recorded !== digest) return moveAside(session.disk, path, `edited-${digest.slice(0, 12)}`);
  const made = {node: id, rule, label: `script ${path}`, path, key: lastTrace.key, trace: lastTrace, ended: null, spentMs: 0};
  return {path, movedTo: outputOf(putEntry(session.disk, {...made, holds: 'complete', reason: null}, session.clock.now()))};
}

const logs = /\/(?:study\.db|[^/]+\.log)$/u;

// As far as its record tells: enough to take its results away as those of any node.
function asNode({id, rule, path, lastTrace}: Orphan): Node {
  const outputs = lastTrace?.outputs.map(([output]) => output) ?? [projectPath(id)];
  const job: JobWork = {
    ...{rule: rule === 'training' ? 'training' : 'hpo', target: {kind: 'module', name: 'fts'}, identity: undefined, record: {}, extent: {}},
    ...{output: path, logFile: path, seed: undefined, data: undefined, checks: [], asserts: []},
  };
  return {
    ...{id, rule, label: `${rule} ${path.slice(path.lastIndexOf('/', path.length - 1) + 1)}`, dims: new Map(), inputs: []},
    outputs: outputs.map((output) => ({path: output, kind: logs.test(output) ? 'volatile' : 'file'})),
    ...{params: new Map(), extent: new Map(), code: [], collects: [], cost: {pool: undefined, estimateMs: undefined}},
    work: {kind: 'job', job},
  };
}
