// What is free and what is there on this machine: disk, memory, accelerators. Cheap to ask; knows nothing of who needs it.
import {existsSync, readFileSync, statfsSync} from 'node:fs';
import {freemem, totalmem} from 'node:os';
import {dirname, join} from 'node:path';

export interface Resources {
  /** Bytes that may be written under an absolute path, which need not be there yet; undefined where the system does not tell. */
  readonly freeDisk: (path: string) => number | undefined;
  /** Bytes that a new process could have. */
  readonly freeMemory: () => number;
  /** Whether an accelerator of this kind is there. */
  readonly hasDevice: (kind: 'cuda' | 'mps') => boolean;
}

export function machineResources(root = '/'): Resources {
  return {freeDisk: readFreeDisk, freeMemory: () => readFreeMemory(root), hasDevice: (kind) => findDevice(kind, root)};
}

function readFreeDisk(path: string): number | undefined {
  if (!existsSync(path)) return dirname(path) === path ? undefined : readFreeDisk(dirname(path));
  const {bavail, bsize} = statfsSync(path);
  return bavail * bsize;
}

// `freemem` counts caches as used on macOS: there only what the whole machine has says that something cannot fit.
function readFreeMemory(root: string): number {
  if (process.platform === 'darwin') return totalmem();
  const available = /^MemAvailable:\s+(\d+) kB$/mu.exec(readText(join(root, 'proc/meminfo')))?.[1];
  const free = available === undefined ? freemem() : Number(available) * 1024;
  return Math.min(free, ...groupsOf(root).map(leftInGroup));
}

// The limit of a control group binds those below it; in a container the group is the root of what can be seen.
function groupsOf(root: string): readonly string[] {
  const name = /^0::(.*)$/mu.exec(readText(join(root, 'proc/self/cgroup')))?.[1] ?? '/';
  const top = join(root, 'sys/fs/cgroup');
  return [join(top, name), top];
}

/** What the group may still take, its file cache aside, which gives way; infinite without a limit. */
function leftInGroup(folder: string): number {
  const [limit, used] = ['memory.max', 'memory.current'].map((name) => readText(join(folder, name)).trim());
  if (!/^\d+$/u.test(limit ?? '') || !/^\d+$/u.test(used ?? '')) return Infinity;
  const cached = /^inactive_file (\d+)$/mu.exec(readText(join(folder, 'memory.stat')))?.[1] ?? '0';
  return Number(limit) - Number(used) + Number(cached);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

// By what the driver puts there: asking torch would cost seconds.
function findDevice(kind: 'cuda' | 'mps', root: string): boolean {
  if (kind === 'mps') return process.platform === 'darwin' && process.arch === 'arm64';
  return ['dev/nvidia0', 'dev/nvidiactl', 'dev/dxg', 'proc/driver/nvidia/version'].some((path) => existsSync(join(root, path)));
}
