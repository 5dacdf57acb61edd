// Takes the workspace for a command that writes. A `watch` holds it for moments only, and is waited for so long without being told to.
import {acquireWithin, type Acquired, type LockSite} from '../state/lock.ts';

const patienceMs = 5000;

export async function holdWorkspace(site: LockSite, waitMs: number): Promise<Acquired> {
  const acquired = await acquireWithin(site, waitMs);
  const isMomentary = 'by' in acquired && acquired.by.command.split(' ').includes('watch');
  return isMomentary ? acquireWithin(site, patienceMs) : acquired;
}
