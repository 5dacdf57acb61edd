// One build of 30 cheap nodes in a folder, by the real loop, store, lock, digests, disk and executor: a program of its own, so that it can be
// killed. Arguments: the folder; then, where a running job is to be killed, after how many milliseconds.
import {Supervisor} from '../../src/build/supervise.ts';
import {Trouble} from '../../src/build/trouble.ts';
import {noThermometer} from '../../src/host/no-thermometer.ts';
import {systemTimers} from '../../src/host/timers.ts';
import {nodeId, projectPath} from '../../src/base/ids.ts';
import {success} from '../../src/base/result.ts';
import {runLoop} from '../../src/build/loop.ts';
import {makePools} from '../../src/build/pools.ts';
import {openConditions} from '../../src/build/conditions.ts';
import type {Session} from '../../src/build/session.ts';
import {closeUnfinished} from '../../src/build/unfinished.ts';
import type {Executor, Running} from '../../src/executors/executor.ts';
import {localExecutor} from '../../src/executors/local.ts';
import {buildGraph} from '../../src/graph/graph.ts';
import type {Input, Node} from '../../src/graph/node.ts';
import {criticalPaths, neededFor} from '../../src/graph/order.ts';
import {systemClock} from '../../src/host/clock.ts';
import {signalGroup} from '../../src/host/process-group.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {acquireWithin, lockPath} from '../../src/state/lock.ts';
import {openStore} from '../../src/state/store.ts';
import {openWorld} from '../../src/state/world.ts';
import {minimalStudy} from './bench.ts';
import {sampleBestParams} from './samples.ts';

const studies = 12;
const source = projectPath('source.txt');

/** Twelve scripts, a search of each that takes the one before it along, and six summaries of two searches each. */
export function tortureNodes(): Node[] {
  const indices = Array.from({length: studies}, (_, index) => index);
  const summaries = indices.filter((index) => index % 2 === 0).map((index) => summaryNode(index));
  return [...indices.map(scriptNode), ...indices.map(searchNode), ...summaries];
}

const scriptPath = (index: number): ReturnType<typeof projectPath> => projectPath(`experiments/p/hpo_${String(index)}.sh`);
const folderOf = (index: number): ReturnType<typeof projectPath> => projectPath(`outputs/hpo/x${String(index)}`);
const bestOf = (index: number): ReturnType<typeof projectPath> => projectPath(`${folderOf(index)}/best_params.json`);

const common = {dims: new Map(), params: new Map(), extent: new Map(), code: [], collects: []};

function whole(path: Input['path']): Input {
  return {path, kind: 'explicit', part: {of: 'file'}};
}

function scriptNode(index: number): Node {
  const path = scriptPath(index);
  return {
    ...common,
    id: nodeId(path),
    rule: 'script',
    label: `script ${String(index)}`,
    inputs: [whole(source)],
    outputs: [{path, kind: 'file'}],
    cost: {pool: undefined, estimateMs: 1},
    work: {
      kind: 'internal',
      perform: (reader) =>
        Promise.resolve(success({files: [{path, text: scriptText(index, reader.readText(source) ?? '')}], holds: 'text', warnings: []})),
    },
  };
}

// What a job may do badly, it does: its result is written in pieces with a pause in between, over what was there before.
function scriptText(index: number, source: string): string {
  const version = source.trim();
  const result = {...sampleBestParams('KEY'), identity: identityOf(index), record: {version}, duration_seconds: 0};
  const [head = '', tail = ''] = JSON.stringify(result).split('KEY');
  return `key=$(sed -n 's/^  "key": "\\(.*\\)",$/\\1/p' "$FTSBUILD_JOB")
echo "trial of ${version}"
printf '%s' '${head}' > ${bestOf(index)}
sleep 0.01
printf '%s' "$key" >> ${bestOf(index)}
sleep 0.01
printf '%s\\n' '${tail}' >> ${bestOf(index)}
echo '{"event": "result", "status": "success", "reason": null, "message": null, "val_loss": 0.5}' >&3
`;
}

function identityOf(index: number): NonNullable<Extract<Node['work'], {kind: 'job'}>['job']['identity']> {
  return {experiment: `x${String(index)}`, phase: 'p', budget: '2M', task: 't', horizon: 1, timescale: 'daily', tier: 'a20', data: 'd'};
}

function searchNode(index: number): Node {
  const before = index % 4 === 0 ? [] : [whole(bestOf(index - 1))];
  return {
    ...common,
    id: nodeId(bestOf(index)),
    rule: 'hpo',
    label: `hpo x${String(index)}`,
    inputs: [{...whole(scriptPath(index)), role: 'script'}, ...before],
    outputs: [{path: bestOf(index), kind: 'file'}],
    cost: {pool: 'cpu', estimateMs: 20},
    work: {
      kind: 'job',
      job: {
        rule: 'hpo',
        target: {kind: 'script', path: scriptPath(index)},
        identity: identityOf(index),
        record: {seed: 42},
        extent: {},
        output: folderOf(index),
        logFile: projectPath(`${folderOf(index)}/hpo.log`),
        seed: undefined,
        data: undefined,
        checks: [],
        asserts: [],
      },
    },
  };
}

function summaryNode(index: number): Node {
  const path = projectPath(`docs/summary_${String(index)}.txt`);
  const paths = [bestOf(index), bestOf(index + 1)];
  return {
    ...common,
    id: nodeId(path),
    rule: 'script',
    label: `summary ${String(index)}`,
    inputs: paths.map(whole),
    outputs: [{path, kind: 'file'}],
    cost: {pool: undefined, estimateMs: 1},
    work: {
      kind: 'internal',
      perform: (reader) =>
        Promise.resolve(
          success({files: [{path, text: paths.map((one) => reader.readText(one) ?? '').join('')}], holds: 'text', warnings: []}),
        ),
    },
  };
}

export function tortureSession(root: string): Session {
  const disk = workspaceDisk(root);
  const graph = buildGraph(tortureNodes());
  const store = openStore(disk);
  if (!graph.ok || !store.ok) throw new Error('the workspace cannot be opened');
  const digests = openDigests(disk, systemClock, '.ftsbuild/digests');
  const world = openWorld({disk, digests, packageRoot: `${root}/package`, dataManifest: 'data/manifest.json'});
  const study = {...minimalStudy, python: {kind: 'interpreter', path: '/bin/sh'} as const};
  return {
    study,
    graph: graph.value,
    disk,
    clock: systemClock,
    digests,
    world,
    store: store.value,
    packageRoot: `${root}/package`,
    templates: new Map(),
    remembered: new Set(),
    conditions: openConditions(),
  };
}

async function buildOnce(root: string, killJobAfterMs: number | undefined): Promise<void> {
  const processes = machineProcesses();
  const site = {disk: workspaceDisk(root), clock: systemClock, processes, path: lockPath, command: 'torture'};
  const acquired = await acquireWithin(site, 5000);
  if ('by' in acquired) throw new Error(`held by ${JSON.stringify(acquired.by)}`);
  // Read under the lock: what was known before may have been written by somebody who died since.
  const session = tortureSession(root);
  const order = neededFor(session.graph, session.graph.nodes);
  await closeUnfinished(session, {processes});
  const executor = killing(localExecutor(), killJobAfterMs);
  const listen = (): void => undefined;
  const {thermal} = session.study.safety;
  const supervisor = new Supervisor({thermal, thermometer: noThermometer(), clock: systemClock, timers: systemTimers, listen});
  const summary = await runLoop(
    {
      session,
      supervisor,
      listen,
      trouble: new Trouble(),
      interrupt: new AbortController().signal,
      kill: new AbortController().signal,
      python: () => Promise.resolve(executor),
      checkSyntax: () => Promise.resolve([]),
      git: () => Promise.resolve({commit: null, dirty: null}),
      makeEnvironment: () => Promise.resolve({ok: true, record: '{}'}),
      processes,
    },
    order,
    {
      pools: makePools(new Map([['cpu', 4]]), 4),
      priorities: criticalPaths(session.graph, order, (node) => node.cost.estimateMs ?? 0),
      always: () => false,
      failFast: false,
    },
  );
  session.store.compact();
  session.digests.save();
  acquired.held.release();
  process.stdout.write(`${JSON.stringify({ran: summary.ran, failed: summary.failed.map(({outcome}) => outcome.message)})}\n`);
}

/** The executor, of whose running jobs the oldest is killed once, after so many milliseconds. */
function killing(executor: Executor, afterMs: number | undefined): Executor {
  if (afterMs === undefined) return executor;
  const running = new Set<Running>();
  setTimeout(() => {
    const [oldest] = running;
    if (oldest?.pid !== undefined) signalGroup(oldest.pid, 'SIGKILL');
  }, afterMs).unref();
  return {
    start: (command, onProgress) => {
      const job = executor.start(command, onProgress);
      running.add(job);
      void job.ended.then(() => running.delete(job));
      return job;
    },
    close: () => executor.close(),
  };
}

if (import.meta.main) await buildOnce(process.argv[2] ?? '.', process.argv[3] === undefined ? undefined : Number(process.argv[3]));
