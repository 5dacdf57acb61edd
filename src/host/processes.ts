// Who runs on this machine: a process by its id and the moment it started, since ids are used again. Starts and ends none.
import {execFileSync} from 'node:child_process';
import {readFileSync, readlinkSync} from 'node:fs';
import {hostname} from 'node:os';
import {findErrorCode, isMissing} from './disk-failure.ts';

/** A machine as a file names it. */
export interface Machine {
  readonly host: string;
  /** The run of the system within which ids of processes mean the same; absent where the system does not tell. */
  readonly boot?: string | undefined;
}

export interface Processes extends Machine {
  readonly ownPid: number;
  /** A text that no other process of the same id ever has; undefined where there is none, or only its exit status is left. */
  startOf(pid: number): string | undefined;
}

export function machineProcesses(): Processes {
  const isLinux = process.platform === 'linux';
  return {
    host: hostname(),
    get boot() {
      return isLinux ? bootOnLinux() : bootBySysctl();
    },
    ownPid: process.pid,
    startOf: isLinux ? startOnLinux : startByPs,
  };
}

/** By its name, or by its boot: a laptop gets another name with another network. */
export function isThisMachine(processes: Machine, {host, boot}: Machine): boolean {
  return host === processes.host || (boot !== undefined && boot === processes.boot);
}

/** With the namespace of process ids, which containers of one system do not share. */
function bootOnLinux(): string | undefined {
  const boot = readUnlessGone('/proc/sys/kernel/random/boot_id')?.trim();
  return boot === undefined ? undefined : `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
}

function bootBySysctl(): string | undefined {
  try {
    return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], {encoding: 'utf8', stdio: 'pipe'}).trim();
  } catch {
    // No such program, or no such name: the host's name has to do.
    return undefined;
  }
}

/** Ticks since boot, with the boot they are counted from. */
function startOnLinux(pid: number): string | undefined {
  const stat = readUnlessGone(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything; state is the first field behind it, the start the twentieth.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  const [state] = fields;
  const ticks = fields[19];
  if (ticks === undefined || state === 'Z' || state === 'X') return undefined;
  return `${readUnlessGone('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? 'boot'}-${ticks}`;
}

function readUnlessGone(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // ESRCH: it ended between opening and reading.
    if (isMissing(error) || findErrorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
}

function startByPs(pid: number): string | undefined {
  try {
    const environment = {...process.env, LC_ALL: 'C', TZ: 'UTC'};
    const table = execFileSync('ps', ['-o', 'state=,lstart=', '-p', `${pid}`], {encoding: 'utf8', env: environment, stdio: 'pipe'});
    const [state = 'Z', ...start] = table.trim().split(/\s+/u);
    return state.startsWith('Z') ? undefined : start.join(' ');
  } catch (error) {
    // Status 1: no such process.
    if (error instanceof Error && 'status' in error && error.status === 1) return undefined;
    throw error;
  }
}
