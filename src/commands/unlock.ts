// `ftsbuild unlock HOST`: gives up the hold of a build on a machine that is gone. Of a machine that is not this one only a person knows.
import {systemClock} from '../host/clock.ts';
import {machineProcesses} from '../host/processes.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {giveUp, lockPath} from '../state/lock.ts';
import {unlocked, unlockRefused, workspaceFree} from '../ui/busy.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import type {OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {findWorkspace} from './workspace.ts';

export function unlock(options: OpenOptions & {readonly host: string}, terminal: Terminal): number {
  const place = findWorkspace(options);
  if (!place.ok) return refuse(place.error, options, terminal);
  const command = process.argv.slice(2).join(' ');
  const site = {disk: workspaceDisk(place.value.root), clock: systemClock, processes: machineProcesses(), path: lockPath, command};
  const given = giveUp(site, options.host);
  switch (given.is) {
    case 'free':
      terminal.print(workspaceFree);
      return exitCode.done;
    case 'given_up':
      terminal.print(unlocked(given.holder));
      return exitCode.done;
    case 'alive':
    case 'elsewhere':
      terminal.printError(unlockRefused(given.holder, given.is));
      return exitCode.gate;
  }
}
