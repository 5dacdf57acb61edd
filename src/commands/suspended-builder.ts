// Whether the builder that holds a workspace stands still by Ctrl-Z: then it hears nobody, and its jobs wait.
import {isThisMachine, machineProcesses} from '../host/processes.ts';
import {findSuspended, type Suspended} from '../host/suspended.ts';
import type {Holder} from '../state/lock.ts';

/** Undefined where it runs, or on another machine, which does not tell. */
export function findSuspension(holder: Holder): Suspended | undefined {
  return isThisMachine(machineProcesses(), holder) ? findSuspended(holder.pid) : undefined;
}
