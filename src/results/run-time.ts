// What the attempts of the log took in all. A row tells the run time since the last success of its result: that of the attempts before it, which
// were stopped, is in it. Pure.
import type {LogRow} from './log.ts';

/** Seconds of all rows together, each second once. Rows in the order of the log. */
export function totalSeconds(rows: readonly LogRow[]): number {
  const spent = new Map<string, number>();
  let total = 0;
  for (const row of rows) {
    const seconds = row.duration_seconds ?? 0;
    // A run by hand has no key: its row tells its own time.
    const chain = row.key === null ? undefined : JSON.stringify([row.experiment, row.run_type, row.seed, row.key]);
    const before = chain === undefined ? 0 : (spent.get(chain) ?? 0);
    // Less than before: the count began anew, since the result was declared wrong or moved aside.
    total += seconds >= before ? seconds - before : seconds;
    if (chain !== undefined) spent.set(chain, row.status === 'success' ? 0 : seconds);
  }
  return total;
}
