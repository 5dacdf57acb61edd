// Tells whether a process stands still by a signal (Ctrl-Z), and lets it go on. Knows nothing of what it is.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {signalGroup} from './process-group.ts';

export interface Suspended {
  /** A terminal stops and continues the whole of it: the program, what started it (npx), and what it prints into. */
  readonly group: number;
}

/** Undefined where it runs, has ended, or does not tell. */
export function findSuspended(pid: number): Suspended | undefined {
  const [state = '', group = ''] = (process.platform === 'linux' ? readStat(pid) : askPs(pid)) ?? [];
  return state.startsWith('T') && Number(group) > 1 ? {group: Number(group)} : undefined;
}

export function letGoOn({group}: Suspended): void {
  signalGroup(group, 'SIGCONT');
}

// State and group are the first and the third field behind the name, which may hold anything.
function readStat(pid: number): readonly [string, string] | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
    const [state = '', , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return [state, group];
  } catch {
    // Gone meanwhile, or hidden: it is not seen to stand still.
    return undefined;
  }
}

function askPs(pid: number): readonly [string, string] | undefined {
  try {
    const [state = '', group = ''] = execFileSync('ps', ['-o', 'state=,pgid=', '-p', String(pid)], {encoding: 'utf8', stdio: 'pipe'})
      .trim()
      .split(/\s+/u);
    return [state, group];
  } catch {
    return undefined;
  }
}
