// What this machine is and how busy it is. Knows nothing of temperatures and of who asks.
import {availableParallelism} from 'node:os';

export interface Machine {
  /** Processors that this process may use. */
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  /** For "same numbers on the same kind of machine": system, architecture and processor. */
  readonly kind: string;
}

export interface Usage {
  /** Share of all processors that was busy since the last question; from 0 to 1. */
  readonly cpu: number;
  /** Bytes in use that cannot be given back. */
  readonly usedMemory: number;
  /** Bytes that a new process could have. */
  readonly freeMemory: number;
}

export async function readMachine(): Promise<Machine> {
  const {default: information} = await import('systeminformation');
  const [processor, {total: memory}] = await Promise.all([information.cpu(), information.mem()]);
  const name = [processor.manufacturer, processor.brand].filter((part) => part !== '').join(' ');
  return {cores: availableParallelism(), memory, kind: [process.platform, process.arch, name].filter((part) => part !== '').join(' ')};
}

export async function readUsage(): Promise<Usage> {
  const {default: information} = await import('systeminformation');
  const [{currentLoad}, {active, available}] = await Promise.all([information.currentLoad(), information.mem()]);
  return {cpu: currentLoad / 100, usedMemory: active, freeMemory: available};
}
