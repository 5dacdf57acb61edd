// How many processes the system has killed for want of memory since it started. Linux only.
import {readFileSync} from 'node:fs';

/** Of the whole machine, containers included; undefined where the system does not say. */
export function countOomKills(): number | undefined {
  try {
    const count = /^oom_kill (\d+)$/mu.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1];
    return count === undefined ? undefined : Number(count);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}
