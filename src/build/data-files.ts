// The files in the data manifest: which there are, whether their bytes are what was recorded, and one that a person puts on record.
import {findProjectPath, nodeId, type ProjectPath} from '../base/ids.ts';
import {parseObject, type JsonObject} from '../base/json.ts';
import {failure, success, type Result} from '../base/result.ts';
import {lastLineOf, runToEnd, type Ran} from '../host/run.ts';
import {listDataEntries, recordDataset} from '../state/data-manifest.ts';
import {openDigests} from '../state/digests.ts';
import {jobFilesOf, packageDigests} from './job-file.ts';
import {interpreterOf} from './run-job.ts';
import type {Session} from './session.ts';

export interface DataFile {
  readonly path: string;
  /** Its entry in the manifest, whole. */
  readonly entry: JsonObject;
  /** `there`: nobody has read it. */
  readonly state: 'there' | 'missing' | 'sound' | 'changed';
}

export function listData({disk, study}: Session): readonly DataFile[] {
  // A path that leads out of the workspace is no file of the study.
  return listDataEntries(disk, study.paths.manifest)
    .filter(([path]) => findProjectPath(path) !== undefined)
    .map(([path, entry]) => ({path, entry, state: disk.stat(path) === 'missing' ? 'missing' : 'there'}));
}

/** By their bytes, whatever is remembered of them. */
export function verifyData(session: Session): readonly DataFile[] {
  const digests = openDigests(session.disk, session.clock, '.ftsbuild/unread');
  return listData(session).map((file) => {
    const digest = digests.digestOf(file.path);
    if (digest === 'missing') return {...file, state: 'missing'};
    return {...file, state: digest === file.entry['sha256'] ? 'sound' : 'changed'};
  });
}

export interface Registered {
  readonly path: ProjectPath;
  readonly rows: number;
  readonly sha256: string;
}

export type RunPython = (argv: readonly [string, ...string[]], environment: Readonly<Record<string, string>>) => Promise<Ran>;

/** Under the lock. The file is read by the study's Python, as a data step does it, and changed by nobody. */
export async function registerFile(
  session: Session,
  asked: {readonly path: string; readonly timescale: string},
  run: RunPython = (argv, environment) => runToEnd(argv, {directory: session.disk.root, environment, timeoutMs: longestMs}),
): Promise<Result<Registered, string>> {
  const path = findProjectPath(asked.path);
  if (path === undefined) return failure(`${asked.path} is no path in this workspace: relative to it, with forward slashes`);
  const stat = session.disk.stat(path);
  if (stat === 'missing') return failure(`${path} is not there`);
  // Python would wait for whoever writes into a pipe.
  if (stat.kind !== 'file') return failure(`${path} is no plain file`);
  const order = orderFor(session, path, asked.timescale);
  if (order === undefined) return failure(`${path} is made by its builder: \`ftsbuild data\` makes it and puts it on record`);
  const files = jobFilesOf(nodeId(`register:${path}`));
  session.disk.remove(files.result);
  session.disk.write(files.job, `${JSON.stringify(jobFor(session, order, files), null, 2)}\n`);
  const ran = await run([interpreterOf(session), '-m', 'fts.data'], {
    FTSBUILD_JOB: session.disk.resolve(files.job),
    PYTHONPATH: session.packageRoot,
  });
  const result = parseObject(session.disk.readText(files.result));
  if (result === undefined) return failure(`${path} was not registered: ${lastLineOf(ran).replace(/^FAILED: /, '')}`);
  const registered = new Date(session.clock.now()).toISOString();
  recordDataset(session.disk, session.study.paths.manifest, {...result, dataset: order.dataset, registered}, order.kind);
  session.world.refresh();
  const {rows, sha256} = result;
  return success({path, rows: typeof rows === 'number' ? rows : 0, sha256: typeof sha256 === 'string' ? sha256 : ''});
}

const longestMs = 600_000;

interface Order {
  readonly path: ProjectPath;
  readonly dataset: string;
  readonly kind: 'raw' | 'processed';
  readonly params: JsonObject;
  readonly extent: JsonObject;
}

// As the study asks for it, where it does; undefined for what it makes itself.
function orderFor({study, graph}: Session, path: ProjectPath, timescale: string): Order | undefined {
  const given = study.data.find((dataset) => dataset.path === path);
  if (given?.origin.kind === 'builder') return undefined;
  const node = given && graph.nodes.find(({work}) => work.kind === 'job' && work.job.rule === 'data' && work.job.output === path);
  if (given !== undefined && node?.work.kind === 'job')
    return {path, dataset: given.name, kind: 'processed', params: node.work.job.record, extent: node.work.job.extent};
  const raw = study.data.find(({origin}) => origin.kind === 'builder' && origin.rawFile === path);
  const plain = {source: null, path, tiers: [], keep_rows: null, min_rows: null, max_nan: null, columns: [], md5: null};
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]*$/, '');
  // Of days, mostly: what the builder makes of them is longer.
  const params = raw === undefined ? {...plain, timescale} : {...plain, timescale: raw.timescale, made_into: true};
  return {path, dataset: raw?.name ?? stem, kind: 'raw', params, extent: {}};
}

function jobFor(session: Session, {path, params, extent}: Order, files: ReturnType<typeof jobFilesOf>): JsonObject {
  return {
    ...{schema_version: 1, rule: 'data', node: `register:${path}`, key: '0'.repeat(64), attempt: 1, workspace: session.disk.root},
    ...{identity: null, params, extent, output: files.result, control: session.disk.resolve(files.control)},
    code: packageDigests(session),
    provenance: {data: null, git_commit: null, git_dirty: null},
  };
}
