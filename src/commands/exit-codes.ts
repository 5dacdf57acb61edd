// The exit codes of every command (spec, section 6).
import type {Summary} from '../build/events.ts';

export const exitCode = {done: 0, failed: 1, stale: 1, usage: 2, gate: 3, interrupted: 130} as const;

/** A failed node outweighs a refused one: a gate that refused or aborted is 3 alone. */
export function exitCodeOf(summary: Summary): number {
  if (summary.interrupted) return exitCode.interrupted;
  if (summary.failed.some(({outcome: {status}}) => status !== 'refused' && status !== 'thermal_abort')) return exitCode.failed;
  return summary.failed.length > 0 ? exitCode.gate : exitCode.done;
}
