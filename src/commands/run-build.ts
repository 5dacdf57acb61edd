// Runs a build that has something to do: the lock, executors, signals, reporters, the loop. Loaded only when something is stale.
import {workspaceBusy, type Way} from '../ui/busy.ts';
import {makePools} from '../build/pools.ts';
import {onFirstJob} from '../build/first-job.ts';
import {hardwareLog} from '../build/hardware-log.ts';
import {withCanaries} from '../build/canary.ts';
import {lookWith} from '../build/conditions.ts';
import {closeUnfinished} from '../build/unfinished.ts';
import {runLoop} from '../build/loop.ts';
import {failuresByNode, findEarlyFailures, findLateFailures} from '../build/plan-gates.ts';
import {forecast} from '../build/verdicts.ts';
import {environmentMaker} from '../build/make-environment.ts';
import {readGitState, type GitState} from '../build/git.ts';
import {interpreterOf} from '../build/run-job.ts';
import type {Listener} from '../build/events.ts';
import type {Price} from '../build/price.ts';
import type {Runner} from '../build/runner.ts';
import {Supervisor} from '../build/supervise.ts';
import type {Session} from '../build/session.ts';
import {pythonExecutor} from '../executors/python.ts';
import type {SourceFile, WarmExecutor} from '../executors/warm.ts';
import {tickMs, Watchdog} from '../build/watchdog.ts';
import {every} from '../host/clock.ts';
import {criticalPaths} from '../graph/order.ts';
import {coreCount} from '../host/cores.ts';
import {keepAwake, type Awake} from '../host/awake.ts';
import {readMachine, readUsage} from '../host/machine.ts';
import {machineProcesses} from '../host/processes.ts';
import {makeThermometer, type MachineThermometer} from '../host/sensors/thermometer.ts';
import {systemTimers} from '../host/timers.ts';
import {lockPath} from '../state/lock.ts';
import {machineResources} from '../host/resources.ts';
import {findOutput} from '../host/run.ts';
import {journalPath} from '../state/store.ts';
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {success, type Result} from '../base/result.ts';
import type {NodeId} from '../base/ids.ts';
import {openReporter} from '../ui/reporter.ts';
import {describeExit} from '../ui/summary.ts';
import {refuse, type Wanted} from './build.ts';
import {hearRequests} from './hear-requests.ts';
import {holdWorkspace} from './hold.ts';
import {exitCode, exitCodeOf} from './exit-codes.ts';
import {onStopSignals} from './stop-signals.ts';
import {onSuspend} from './suspend.ts';
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
  const site = {
    disk: wanted.session.disk,
    clock: wanted.session.clock,
    processes: machineProcesses(),
    path: lockPath,
    command: process.argv.slice(2).join(' '),
  };
  const acquired = await holdWorkspace(site, options.waitMs);
  if ('by' in acquired) {
    terminal.printError(workspaceBusy(acquired.by, options.whenBusy));
    return exitCode.gate;
  }
  try {
    const current = hasMovedOn(wanted) ? readAgain() : success(wanted);
    return current.ok ? await runLocked(current.value, options, terminal) : refuse(current.error, options, terminal);
  } finally {
    acquired.held.release();
  }
}

const marginMs = 2000;

// Another build may have ended between our look at the journal and our hold of the workspace: surely so after waiting for it.
function hasMovedOn({session, sinceMs}: Wanted): boolean {
  const stat = session.disk.stat(journalPath);
  return stat !== 'missing' && Number(stat.mtimeNs / 1_000_000n) > sinceMs - marginMs;
}

async function runLocked({session, order, always}: Wanted, options: RunOptions, terminal: Terminal): Promise<number> {
  const jobs = options.jobs ?? coreCount();
  const processes = machineProcesses();
  // Whatever is judged from here on is judged by all that is there.
  await session.conditions.load();
  const resources = machineResources();
  await closeUnfinished(session, session.graph.nodes, processes);
  const early = findEarlyFailures(session, order, await lookWith(session.conditions, () => forecast(session, order, always)), resources);
  if (early.length > 0) {
    terminal.printProblems(
      early.map(({diagnostic}) => diagnostic),
      session.disk.root,
    );
    return exitCode.gate;
  }
  const interrupt = new AbortController();
  const kill = new AbortController();
  const {level, price, events: eventsFile, trace: traceFile} = options;
  const reporter = await openReporter({
    ...{disk: session.disk, clock: session.clock, level, price, eventsFile, traceFile, paint: terminal.paint, screen: terminal.screen},
    print: (text) => terminal.print(text),
    printError: (text) => terminal.printError(text),
    run: {pid: processes.ownPid, host: processes.host, command: process.argv.slice(2).join(' ')},
  });
  const stop = stopper(interrupt, kill, (text) => reporter.say(text));
  const stopListening = onStopSignals(stop);
  let python: WarmExecutor | undefined;
  let git: Promise<GitState> | undefined;
  const start = (): WarmExecutor =>
    (python ??= pythonExecutor({
      interpreter: interpreterOf(session),
      directory: session.disk.root,
      packageRoot: session.packageRoot,
      preload,
      cold: options.cold,
    }));
  const thermometer = await makeThermometer(session.study.safety.thermal.sensor, {root: session.disk.root});
  const monitoring = monitor(session, thermometer);
  const watchdog = new Watchdog(session.study.safety.watchdog, session.clock);
  const listen: Listener = (event) => {
    watchdog.listen(event);
    reporter.listen(event);
    monitoring.listen(event);
  };
  const supervisor = new Supervisor({
    thermal: session.study.safety.thermal,
    thermometer,
    clock: session.clock,
    timers: systemTimers,
    listen,
  });
  const endRequests = hearRequests(session.disk, processes, {
    pause: () => void supervisor.pause(),
    resume: () => supervisor.resume(),
    stop,
  });
  const endSuspending = onSuspend(supervisor, {say: (text) => reporter.say(text), onBack: () => reporter.drawAnew()});
  const runner: Runner = {
    session,
    supervisor,
    watchdog,
    listen,
    interrupt: interrupt.signal,
    kill: kill.signal,
    python: () => Promise.resolve(start()),
    checkSyntax: (files) => checkSyntax(start(), files),
    git: () => (git ??= readGitState(session.disk.root)),
    makeEnvironment: environmentMaker(session),
    processes,
    resources,
  };
  // The event stream says what it ran on; nothing waits for that but the end.
  const machine = readMachine().then((facts) => runner.listen({type: 'machine', ...facts}));
  const stopWatching = every(tickMs, () => watchdog.tick());
  try {
    const priorities = criticalPaths(
      withCanaries(session.graph, options.price.waits),
      order,
      (node) => options.price.of.get(node.id)?.ms ?? 0,
    );
    const summary = await runLoop(runner, order, {
      pools: makePools(session.study.pools, jobs),
      priorities,
      always,
      failFast: options.failFast,
      refusals: options.refusals,
      findGateFailures: async (open) => {
        session.world.refresh();
        const forecasts = forecast(session, order, always);
        const python = {
          checkSyntax: runner.checkSyntax,
          findMissingModules: (names: readonly string[]) => findMissingModules(session, names),
        };
        return failuresByNode(await findLateFailures(session, {open, forecasts}, {resources, python}));
      },
    });
    session.store.compact();
    const code = exitCodeOf(summary);
    const story = describeExit(code);
    if (story !== undefined && level !== 'silent') terminal.print(story);
    return code;
  } finally {
    session.digests.save();
    stopWatching();
    stopListening();
    endRequests();
    endSuspending();
    supervisor.close();
    await Promise.all([machine, python?.close(), monitoring.close()]);
    await thermometer.close();
    reporter.close();
  }
}

/** What goes on beside the jobs for as long as they run. */
function monitor(session: Session, thermometer: MachineThermometer): {readonly listen: Listener; close(): Promise<void>} {
  const {disk, clock, study} = session;
  const hardware = hardwareLog({
    ...{disk, clock, everyMs: study.safety.monitorMs},
    usage: readUsage,
    accelerator: () => thermometer.accelerator(),
  });
  let awake: Awake | undefined;
  const stayAwake = onFirstJob(() => {
    awake = keepAwake();
  });
  return {
    listen: (event) => {
      hardware.listen(event);
      stayAwake(event);
    },
    close: async () => {
      await Promise.all([hardware.close(), awake?.close()]);
    },
  };
}

// What every job would import; importing it once is what a warm start saves.
const preload = ['torch', 'torch._dynamo', 'optuna', 'pandas', 'numpy', 'pyarrow.parquet'];

async function checkSyntax(python: WarmExecutor, files: readonly SourceFile[]): Promise<readonly Diagnostic[]> {
  const checked = await python.checkSyntax(files);
  if (!checked.ok) return [problem('FTS503', `the syntax could not be checked: ${checked.error}`)];
  return checked.value.map(({path, line, message}) => problem('FTS503', `${path}:${String(line ?? '?')}: ${message}`));
}

const findSpecs = 'import sys, importlib.util as u; print(*[name for name in sys.argv[1:] if u.find_spec(name) is None])';

// An interpreter that does not answer was found out by the look at the syntax before.
async function findMissingModules(session: Session, names: readonly string[]): Promise<readonly string[]> {
  const said = await findOutput([interpreterOf(session), '-c', findSpecs, ...names], {directory: session.disk.root, timeoutMs: 60_000});
  return (said ?? '').split(' ').filter((name) => name !== '');
}

// Once: jobs save what they have and end. Twice: they are ended at once.
function stopper(interrupt: AbortController, kill: AbortController, say: (text: string) => void): () => void {
  return () => {
    if (interrupt.signal.aborted) {
      kill.abort();
      return;
    }
    say('Stopping: running jobs save what they have and end. Once more to end them at once.');
    interrupt.abort();
  };
}
