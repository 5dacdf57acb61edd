// A whole build in memory: nodes made by hand over a virtual disk, run by the real plan, loop, judge and journal.
import {nodeId, projectPath, type NodeId} from '../../src/base/ids.ts';
import type {Json, JsonObject} from '../../src/base/json.ts';
import {success} from '../../src/base/result.ts';
import type {BuildEvent, Outcome, Summary} from '../../src/build/events.ts';
import {closeUnfinished} from '../../src/build/unfinished.ts';
import {runLoop} from '../../src/build/loop.ts';
import {makePools} from '../../src/build/pools.ts';
import type {EnvironmentMaker, MadeEnvironment, Runner} from '../../src/build/runner.ts';
import {openConditions} from '../../src/build/conditions.ts';
import type {Session} from '../../src/build/session.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {usualSafety} from '../../src/config/safety.ts';
import type {Study} from '../../src/config/study.ts';
import type {Command, Ending} from '../../src/executors/executor.ts';
import {buildGraph} from '../../src/graph/graph.ts';
import type {Input, JobWork, Node, Part, Rendered, Work} from '../../src/graph/node.ts';
import {criticalPaths, neededFor} from '../../src/graph/order.ts';
import {handClock} from '../../src/host/clock.ts';
import type {Load, Reading} from '../../src/host/thermometer.ts';
import type {Resources} from '../../src/host/resources.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {openStore} from '../../src/state/store.ts';
import {openWorld} from '../../src/state/world.ts';
import {problem} from '../../src/base/diagnostic.ts';
import {failure} from '../../src/base/result.ts';
import {tickMs, Watchdog} from '../../src/build/watchdog.ts';
import {scriptedExecutor} from './scripted-executor.ts';
import {Supervisor} from '../../src/build/supervise.ts';
import {Trouble} from '../../src/build/trouble.ts';
import type {Thermal} from '../../src/config/study.ts';
import {handTimers, type Timers} from '../../src/host/timers.ts';

export interface Step {
  readonly out: string;
  readonly in?: readonly (string | {readonly path: string; readonly part: Part; readonly role?: string})[];
  readonly after?: readonly string[];
  readonly params?: Readonly<Record<string, Json>>;
  readonly extent?: Readonly<Record<string, Json>>;
  readonly code?: readonly string[];
  readonly dims?: Readonly<Record<string, string>>;
  readonly ms?: number;
  readonly pool?: 'cpu' | 'accelerator';
  /** What the step writes, from what it reads; throwing the text of a failure fails it. */
  readonly makes?: (read: (path: string) => string) => string;
  readonly partialSuffices?: boolean;
  /** Further outputs that only have to be there. */
  readonly volatile?: readonly string[];
  readonly phase?: string;
  /** A Python job instead of work inside the engine. */
  readonly job?: Partial<JobWork>;
  /** The Python environment; `out` is its record. */
  readonly isEnvironment?: boolean;
}

export interface JobScript {
  readonly progress?: readonly JsonObject[];
  /** Where it is absent, the job hangs until it is stopped. */
  readonly ending?: Ending;
  readonly files?: Readonly<Record<string, string>>;
  /** It works so long by the bench's clock, and looks at its control file every second, unless it `ignores` it. Needs a `temperature`. */
  readonly lasts?: {readonly ms: number; readonly ignores?: boolean};
}

/** What happens to a build from outside. */
export interface Outside {
  /** By the bench's clock, from the start of the build. */
  readonly at: (ms: number, act: () => void) => void;
  readonly supervisor: Supervisor;
  /** As Ctrl-C. */
  readonly stop: () => void;
}

export interface Built {
  /** Nodes that ran, in the order in which they began. */
  readonly ran: readonly string[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly summary: Summary;
  readonly events: readonly BuildEvent[];
}

const conditions = openConditions();
await conditions.load();

export class Bench {
  readonly disk: MemoryDisk;
  readonly clock = handClock();
  readonly packageRoot = '/package';
  steps: Step[];
  study: Study = minimalStudy;
  /** What the next job does, by the output directory. */
  readonly jobs = new Map<string, (command: {directory: string}) => JobScript>();
  readonly log: string[] = [];
  /** What a look at the Python environment finds; undefined where it cannot be used. */
  environment: string | undefined = '{}';
  /** Looks at it, or makes it, in place of that. */
  making: EnvironmentMaker | undefined;
  /** Where the study's heat policy differs from the usual one. */
  thermal: Partial<Thermal> = {};
  #watchdog: Watchdog | undefined;

  constructor(steps: readonly Step[], files: Readonly<Record<string, string>> = {}) {
    this.steps = [...steps];
    this.disk = memoryDisk(files, this.clock);
  }

  session(): Session {
    const graph = buildGraph(this.steps.map((step) => this.#node(step)));
    if (!graph.ok) throw new Error(graph.error.map(({message}) => message).join('; '));
    const store = openStore(this.disk);
    if (!store.ok) throw new Error(store.error.map(({message}) => message).join('; '));
    const digests = openDigests(this.disk, this.clock, '.ftsbuild/digests');
    const world = openWorld({disk: this.disk, digests, packageRoot: this.packageRoot, dataManifest: 'data/manifest.json'});
    return {
      study: {...this.study, safety: {...this.study.safety, thermal: {...this.study.safety.thermal, ...this.thermal}}},
      graph: graph.value,
      disk: this.disk,
      clock: this.clock,
      digests,
      world,
      store: store.value,
      packageRoot: this.packageRoot,
      templates: new Map(),
      remembered: new Set(),
      conditions,
    };
  }

  /** Lets time pass in which the machine is awake and nobody says a word. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= tickMs) {
      this.clock.advance(Math.min(left, tickMs));
      this.#watchdog?.tick();
    }
  }

  /** Why each node of the targets would run, as `will` of its forecast. */
  plan(...targets: string[]): Record<string, string> {
    const session = this.session();
    const order = neededFor(session.graph, this.#wanted(session, targets));
    return Object.fromEntries([...forecast(session, order)].map(([id, entry]) => [id, entry.will]));
  }

  async build(
    options: {
      targets?: readonly string[];
      always?: boolean;
      failFast?: boolean;
      jobs?: number;
      refusals?: ReadonlyMap<NodeId, string>;
      resources?: Resources;
      countOomKills?: () => number;
      findGateFailures?: (open: readonly Node[]) => Promise<ReadonlyMap<NodeId, string>>;
      onEvent?: (event: BuildEvent, stop: () => void) => void;
      /** Degrees by milliseconds since the start of the build; undefined is no reading. With it, time passes by itself. */
      temperature?: (ms: number, load: Load) => number | undefined;
      outside?: (outside: Outside) => void;
    } = {},
  ): Promise<Built> {
    this.clock.advance(10_000);
    const session = this.session();
    const wanted = this.#wanted(session, options.targets ?? []);
    const order = neededFor(session.graph, wanted);
    const events: BuildEvent[] = [];
    const interrupt = new AbortController();
    const startedAt = this.clock.now();
    const timers: Timers = options.temperature === undefined ? {after: () => () => undefined} : handTimers(this.clock);
    const executor = scriptedExecutor((command) => {
      const output = this.steps.find((step) => step.job !== undefined && command.logFile.includes(step.job.output ?? step.out));
      const script = output === undefined ? undefined : this.jobs.get(output.out)?.({directory: command.directory});
      if (script === undefined) return {ending: {how: 'not_started', message: `no script for ${command.logFile}`}};
      return {
        progress: [...(script.progress ?? [])],
        ...(script.ending === undefined ? {} : {ending: script.ending}),
        ...(script.lasts === undefined ? {} : {lasts: {...script.lasts, timers, readControl: () => this.#controlOf(command)}}),
        effect: () => {
          for (const [path, text] of Object.entries(script.files ?? {})) this.disk.write(path, text);
        },
      };
    });
    const watchdog = (this.#watchdog = new Watchdog(session.study.safety.watchdog, session.clock));
    const trouble = new Trouble();
    const listen = (event: BuildEvent): void => {
      watchdog.listen(event);
      events.push(event);
      trouble.guard(() => options.onEvent?.(event, () => interrupt.abort()));
    };
    const read = (load: Load): Promise<Reading> => {
      const celsius = options.temperature?.(this.clock.now() - startedAt, load);
      return Promise.resolve(celsius === undefined ? {kind: 'unknown', why: 'no answer'} : {kind: 'known', celsius, source: 'trace'});
    };
    const thermometer = {read, close: () => Promise.resolve()};
    const supervisor = new Supervisor({thermal: session.study.safety.thermal, thermometer, clock: this.clock, timers, listen});
    options.outside?.({at: (ms, act) => timers.after(ms, act), supervisor, stop: () => interrupt.abort()});
    const runner: Runner = {
      session,
      supervisor,
      watchdog,
      ...(options.resources === undefined ? {} : {resources: options.resources}),
      ...(options.countOomKills === undefined ? {} : {countOomKills: options.countOomKills}),
      listen,
      trouble,
      interrupt: interrupt.signal,
      kill: new AbortController().signal,
      python: () => Promise.resolve(executor),
      checkSyntax: () => Promise.resolve([]),
      git: () => Promise.resolve({commit: null, dirty: null}),
      makeEnvironment: (work, making) => this.making?.(work, making) ?? Promise.resolve(this.#recorded()),
    };
    await closeUnfinished(session);
    const summary = await runLoop(runner, order, {
      pools: makePools(
        new Map([
          ['cpu', 2],
          ['accelerator', 1],
        ]),
        options.jobs ?? 1,
      ),
      priorities: criticalPaths(session.graph, order, (node) => node.cost.estimateMs ?? 0),
      always: (node) => options.always === true && wanted.includes(node),
      failFast: options.failFast ?? false,
      refusals: options.refusals ?? new Map(),
      ...(options.findGateFailures === undefined ? {} : {findGateFailures: options.findGateFailures}),
    });
    supervisor.close();
    const outcomes = new Map(
      events.flatMap((event) => (event.type === 'node_ended' ? [[event.node.id as string, event.outcome] as const] : [])),
    );
    return {ran: events.flatMap((event) => (event.type === 'node_stale' ? [event.node.id as string] : [])), outcomes, summary, events};
  }

  #recorded(): MadeEnvironment {
    return this.environment === undefined ? {ok: false, message: 'missing packages: torch'} : {ok: true, record: this.environment};
  }

  #controlOf({environment}: Command): string | undefined {
    const job = JSON.parse(this.disk.readText(environment['FTSBUILD_JOB'] ?? '') ?? '{}') as {control: string};
    return this.disk.readText(job.control)?.trim();
  }

  #wanted(session: Session, targets: readonly string[]): readonly Node[] {
    return targets.length === 0 ? session.graph.nodes : targets.map((target) => session.graph.get(nodeId(target)));
  }

  #node(step: Step): Node {
    const inputs: Input[] = (step.in ?? []).map((input) =>
      typeof input === 'string'
        ? {path: projectPath(input), kind: 'explicit', part: {of: 'file'}}
        : {...input, path: projectPath(input.path), kind: 'explicit'},
    );
    for (const path of step.after ?? []) inputs.push({path: projectPath(path), kind: 'order_only', part: {of: 'file'}});
    return {
      id: nodeId(step.out),
      rule: step.isEnvironment === true ? 'environment' : step.job === undefined ? 'script' : (step.job.rule ?? 'hpo'),
      label: step.out,
      ...(step.phase === undefined ? {} : {phase: step.phase}),
      dims: new Map(Object.entries(step.dims ?? {})),
      inputs,
      outputs: [
        {path: projectPath(step.out), kind: 'file'},
        ...(step.volatile ?? []).map((path) => ({path: projectPath(path), kind: 'volatile' as const})),
      ],
      params: new Map(Object.entries(step.params ?? {})),
      extent: new Map(Object.entries(step.extent ?? {})),
      code: step.code ?? [],
      collects: [],
      partialSuffices: step.partialSuffices ?? false,
      cost: {pool: step.pool, estimateMs: step.ms},
      work: this.#work(step),
    };
  }

  #work(step: Step): Work {
    const record = projectPath(step.out);
    if (step.isEnvironment === true)
      return {
        kind: 'environment',
        environment: {requirements: '', directory: undefined, interpreter: '/opt/python', asksForCuda: false, record},
      };
    if (step.job === undefined) return {kind: 'internal', perform: () => Promise.resolve(this.#perform(step))};
    return {kind: 'job', job: {...defaultJob, output: record, ...step.job}};
  }

  #perform(step: Step): ReturnType<typeof success<Rendered>> | ReturnType<typeof failure<readonly ReturnType<typeof problem>[]>> {
    try {
      const text = (step.makes ?? (() => `${step.out} of ${JSON.stringify(step.params ?? {})}`))((path) => this.disk.readText(path) ?? '');
      return success({files: [{path: projectPath(step.out), text}], holds: 'text', warnings: []});
    } catch (error) {
      return failure([problem('FTS999', error instanceof Error ? error.message : String(error))]);
    }
  }
}

const defaultJob: JobWork = {
  rule: 'hpo',
  target: {kind: 'script', path: projectPath('experiments/x.py')},
  identity: {experiment: 'x', phase: 'p', budget: '2M', task: 't', horizon: 1, timescale: 'daily', tier: 'a20', data: 'd'},
  record: {},
  extent: {},
  output: projectPath('outputs/hpo/x'),
  logFile: projectPath('outputs/hpo/x/hpo.log'),
  seed: undefined,
  data: undefined,
  checks: [],
  asserts: [],
};

export const minimalStudy: Study = {
  project: 'test',
  file: 'experiments.yaml',
  sources: ['experiments.yaml'],
  paths: {
    scripts: projectPath('experiments'),
    outputs: projectPath('outputs'),
    log: projectPath('docs/experiment_results.csv'),
    report: projectPath('docs/experiment_results.md'),
    manifest: projectPath('data/manifest.json'),
    docs: projectPath('docs'),
  },
  python: {kind: 'venv', directory: projectPath('.venv')},
  data: [],
  budgets: [],
  phases: [],
  experiments: [],
  safety: usualSafety,
  pools: new Map([
    ['cpu', 2],
    ['accelerator', 1],
  ]),
};
