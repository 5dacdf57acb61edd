// Runs work that may never end, and cuts it off. Knows nothing of what it is.
import {createContext, Script} from 'node:vm';

/** What it gave, or that it was cut off. What it throws is thrown on. */
export type Bounded<T> = {readonly ended: true; readonly value: T} | {readonly ended: false};

const mostTries = 8;

/**
 * The work is synchronous and without effects: it may be begun again. A machine that is busy, or was suspended meanwhile, is no reason to cut
 * it off: it is, once this program has computed for so long itself. (Only the engine of JavaScript can interrupt a loop, or a regular expression
 * that backtracks, on its own thread: this is its only door.)
 */
export function runBounded<T>(limitMs: number, work: () => T): Bounded<T> {
  const before = process.cpuUsage();
  for (let attempt = 1; ; attempt++) {
    const outcome = tryOnce(limitMs, work);
    if (outcome.ended || attempt === mostTries) return outcome;
    const {user, system} = process.cpuUsage(before);
    if ((user + system) / 1000 >= limitMs * share) return outcome;
  }
}

/** An idle machine gives nearly all of the time that passes: one try is enough then. */
const share = 0.8;
const call = new Script('work()');

function tryOnce<T>(timeout: number, work: () => T): Bounded<T> {
  let value: {readonly of: T} | undefined;
  const context = createContext({
    work: () => {
      value = {of: work()};
    },
  });
  try {
    call.runInContext(context, {timeout});
  } catch (error) {
    // Of the context's own kind of errors, so `instanceof` does not know it.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      return {ended: false};
    throw error;
  }
  if (value === undefined) throw new Error('unreachable: work that ended gave nothing');
  return {ended: true, value: value.of};
}
