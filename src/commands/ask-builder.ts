// `ftsbuild pause`, `resume` and `stop`: asks the build that runs in this workspace, and waits until it has heard.
import {setTimeout as sleep} from 'node:timers/promises';
import {sendRequest, type Ask} from '../build/requests.ts';
import {systemClock} from '../host/clock.ts';
import {machineProcesses} from '../host/processes.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {forgivingDisk} from '../state/forgiving-disk.ts';
import {letGoOn} from '../host/suspended.ts';
import {findHolder, lockPath} from '../state/lock.ts';
import {noBuilder, requestHeard, requestUnheard, suspendedAlready, wasSuspended} from '../ui/requests.ts';
import {exitCode} from './exit-codes.ts';
import type {OpenOptions} from './open.ts';
import {refuse} from './build.ts';
import type {Terminal} from './terminal.ts';
import {findSuspension} from './suspended-builder.ts';
import {findWorkspace} from './workspace.ts';

const pollMs = 20;
/** Longer than any build needs to hear, on another machine too. */
const patienceMs = 10_000;

export async function askBuilder(ask: Ask, options: OpenOptions, terminal: Terminal): Promise<number> {
  const place = findWorkspace(options);
  if (!place.ok) return refuse(place.error, options, terminal);
  const disk = forgivingDisk(workspaceDisk(place.value.root));
  const site = {disk, clock: systemClock, processes: machineProcesses(), path: lockPath};
  const builder = findHolder(site);
  if (builder === undefined) {
    terminal.printError(noBuilder);
    return exitCode.failed;
  }
  const suspended = findSuspension(builder);
  if (suspended !== undefined && ask === 'pause') {
    terminal.print(suspendedAlready);
    return exitCode.done;
  }
  // It hears nothing before it goes on; what it is asked for is there by then.
  const request = sendRequest(site, builder, ask);
  if (suspended !== undefined) letGoOn(suspended);
  const until = performance.now() + patienceMs;
  while (performance.now() < until) {
    await sleep(pollMs);
    if (disk.stat(request) !== 'missing') continue;
    terminal.print(requestHeard(ask));
    if (suspended !== undefined) terminal.print(wasSuspended);
    return exitCode.done;
  }
  disk.remove(request);
  terminal.printError(requestUnheard(builder));
  return exitCode.failed;
}
