// Runs a build that has something to do: holds the workspace, closes what died, looks at the gates, runs the loop. Loaded only when something is stale.
import type {AtEnd} from './closing.ts';
import {closing} from './closing.ts';
import {workspaceBusy, type Way} from '../ui/busy.ts';
import {makePools} from '../build/pools.ts';
import {withCanaries} from '../build/canary.ts';
import {lookWith} from '../build/conditions.ts';
import {closeUnfinished} from '../build/unfinished.ts';
import type {RenewedLog} from '../build/renew-log.ts';
import {runLoop} from '../build/loop.ts';
import {failuresByNode, findEarlyFailures, findLateFailures, mergeAlike} from '../build/plan-gates.ts';
import {forecast} from '../build/verdicts.ts';
import type {Price} from '../build/price.ts';
import type {Runner} from '../build/runner.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {success, type Result} from '../base/result.ts';
import type {NodeId} from '../base/ids.ts';
import {criticalPaths} from '../graph/order.ts';
import type {Node} from '../graph/node.ts';
import {coreCount} from '../host/cores.ts';
import {machineProcesses} from '../host/processes.ts';
import {machineResources} from '../host/resources.ts';
import {lockPath} from '../state/lock.ts';
import {describeRenewed} from '../ui/plain.ts';
import {describeExit} from '../ui/summary.ts';
import {refuse, type Wanted} from './build.ts';
import {holdWorkspace} from './hold.ts';
import {exitCode, exitCodeOf} from './exit-codes.ts';
import {openRunner} from './open-runner.ts';
import {findMissingModules} from './study-python.ts';
import {findSuspension} from './suspended-builder.ts';
import type {Terminal} from './terminal.ts';

export interface RunOptions {
  readonly directory?: string | undefined;
  readonly failFast: boolean;
  /** What the plan was estimated to cost. */
  readonly price: Price;
  /** Nodes that nobody agreed to pay for, and why. */
  readonly refusals: ReadonlyMap<NodeId, string>;
  readonly jobs?: number | undefined;
  readonly level: 'silent' | 'normal' | 'verbose';
  readonly cold: boolean;
  readonly waitMs: number;
  readonly whenBusy: Way;
  /** Files that get the events as well, and a Chrome trace. */
  readonly events?: string | undefined;
  readonly trace?: string | undefined;
}

export async function runBuild(wanted: Wanted, readAgain: () => Result<Wanted>, options: RunOptions, terminal: Terminal): Promise<number> {
  const {disk, clock, store} = wanted.session;
  const site = {disk, clock, processes: machineProcesses(), path: lockPath, command: process.argv.slice(2).join(' ')};
  const acquired = await holdWorkspace(site, options.waitMs);
  if ('by' in acquired) {
    terminal.printError(
      workspaceBusy(acquired.by, findSuspension(acquired.by) === undefined ? options.whenBusy : 'suspended', site.processes),
    );
    return exitCode.gate;
  }
  return closing(async (atEnd) => {
    atEnd(() => acquired.held.release());
    // Another build may have ended between our look at the journal and our hold of the workspace: surely so after waiting for it.
    const current = store.isOutdated ? readAgain() : success(wanted);
    return current.ok ? runLocked(current.value, {options, terminal, atEnd}) : refuse(current.error, options, terminal);
  });
}

interface Held {
  readonly options: RunOptions;
  readonly terminal: Terminal;
  readonly atEnd: AtEnd;
}

async function runLocked(wanted: Wanted, {options, terminal, atEnd}: Held): Promise<number> {
  const {session, order} = wanted;
  atEnd(() => session.digests.save());
  const problems = await findObstacles(wanted, (renewed) => {
    if (options.level !== 'silent') terminal.print(describeRenewed(renewed));
  });
  if (problems.length > 0) {
    terminal.printProblems(problems, session.disk.root);
    return exitCode.gate;
  }
  const runner = await openRunner(session, {options, terminal, atEnd});
  const summary = await runLoop(runner, order, loopOptions(wanted, runner, options));
  session.store.compact();
  const code = exitCodeOf(summary);
  const story = describeExit(code);
  if (story !== undefined && options.level !== 'silent') terminal.print(story);
  return code;
}

/** What has to be mended before anything may start. */
async function findObstacles({session, order, always}: Wanted, tell: (renewed: RenewedLog) => void): Promise<readonly Diagnostic[]> {
  // Whatever is judged from here on is judged by all that is there.
  await session.conditions.load();
  const left = await closeUnfinished(session, {processes: machineProcesses(), tell});
  if (left.length > 0) return left;
  const forecasts = await lookWith(session.conditions, () => forecast(session, order, always));
  return mergeAlike(findEarlyFailures(session, order, forecasts, machineResources()));
}

function loopOptions({session, order, always}: Wanted, runner: Runner, options: RunOptions): Parameters<typeof runLoop>[2] {
  const {price, failFast, refusals, jobs = coreCount()} = options;
  const python = {
    checkSyntax: runner.checkSyntax,
    findMissingModules: (names: readonly string[]) => findMissingModules(session, names, runner.interrupt),
  };
  return {
    pools: makePools(session.study.pools, jobs),
    priorities: criticalPaths(withCanaries(session.graph, price.waits), order, (node) => price.of.get(node.id)?.ms ?? 0),
    ...{always, failFast, refusals},
    findGateFailures: async (open: readonly Node[]) => {
      session.world.refresh();
      const forecasts = forecast(session, order, always);
      return failuresByNode(await findLateFailures(session, {open, forecasts}, {resources: machineResources(), python}));
    },
  };
}
