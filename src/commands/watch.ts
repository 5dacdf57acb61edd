// `ftsbuild watch`: makes what is cheap whenever a file changes, and lists what else became stale. Wiring only.
import type {Diagnostic} from '../base/diagnostic.ts';
import {success, type Result} from '../base/result.ts';
import {findConditionProblems} from '../build/conditions.ts';
import {priceOf} from '../build/price.ts';
import {watchStudy, type Reading, type WatchEvent, type WatchPlan} from '../build/watch.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {systemClock} from '../host/clock.ts';
import {coreCount} from '../host/cores.ts';
import {programFolders} from '../host/package-folder.ts';
import {machineProcesses} from '../host/processes.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {systemWatching} from '../host/system-watcher.ts';
import {systemTimers} from '../host/timers.ts';
import {findHolder, lockPath} from '../state/lock.ts';
import {describeWatch} from '../ui/watching.ts';
import {askForExpensive} from './ask.ts';
import {refuse, selectFor, type Wanted} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {onStopSignals} from './stop-signals.ts';
import {openSession, type Opened, type OpenOptions} from './open.ts';
import {runBuild} from './run-build.ts';
import type {Terminal} from './terminal.ts';
import {findWorkspace, type Place} from './workspace.ts';

export interface WatchOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly all: boolean;
  readonly jobs?: number | undefined;
  readonly level: 'silent' | 'normal' | 'verbose';
  readonly cold: boolean;
  readonly askOverMs: number;
  readonly yes: boolean;
  readonly pollMs?: number | undefined;
}

export async function watch(options: WatchOptions, terminal: Terminal): Promise<number> {
  const place = findWorkspace(options);
  if (!place.ok) return refuse(place.error, options, terminal);
  const here = new WatchedWorkspace(place.value, options, terminal);
  // What is wrong at the start is wrong usage, as for every other command; what becomes wrong later is waited out.
  const {study} = await here.read();
  if (!study.ok) return refuse(study.error, options, terminal);
  const {disk} = study.value.session;
  const processes = machineProcesses();
  const stop = new AbortController();
  const stopListening = onStopSignals(() => stop.abort());
  try {
    const ended = await watchStudy({
      ...{disk, clock: systemClock, timers: systemTimers, stop: stop.signal, all: options.all},
      folders: [...programFolders(), {path: disk.resolve('templates'), ending: '.hbs'}],
      start: systemWatching({pollMs: options.pollMs}),
      jobs: options.jobs ?? coreCount(),
      read: () => here.read(),
      build: (plan) => here.build(plan),
      holder: () => findHolder({disk, clock: systemClock, processes, path: lockPath}),
      listen: (event) => {
        show(event, options, terminal);
      },
    });
    return {stopped: exitCode.done, interrupted: exitCode.interrupted, blind: exitCode.gate}[ended];
  } finally {
    stopListening();
  }
}

/** One workspace for as long as it is watched: its place stays, though the file of the study may go and come back. */
class WatchedWorkspace {
  readonly #place: Place;
  readonly #options: WatchOptions;
  readonly #terminal: Terminal;
  #opened: Opened | undefined;

  constructor(place: Place, options: WatchOptions, terminal: Terminal) {
    this.#place = place;
    this.#options = options;
    this.#terminal = terminal;
  }

  async read(): Promise<Reading> {
    const sources = new Set<string>([this.#place.file]);
    const opened = this.#open(sources);
    if (!opened.ok) return {sources, study: opened};
    const {session, warnings} = opened.value;
    const selected = selectFor(session, this.#options);
    if (!selected.ok) return {sources, study: selected};
    const problems = await findConditionProblems(session.study);
    if (problems.length > 0) return {sources, study: {ok: false, error: problems}};
    this.#opened = opened.value;
    return {sources, study: success({session, warnings, order: neededFor(session.graph, selected.value)})};
  }

  async build(plan: WatchPlan): Promise<'ended' | 'interrupted'> {
    if (this.#opened === undefined) throw new Error('unreachable: a plan is made of what was read');
    const {askOverMs, yes, directory, jobs, level, cold} = this.#options;
    const price = priceOf(plan);
    const asked = this.#options.all ? await askForExpensive({...plan, price, askOverMs}, yes, this.#terminal) : [];
    const wanted: Wanted = {...this.#opened, order: plan.order, always: () => false};
    const refusals = new Map([...asked, ...plan.refusals]);
    const run = {...{directory, jobs, level, cold, price, refusals}, failFast: false, waitMs: 0, whenBusy: 'looks_again'} as const;
    const code = await runBuild(wanted, () => this.#readAgain(plan.order), run, this.#terminal);
    return code === exitCode.interrupted ? 'interrupted' : 'ended';
  }

  // Another build was faster. What is made is what was planned; the loop judges each node by how it stands now.
  #readAgain(order: readonly Node[]): Result<Wanted> {
    const opened = this.#open(new Set());
    if (!opened.ok) return opened;
    const {graph} = opened.value.session;
    const planned = new Set(order.map(({id}) => id));
    const kept = new Set<Node>();
    for (const node of neededFor(
      graph,
      graph.nodes.filter(({id}) => planned.has(id)),
    ))
      if (planned.has(node.id) && graph.producersOf(node).every((producer) => kept.has(producer))) kept.add(node);
    return success({...opened.value, order: [...kept], always: () => false});
  }

  #open(sources: Set<string>): Result<Opened> {
    const disk = workspaceDisk(this.#place.root);
    const reader = {
      readText: (path: string): string | undefined => {
        sources.add(path);
        return disk.readText(path);
      },
    };
    return openSession({...this.#options, place: this.#place, reader});
  }
}

function show(event: WatchEvent, options: WatchOptions, terminal: Terminal): void {
  switch (event.type) {
    case 'invalid':
      terminal.printProblems(event.problems, options.directory ?? '.');
      terminal.printError('The last good state stays; watching goes on.');
      return;
    case 'warned':
      printProblems(event.warnings, options, terminal);
      return;
    case 'trouble':
      terminal.printError(event.message);
      return;
    default:
      if (options.level !== 'silent') for (const line of describeWatch(event, terminal.paint)) terminal.print(line);
  }
}

function printProblems(warnings: readonly Diagnostic[], options: WatchOptions, terminal: Terminal): void {
  if (options.level !== 'silent') terminal.printProblems(warnings, options.directory ?? '.');
}
