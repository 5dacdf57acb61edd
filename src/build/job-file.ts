// Writes the job file that a Python process gets (schemas/job.schema.json). Knows nothing of how the process runs.
import {createHash} from 'node:crypto';
import type {Key, NodeId} from '../base/ids.ts';
import {parseObject, type JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import {dirtyingInputs, type JobWork, type Node} from '../graph/node.ts';
import {scriptOf, type Manifest} from '../state/manifest.ts';
import {isOfPackage, placeOfModule} from '../state/python-code.ts';
import {adoptedTrialsOf} from './adopted.ts';
import type {GitState} from './git.ts';
import type {Session} from './session.ts';
import {trialCacheOf} from './trial-cache.ts';

export interface JobFiles {
  /** Relative to the workspace. */
  readonly job: string;
  readonly control: string;
  /** Where a data step puts what it found out about the file. */
  readonly result: string;
  /** Which process the job is, while it runs. */
  readonly process: string;
  /** How long it stood still so far. */
  readonly paused: string;
}

export function jobFilesOf(node: NodeId): JobFiles {
  const folder = `.ftsbuild/jobs/${createHash('sha256').update(node).digest('hex').slice(0, 16)}`;
  return {
    job: `${folder}/job.json`,
    control: `${folder}/control`,
    result: `${folder}/result.json`,
    process: `${folder}/process.json`,
    paused: `${folder}/paused.json`,
  };
}

interface Order {
  readonly node: Node;
  readonly work: JobWork;
  readonly key: Key;
  /** As it was judged: what the key is the digest of. */
  readonly manifest: Manifest;
  readonly attempt: number;
  readonly git: GitState;
}

export function writeJobFile(session: Session, order: Order): JobFiles {
  const files = jobFilesOf(order.node.id);
  session.disk.remove(files.control);
  session.disk.remove(files.result);
  session.disk.remove(files.process);
  session.disk.remove(files.paused);
  session.disk.write(files.job, `${JSON.stringify(jobOf(session, order, files), null, 2)}\n`);
  return files;
}

function jobOf(session: Session, {node, work, key, manifest, attempt, git}: Order, files: JobFiles): JsonObject {
  return {
    schema_version: 1,
    rule: work.rule,
    node: node.id,
    key,
    attempt,
    workspace: session.disk.root,
    identity: work.identity === undefined ? null : {...work.identity},
    params: work.record,
    extent: work.extent,
    output: work.rule === 'data' ? files.result : work.output,
    ...(work.seed === undefined ? {} : {seed: work.seed}),
    ...(work.rule === 'hpo' ? studyOf(session, {node, key, manifest}) : {}),
    control: session.disk.resolve(files.control),
    memory_gate: session.study.safety.gates.memory === 'none' ? 'none' : 'estimate',
    code: packageDigests(session),
    judged: judgedOf(session, node, manifest),
    provenance: {data: dataProvenance(session, work), git_commit: git.commit, git_dirty: git.dirty},
  };
}

// What was adopted, or made by hand, is a study of this key by a person's word or by its own; its database says otherwise.
function studyOf(session: Session, {node, key, manifest}: Pick<Order, 'node' | 'key' | 'manifest'>): JsonObject {
  const {lastTrace} = session.store.standingOf(node.id);
  const found = lastTrace?.key === key ? lastTrace : undefined;
  const adopted = found && adoptedTrialsOf(found);
  return {
    trial_cache: trialCacheOf(session, manifest),
    takes_over: found?.foreign === true,
    ...(adopted === undefined ? {} : {adopted}),
  };
}

// What the job compares when it has read everything. Of the environment it compares the versions, with those that Python finds.
function judgedOf(session: Session, node: Node, manifest: Manifest): JsonObject {
  const files = session.world.listModules(node.code, scriptOf(node));
  // What earlier runs were seen to import is in the key by what it means today.
  const known = session.store.standingOf(node.id).discovered.map(([path]) => ({name: path, at: placeOfModule(session, path)}));
  const all = [...files, ...known];
  const modules = sorted(new Set(all.flatMap(({name}) => (isOfPackage(name) ? [name] : []))));
  const own = all.flatMap(({name, at}) => (isOfPackage(name) ? [] : [[at, session.world.digestOf(at)] as const]));
  const read = dirtyingInputs(node).filter(({role, part}) => role !== 'environment' && part.of !== 'nothing');
  const digests = read.map(({path}) => [path, session.world.digestOf(path)] as const);
  const versions = parseObject(manifest.find(([name]) => name.startsWith('file environment#'))?.[1]) ?? {};
  const isThere = ([, digest]: readonly [string, string]): boolean => digest !== 'missing';
  return {
    modules,
    files: Object.fromEntries(digests.filter(isThere)),
    versions,
    workspace: Object.fromEntries(own.filter(isThere)),
  };
}

export function dataProvenance(session: Session, work: JobWork): JsonObject | null {
  const entry = work.data === undefined ? undefined : session.world.findDataEntry(work.data);
  return entry === undefined ? null : {path: entry.path, md5: entry.md5, sha256: entry.sha256, rows: entry.rows};
}

/** SHA-256 of the bytes of every file of the Python package. */
export function packageDigests(session: Session): JsonObject {
  return Object.fromEntries(listSources(session, 'fts').map((path) => [path, session.world.digestOf(`${session.packageRoot}/${path}`)]));
}

function listSources(session: Session, folder: string): string[] {
  const names = session.disk.list(`${session.packageRoot}/${folder}`);
  if (names === 'missing') return [];
  return names.flatMap((name) => {
    const path = `${folder}/${name}`;
    if (name.endsWith('.py')) return [path];
    return name !== '__pycache__' && !name.includes('.') ? listSources(session, path) : [];
  });
}
