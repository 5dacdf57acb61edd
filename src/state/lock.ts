// One builder per workspace, by a file that names its holder. Knows nothing of what the holder does.
import {randomBytes} from 'node:crypto';
import {setTimeout as sleep} from 'node:timers/promises';
import {isJsonObject} from '../base/json.ts';
import {isInstant, type Clock, type Instant} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {isThisMachine, type Machine, type Processes} from '../host/processes.ts';

export const lockPath = '.ftsbuild/lock';

export interface Holder extends Machine {
  readonly pid: number;
  /** When the process started, as `Processes` tells it. */
  readonly start: string;
  /** 0 where nobody knows. */
  readonly since: Instant;
  /** As the user would have typed it. */
  readonly command: string;
}

export interface Lock {
  /** Gives the workspace free; a second call does nothing. */
  release(): void;
}

export interface LockSite {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly path: string;
  readonly command: string;
}

export type Acquired = {readonly held: Lock} | {readonly by: Holder};

const pollMs = 200;

/** A file system without hard links shows a new lock for a moment before its text is in it. */
const settlingMs = 5000;

/** What a lock file says: its holder, and a name that no other lock file ever had. */
interface Ticket {
  readonly holder: Holder;
  readonly token: string;
}

/** Whose ticket cannot be read. One cut short by a power failure stays so; it names nobody and keeps nobody out. */
const somebody: Holder = {host: 'unknown', pid: 0, start: 'unknown', since: 0, command: 'unknown'};
const damaged = 'damaged';

export function acquire(site: LockSite): Acquired {
  const ticket = newTicket(site);
  const holder = take(site, site.path, ticket);
  return holder === undefined ? {held: {release: () => release(site, ticket)}} : {by: holder};
}

/** Waits for another holder to end, so long. */
export async function acquireWithin(site: LockSite, waitMs: number): Promise<Acquired> {
  const until = performance.now() + waitMs;
  for (;;) {
    const acquired = acquire(site);
    const left = until - performance.now();
    if ('held' in acquired || left <= 0) return acquired;
    await sleep(Math.min(pollMs, left));
  }
}

/** Who holds it now, for readers; a dead holder holds nothing. */
export function findHolder(site: Omit<LockSite, 'command'>): Holder | undefined {
  const ticket = readTicket(site, site.path);
  return ticket === undefined || isDead(site, ticket) ? undefined : ticket.holder;
}

export type GivenUp =
  /** Nobody held it, or a process of this machine that is gone, which keeps nobody out. */
  | {readonly is: 'free'}
  | {readonly is: 'given_up'; readonly holder: Holder}
  /** It lives here, or it is on another machine than was named. */
  | {readonly is: 'alive' | 'elsewhere'; readonly holder: Holder};

/** Gives up the lock of a process on the machine `host`, on a person's word that it is gone: from here nobody can look. */
export function giveUp(site: LockSite, host: string): GivenUp {
  const ticket = readTicket(site, site.path);
  if (ticket === undefined || isDead(site, ticket)) return {is: 'free'};
  const {holder, token} = ticket;
  if (isThisMachine(site.processes, holder)) return {is: 'alive', holder};
  if (holder.host !== host) return {is: 'elsewhere', holder};
  // As a take-over does: it may have ended of itself, and another may hold the workspace by now.
  const claim = `${site.path}.${token}`;
  const claimant = take(site, claim, newTicket(site));
  if (claimant !== undefined) return {is: 'alive', holder: claimant};
  const isStillThere = readTicket(site, site.path)?.token === token;
  if (isStillThere) site.disk.remove(site.path);
  site.disk.remove(claim);
  return isStillThere ? {is: 'given_up', holder} : giveUp(site, host);
}

/**
 * Puts the ticket at `path` where nothing is, or where a dead holder's is; otherwise tells the living holder.
 *
 * Taking over must not happen twice. Who finds a dead ticket first takes a claim on it: a file named by the dead ticket's
 * token, which only one can create. Then it looks again: the dead ticket may have been replaced by a claimant who is through
 * already. Only who holds the claim and still sees the dead ticket replaces it. A claim is a lock like the first one, so the
 * claim of a claimant who died is taken over in the same way.
 */
function take(site: LockSite, path: string, ticket: Ticket): Holder | undefined {
  for (;;) {
    if (site.disk.create(path, textOf(ticket)) === 'created') return undefined;
    const found = readTicket(site, path);
    if (found === undefined) continue;
    if (!isDead(site, found)) return found.holder;
    const claim = `${site.path}.${found.token}`;
    const claimant = take(site, claim, ticket);
    if (claimant !== undefined) return claimant;
    const isOurs = readTicket(site, path)?.token === found.token;
    if (isOurs) site.disk.write(path, textOf(ticket));
    site.disk.remove(claim);
    if (isOurs) return undefined;
  }
}

function release(site: LockSite, ticket: Ticket): void {
  if (readTicket(site, site.path)?.token === ticket.token) site.disk.remove(site.path);
}

function newTicket({clock, processes, command}: LockSite): Ticket {
  const {host, boot, ownPid: pid} = processes;
  const holder = {host, boot, pid, start: processes.startOf(pid) ?? 'unknown', since: clock.now(), command};
  return {holder, token: randomBytes(8).toString('hex')};
}

/** On another machine a process cannot be asked for, and counts as alive. */
function isDead({processes}: Pick<LockSite, 'processes'>, {holder, token}: Ticket): boolean {
  if (token === damaged) return true;
  return isThisMachine(processes, holder) && processes.startOf(holder.pid) !== holder.start;
}

function textOf({holder, token}: Ticket): string {
  return `${JSON.stringify({...holder, token})}\n`;
}

function readTicket({disk, clock}: Pick<LockSite, 'disk' | 'clock'>, path: string): Ticket | undefined {
  const stat = disk.stat(path);
  const text = disk.readText(path);
  if (stat === 'missing' || text === undefined) return undefined;
  const ageMs = clock.now() - Number(stat.mtimeNs / 1_000_000n);
  return findTicket(text) ?? {holder: somebody, token: ageMs > settlingMs ? damaged : 'settling'};
}

/** It becomes part of a path, and must not lead elsewhere. */
const plainName = /^[\w.-]{1,64}$/u;

function findTicket(text: string): Ticket | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) return undefined;
    const {host, boot, pid, start, since, command, token} = value;
    if (typeof host !== 'string' || typeof pid !== 'number' || typeof start !== 'string') return undefined;
    if (typeof since !== 'number' || typeof command !== 'string' || typeof token !== 'string' || !plainName.test(token)) return undefined;
    const began = isInstant(since) ? since : somebody.since;
    return {holder: {host, boot: typeof boot === 'string' ? boot : undefined, pid, start, since: began, command}, token};
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
