// Opens all that a build needs to run its nodes: reporters, signals, sensors, Python. Each is closed at its end, in reverse order. Wiring only.
import {onFirstJob} from '../build/first-job.ts';
import {hardwareLog} from '../build/hardware-log.ts';
import {environmentMaker} from '../build/make-environment.ts';
import {readGitState} from '../build/git.ts';
import type {Listener} from '../build/events.ts';
import type {Runner} from '../build/runner.ts';
import {Supervisor} from '../build/supervise.ts';
import type {Session} from '../build/session.ts';
import {Trouble} from '../build/trouble.ts';
import {countOomKills} from '../host/oom-kills.ts';
import {tickMs, Watchdog} from '../build/watchdog.ts';
import {tellEach} from '../base/tell-each.ts';
import {every} from '../host/clock.ts';
import {keepAwake, type Awake} from '../host/awake.ts';
import {readMachine, readUsage} from '../host/machine.ts';
import {machineProcesses} from '../host/processes.ts';
import {machineResources} from '../host/resources.ts';
import {makeThermometer, type MachineThermometer} from '../host/sensors/thermometer.ts';
import {systemTimers} from '../host/timers.ts';
import {userCacheFolder} from '../host/user-cache.ts';
import {openReporter, type Reporter} from '../ui/reporter.ts';
import type {AtEnd} from './closing.ts';
import {hearRequests} from './hear-requests.ts';
import type {RunOptions} from './run-build.ts';
import {onStopSignals} from './stop-signals.ts';
import {checkSyntax, openPython} from './study-python.ts';
import {onSuspend} from './suspend.ts';
import type {Terminal} from './terminal.ts';

interface Opening {
  readonly options: RunOptions;
  readonly terminal: Terminal;
  readonly atEnd: AtEnd;
}

export async function openRunner(session: Session, {options, terminal, atEnd}: Opening): Promise<Runner> {
  const {disk, clock, study} = session;
  const processes = machineProcesses();
  const reporter = await openReports(session, {options, terminal, atEnd});
  const trouble = new Trouble();
  trouble.signal.addEventListener('abort', () => reporter.say(`${describe(trouble.signal.reason)} ${stopping} Ctrl-C ends them at once.`));
  const interrupt = new AbortController();
  const kill = new AbortController();
  const stop = stopper({interrupt, kill, trouble}, (text) => reporter.say(text));
  atEnd(onStopSignals(stop));
  const {sensor, warn} = study.safety.thermal;
  const thermometer = await makeThermometer(sensor, {root: disk.root, warn});
  atEnd(() => thermometer.close());
  const monitoring = monitor(session, thermometer);
  atEnd(() => monitoring.close());
  const watchdog = new Watchdog(study.safety.watchdog, clock);
  const listeners: readonly Listener[] = [(event) => watchdog.listen(event), reporter.listen, monitoring.listen];
  const listen: Listener = (event) => trouble.guard(() => tellEach(listeners, event));
  const supervisor = new Supervisor({thermal: study.safety.thermal, thermometer, clock, timers: systemTimers, listen});
  atEnd(() => supervisor.close());
  atEnd(hearRequests(disk, processes, {pause: () => void supervisor.pause(), resume: () => supervisor.resume(), stop}));
  atEnd(onSuspend(supervisor, {say: (text) => reporter.say(text), onBack: () => reporter.drawAnew()}));
  atEnd(every(tickMs, () => watchdog.tick()));
  const resources = machineResources();
  const python = openPython(session, options.cold, atEnd);
  // The event stream says what it ran on; nothing waits for that but the end.
  const machine = readMachine().then((facts) => listen({type: 'machine', ...facts}));
  atEnd(() => machine);
  return {
    ...{session, supervisor, watchdog, listen, trouble, processes, countOomKills},
    interrupt: interrupt.signal,
    kill: kill.signal,
    python: () => Promise.resolve(python.get()),
    forgetPackages: () => python.forget(),
    checkSyntax: (files) => checkSyntax(python.get(), files),
    git: () => readGitState(disk.root),
    makeEnvironment: environmentMaker({...session, resources, processes, cacheFolder: userCacheFolder()}),
    resources,
  };
}

async function openReports({disk, clock}: Session, {options, terminal, atEnd}: Opening): Promise<Reporter> {
  const {level, price, events: eventsFile, trace: traceFile} = options;
  const {ownPid: pid, host} = machineProcesses();
  const reporter = await openReporter({
    ...{disk, clock, level, price, eventsFile, traceFile, paint: terminal.paint, screen: terminal.screen},
    print: (text) => terminal.print(text),
    printError: (text) => terminal.printError(text),
    run: {pid, host, command: process.argv.slice(2).join(' ')},
  });
  atEnd(() => reporter.close());
  return reporter;
}

const stopping = 'Stopping: running jobs save what they have and end.';

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface Ends {
  readonly interrupt: AbortController;
  readonly kill: AbortController;
  readonly trouble: Trouble;
}

// Once: jobs save what they have and end. Twice, or where they end for trouble already: they are ended at once.
function stopper({interrupt, kill, trouble}: Ends, say: (text: string) => void): () => void {
  return () => {
    if (interrupt.signal.aborted || trouble.isThere) {
      kill.abort();
      return;
    }
    say(`${stopping} Once more to end them at once.`);
    interrupt.abort();
  };
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
