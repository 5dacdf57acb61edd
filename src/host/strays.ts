// Processes that have left the process group of a job (setsid), found by a variable that they have inherited. Linux only.
import {readdirSync, readFileSync} from 'node:fs';
import {findErrorCode} from './disk-failure.ts';

/** What a stray starts while it is being killed is found by another look. */
const looks = 3;

/** Kills every process that was started with this variable. Elsewhere than on Linux nobody tells, and nothing is done. */
export function killStrays(name: string, value: string): void {
  if (process.platform !== 'linux') return;
  for (let look = 0; look < looks; look++) {
    const strays = findStrays(`${name}=${value}`);
    if (strays.length === 0) return;
    for (const pid of strays) kill(pid);
  }
}

function findStrays(variable: string): readonly number[] {
  return readdirSync('/proc').flatMap((entry) => {
    const pid = Number(entry);
    return Number.isInteger(pid) && pid !== process.pid && environmentOf(pid).includes(variable) ? [pid] : [];
  });
}

// Other people's processes, and those that have just ended, do not tell.
function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${String(pid)}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (findErrorCode(error) !== 'ESRCH') throw error;
  }
}
