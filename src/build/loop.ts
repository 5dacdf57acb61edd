// The one loop of a build: release what is ready, otherwise wait for one to end. State changes nowhere else.
import type {Key, NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {canaryGroups} from './canary.ts';
import type {Outcome, Summary} from './events.ts';
import {Plan} from './plan.ts';
import type {Pools} from './pools.ts';
import {isCached, restore} from './restore.ts';
import {judgeReady, runNode, type Judged} from './run-node.ts';
import {environmentRenewer, type RenewEnvironment} from './renew-environment.ts';
import {failed, refused, type Runner} from './runner.ts';
import type {Held} from './supervise.ts';
import {Tally} from './tally.ts';

export interface LoopOptions {
  readonly pools: Pools;
  /** Length of the critical path behind each node: the longest starts first. */
  readonly priorities: ReadonlyMap<NodeId, number>;
  /** Nodes that run although they are fresh (--always-make). */
  readonly always: (node: Node) => boolean;
  readonly failFast: boolean;
  /** Nodes that are not to run, and why: they are refused where they turn out to be stale, and nothing is recorded of it. */
  readonly refusals?: ReadonlyMap<NodeId, string>;
  /** Looked at once, when all that makes the inputs of what spends is settled: why nodes may not start. One reason, and nothing is spent. */
  readonly findGateFailures?: (open: readonly Node[]) => Promise<ReadonlyMap<NodeId, string>>;
}

interface Ended {
  readonly node: Node;
  readonly outcome: Outcome;
  readonly since: number;
}

type Stale = Extract<Judged, {settled: false}>;

/**
 * Settles every node of the order (producers first); the summary says how. A disk that refuses and a bug reject, everything else is an outcome;
 * whichever it is, it ends only when all that it started has ended.
 */
export async function runLoop(runner: Runner, order: readonly Node[], options: LoopOptions): Promise<Summary> {
  const loop = new Loop(runner, order, options);
  return loop.run();
}

class Loop {
  readonly #runner: Runner;
  readonly #options: LoopOptions;
  readonly #plan: Plan;
  readonly #renewEnvironment: RenewEnvironment;
  readonly #tally = new Tally();
  /** A person's, not the trouble's. */
  readonly #interrupt: AbortSignal;
  /** What has begun and not ended; none of it rejects. */
  readonly #running = new Set<Promise<void>>();
  /** When the job of a key that waits for a slot or runs has ended: a second node of that key takes its results, or goes on with them. */
  readonly #claims = new Map<Key, Promise<void>>();
  /** The node whose end stopped the release of others: after an interrupt, trouble, an abort for heat, or a failure under --fail-fast. */
  #stoppedBy: Node | undefined;
  readonly #stopped = new AbortController();
  /** Ends the wait of a node that is held. */
  readonly #halted: AbortSignal;

  constructor(runner: Runner, order: readonly Node[], options: LoopOptions) {
    this.#interrupt = runner.interrupt;
    this.#runner = {
      ...runner,
      interrupt: AbortSignal.any([runner.interrupt, runner.trouble.signal]),
      listen: (event) => {
        if (event.type === 'node_progress') this.#tally.countTrial(event.progress);
        runner.listen(event);
      },
    };
    this.#options = options;
    this.#renewEnvironment = environmentRenewer(this.#runner);
    this.#halted = AbortSignal.any([this.#runner.interrupt, this.#stopped.signal]);
    const {graph, study} = runner.session;
    const canaries = canaryGroups(study.phases, graph, order);
    this.#plan = new Plan(graph, order, {canaries, gated: options.findGateFailures !== undefined});
  }

  async run(): Promise<Summary> {
    const {session, listen, supervisor, trouble} = this.#runner;
    const since = session.clock.elapsed();
    listen({type: 'build_started', wanted: this.#plan.order.length, at: session.clock.now()});
    this.#releaseReady();
    // Whatever happens: a job must not outlive its build, which holds the workspace for it.
    while (this.#running.size > 0) await Promise.race(this.#running);
    const summary = this.#tally.summary(session.clock.elapsed() - since, this.#interrupt.aborted, supervisor.summary);
    listen({type: 'build_ended', summary, at: session.clock.now()});
    trouble.raise();
    if (!this.#plan.isSettled) throw new Error('unreachable: nothing runs, and not every node is settled');
    return summary;
  }

  // The pools stand still meanwhile: of all that becomes ready at once, the longest critical path starts first.
  #releaseReady(): void {
    this.#options.pools.pause();
    for (let ready = this.#plan.takeReady(); ready.length > 0; ready = this.#plan.takeReady()) {
      for (const node of ready) this.#release(node);
    }
    this.#options.pools.resume();
    if (this.#plan.takeGates()) void this.#track(undefined, () => this.#passGates());
    const at = this.#runner.session.clock.now();
    for (const {node, by} of this.#plan.takeHeld())
      this.#runner.listen({type: 'node_held', node, why: `it waits for the canary of its budget, ${by.label}`, at});
  }

  // One gate that is shut spends nothing at all: a person sees every reason at once, and decides.
  async #passGates(): Promise<void> {
    const since = this.#runner.session.clock.elapsed();
    const open = this.#plan.order.filter((node) => !this.#plan.hasBegun(node));
    const failures = (await this.#options.findGateFailures?.(open)) ?? new Map<NodeId, string>();
    const shut = this.#plan.order.flatMap((node) => {
      const why = failures.get(node.id);
      return why === undefined || this.#plan.hasBegun(node) ? [] : [{node, outcome: refused('gate', why)}];
    });
    // Consumers first, so that each is refused for a reason of its own, and not only blocked.
    const blocked = shut.toReversed().flatMap(({node, outcome}) => this.#plan.settle(node, outcome));
    for (const {node, outcome} of shut) this.#announce(node, outcome, this.#runner.session.clock.elapsed() - since);
    const [first] = shut;
    if (first === undefined) this.#plan.openGates();
    else for (const node of [...blocked, ...this.#plan.abandon(first.node)]) this.#announceBlocked(node);
    this.#releaseReady();
  }

  /** Runs it for a node, or for all that wait for the gates. What it throws ends the build, once what runs has ended. */
  #track(node: Node | undefined, task: () => Promise<void>): Promise<void> {
    const tracked = this.#watch(node, task).finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
    return tracked;
  }

  async #watch(node: Node | undefined, task: () => Promise<void>): Promise<void> {
    const since = this.#runner.session.clock.elapsed();
    try {
      await task();
    } catch (error) {
      this.#break(node, error, since);
    }
  }

  // The node of which it was met stands for what went wrong; it has no record, and the next build finds it as it is then.
  #break(node: Node | undefined, error: unknown, since: number): void {
    this.#runner.trouble.take(error);
    const broken = node ?? this.#plan.order.find((open) => !this.#plan.hasBegun(open));
    if (broken === undefined) return;
    const outcome = failed('trouble', error instanceof Error ? error.message : String(error));
    this.#runner.trouble.guard(() => this.#settle({node: broken, outcome, since}));
  }

  #release(node: Node): void {
    const since = this.#runner.session.clock.elapsed();
    try {
      this.#releaseJudged(node, this.#judge(node), since);
    } catch (error) {
      this.#break(node, error, since);
    }
  }

  #releaseJudged(node: Node, judged: Judged, since: number): void {
    if (judged.settled) {
      this.#settle({node, outcome: judged.outcome, since});
      return;
    }
    const ending = this.#track(node, () => this.#begin(node, judged));
    if (!isCached(node) || this.#claims.has(judged.verdict.key)) return;
    const {key} = judged.verdict;
    this.#claims.set(key, ending);
    void ending.then(() => this.#claims.delete(key));
  }

  async #begin(node: Node, {verdict, source}: Stale): Promise<void> {
    const since = this.#runner.session.clock.elapsed();
    if (source !== undefined) {
      this.#settle({node, outcome: await restore(this.#runner, node, verdict, source), since});
      this.#releaseReady();
      return;
    }
    const claim = this.#claims.get(verdict.key);
    if (claim !== undefined && isCached(node) && !this.#options.always(node)) {
      await claim;
      this.#releaseAgain(node);
      return;
    }
    const priority = this.#options.priorities.get(node.id) ?? 0;
    await this.#options.pools.run(node.cost.pool ?? 'engine', priority, () => this.#start(node));
  }

  #releaseAgain(node: Node): void {
    if (this.#stoppedBy === undefined) this.#release(node);
    else this.#settle({node, outcome: {at: 'blocked', by: this.#stoppedBy}, since: this.#runner.session.clock.elapsed()});
    this.#releaseReady();
  }

  // The report is made again only after a success: when all failed, the last good one stays.
  #judge(node: Node): Judged {
    if (node.work.kind === 'report' && this.#tally.onlyFailures) return {settled: true, outcome: {at: 'done', how: 'fresh'}};
    const judged = judgeReady(this.#runner, node, this.#options.always(node));
    const refusal = this.#options.refusals?.get(node.id);
    if (judged.settled || judged.source !== undefined || refusal === undefined) return judged;
    return {settled: true, outcome: refused('too_expensive', refusal)};
  }

  // Settled before the slot is given back: what this end makes ready, or stops, counts for who takes the slot next.
  async #start(node: Node): Promise<void> {
    const since = this.#runner.session.clock.elapsed();
    const {outcome, idleMs} = this.#stoppedBy === undefined ? await this.#run(node) : {outcome: undefined, idleMs: 0};
    this.#settle({node, outcome: outcome ?? this.#neverStarted(), since: since + idleMs});
    this.#releaseReady();
  }

  // What the engine does itself takes moments, and warms nothing.
  async #run(node: Node): Promise<Held> {
    const always = this.#options.always(node);
    const run = (): Promise<Outcome> => runNode(this.#runner, node, {always, renewEnvironment: this.#renewEnvironment});
    return node.work.kind === 'job' ? this.#runner.supervisor.during(node, this.#halted, run) : {outcome: await run(), idleMs: 0};
  }

  #neverStarted(): Outcome {
    if (this.#stoppedBy !== undefined) return {at: 'blocked', by: this.#stoppedBy};
    return {at: 'failed', status: 'interrupted', reason: 'signal', message: 'it had not started'};
  }

  #settle({node, outcome, since}: Ended): void {
    this.#announce(node, outcome, this.#runner.session.clock.elapsed() - since);
    for (const blocked of this.#plan.settle(node, outcome)) this.#announceBlocked(blocked);
    if (this.#stoppedBy !== undefined || !this.#endsAll(outcome)) return;
    this.#stoppedBy = node;
    this.#stopped.abort();
    for (const blocked of this.#plan.abandon(node)) this.#announceBlocked(blocked);
  }

  // After an abort for heat even the report waits: the next build goes on with all of it.
  #endsAll(outcome: Outcome): boolean {
    if (this.#runner.trouble.isThere || this.#runner.interrupt.aborted) return true;
    return outcome.at === 'failed' && (this.#options.failFast || outcome.status === 'thermal_abort');
  }

  #announceBlocked(node: Node): void {
    const state = this.#plan.stateOf(node);
    if (state?.at === 'blocked') this.#announce(node, state, 0);
  }

  #announce(node: Node, outcome: Outcome, durationMs: number): void {
    this.#tally.count(node, outcome);
    this.#runner.listen({type: 'node_ended', node, outcome, durationMs, at: this.#runner.session.clock.now()});
  }
}
