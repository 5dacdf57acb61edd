// A tiny study that is watched, all in memory: the real watch, judge, loop and rules over a virtual disk. Time passes by itself when nothing happens.
import {closeUnfinished} from '../../src/build/unfinished.ts';
import {runLoop} from '../../src/build/loop.ts';
import {makePools} from '../../src/build/pools.ts';
import type {Runner} from '../../src/build/runner.ts';
import {Supervisor} from '../../src/build/supervise.ts';
import {Trouble} from '../../src/build/trouble.ts';
import {watchStudy, type Reading, type WatchEnd, type WatchEvent, type WatchPlan} from '../../src/build/watch.ts';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {success} from '../../src/base/result.ts';
import type {Node} from '../../src/graph/node.ts';
import {neededFor} from '../../src/graph/order.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {memoryWatching} from '../../src/host/memory-watcher.ts';
import {handTimers, type Timers} from '../../src/host/timers.ts';
import type {Holder} from '../../src/state/lock.ts';
import {tinyStudy} from './command-line.ts';
import {StudyBench} from './study-bench.ts';

export interface WatchBenchOptions {
  readonly all?: boolean;
  /** Which nodes are asked for; all where it is left out. */
  readonly wanted?: (node: Node) => boolean;
}

export class WatchBench {
  readonly clock = handClock();
  readonly timers: Timers = handTimers(this.clock);
  readonly disk: MemoryDisk = memoryDisk({}, this.clock);
  readonly study: StudyBench;
  readonly events: WatchEvent[] = [];
  /** Labels of the nodes that ran, build by build. */
  readonly builds: string[][] = [];
  /** How often the configuration was read. */
  looks = 0;
  holder: Holder | undefined;
  /** What Python says of a script. */
  syntax: (source: string) => readonly Diagnostic[] = () => [];
  /** Called when a build begins. */
  onBuild: (plan: WatchPlan) => void = () => undefined;
  /** Called when everything of a build was made, before it is looked again. */
  onBuilt: () => void = () => undefined;
  readonly #stop = new AbortController();
  readonly #options: WatchBenchOptions;
  #ended: Promise<WatchEnd> | undefined;
  #waiting: () => void = () => undefined;

  private constructor(options: WatchBenchOptions) {
    this.#options = options;
    this.study = new StudyBench({disk: this.disk, clock: this.clock, packageRoot: '/package'}, 'experiments.yaml');
    this.disk.write('experiments.yaml', tinyStudy);
  }

  /** Everything was built once, and is watched now. */
  static async start(options: WatchBenchOptions = {}): Promise<WatchBench> {
    const bench = new WatchBench(options);
    await bench.study.build();
    const rest = bench.rest();
    bench.#ended = bench.#watch();
    await rest;
    bench.events.length = 0;
    bench.looks = 0;
    return bench;
  }

  /** Does it, and waits until everything that follows from it is worked off. */
  async after(act: () => void): Promise<void> {
    const rest = this.rest();
    act();
    await rest;
  }

  rest(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** As Ctrl-C. */
  stop(): void {
    this.#stop.abort();
  }

  ended(): Promise<WatchEnd> {
    this.stop();
    return this.#ended ?? Promise.reject(new Error('it was not started'));
  }

  told(): readonly string[] {
    return this.events.map(({type}) => type).filter((type) => type !== 'waiting');
  }

  /** Labels of what was last said to be stale. */
  stale(): readonly string[] {
    const last = this.events.findLast((event) => event.type === 'stale');
    return last?.plan.order.map(({label}) => label) ?? [];
  }

  edit(from: string, to: string): void {
    this.study.edit('experiments.yaml', from, to);
  }

  #watch(): Promise<WatchEnd> {
    return watchStudy({
      ...{disk: this.disk, clock: this.clock, timers: this.timers, stop: this.#stop.signal, jobs: 2},
      all: this.#options.all ?? false,
      folders: [{path: '/package/fts', ending: '.py'}],
      start: memoryWatching(this.disk),
      read: () => Promise.resolve(this.#read()),
      build: (plan) => this.#build(plan),
      holder: () => this.holder,
      listen: (event) => {
        this.events.push(event);
        if (event.type === 'waiting') this.#waiting();
      },
    });
  }

  #read(): Reading {
    this.looks++;
    const sources = new Set<string>();
    const opened = this.study.open(this.study.site, (path) => {
      sources.add(path);
      return this.disk.readText(path);
    });
    if (!opened.ok) return {sources, study: opened};
    const session = opened.value;
    const {wanted = () => true} = this.#options;
    return {sources, study: success({session, warnings: [], order: neededFor(session.graph, session.graph.nodes.filter(wanted))})};
  }

  async #build(plan: WatchPlan): Promise<'ended' | 'interrupted'> {
    this.onBuild(plan);
    const {session} = plan;
    if (this.#options.all === true) {
      this.builds.push((await this.study.build()).map(({node}) => node.label));
      this.onBuilt();
      return 'ended';
    }
    const ran: string[] = [];
    this.builds.push(ran);
    const runner: Runner = {
      ...{session, supervisor: this.#supervisor(), trouble: new Trouble()},
      ...{interrupt: this.#stop.signal, kill: new AbortController().signal},
      listen: (event) => {
        if (event.type === 'node_stale') ran.push(event.node.label);
      },
      python: () => Promise.reject(new Error('nothing that is cheap starts a job')),
      checkSyntax: (files) => Promise.resolve(files.flatMap(({source}) => this.syntax(source))),
      git: () => Promise.resolve({commit: null, dirty: null}),
      makeEnvironment: () => Promise.resolve({ok: false, message: 'no environment is cheap'}),
    };
    await closeUnfinished(session);
    const pools = makePools(new Map([['cpu', 2]]), 2);
    const rest = {priorities: new Map(), always: () => false, failFast: false, refusals: plan.refusals};
    const summary = await runLoop(runner, plan.order, {pools, ...rest});
    session.store.compact();
    return summary.interrupted ? 'interrupted' : 'ended';
  }

  #supervisor(): Supervisor {
    const thermometer = {read: () => Promise.resolve({kind: 'unknown', why: 'none'} as const), close: () => Promise.resolve()};
    const {thermal} = this.study.session().study.safety;
    return new Supervisor({thermal, thermometer, clock: this.clock, timers: this.timers, listen: () => undefined});
  }
}
