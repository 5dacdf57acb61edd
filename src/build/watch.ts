// Looks again whenever something has changed: makes what is cheap, and says what else became stale. One change is worked off at a time.
//
//   look: read the study --(invalid)--> say so, wait
//              \--(another build holds the workspace)--> wait for its end, look again
//              \--(valid)--> make what is cheap, or all --> look once more --> say what is stale --> wait
//
// A change is a watched file whose stat differs from that before the last look: what a build of ours wrote was there before the look after it,
// and so is no change.
import type {Diagnostic} from '../base/diagnostic.ts';
import type {NodeId} from '../base/ids.ts';
import type {Result} from '../base/result.ts';
import type {Node} from '../graph/node.ts';
import type {Clock, Instant} from '../host/clock.ts';
import {DiskError, type Disk} from '../host/disk.ts';
import type {Timers} from '../host/timers.ts';
import type {StartWatcher, Watched, WatchedFolder, Watcher} from '../host/watcher.ts';
import type {Holder} from '../state/lock.ts';
import {cheapPart, isCheap, startersOf, type Forecasts} from './cheap.ts';
import {lookWith} from './conditions.ts';
import type {PlanOf} from './price.ts';
import type {Session} from './session.ts';
import {forecast, type Forecast} from './verdicts.ts';
import {covers, findStamp, pathsOf, stampsOf, watchedOf} from './watched.ts';

export interface WatchedStudy {
  readonly session: Session;
  /** What is asked for and what that needs, producers first. */
  readonly order: readonly Node[];
  readonly warnings: readonly Diagnostic[];
}

export interface Reading {
  /** Every file of the configuration that was asked for, whatever came of it. */
  readonly sources: ReadonlySet<string>;
  readonly study: Result<WatchedStudy>;
}

export interface WatchSite {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly start: StartWatcher;
  /** Of templates and of the Python package: absolute. */
  readonly folders: readonly WatchedFolder[];
  read(): Promise<Reading>;
  /** Who else builds in this workspace. */
  holder(): Holder | undefined;
  /** Settles these nodes under the builder's lock; those with a refusal do not run. `interrupted`: a person ended it. */
  build(plan: WatchPlan): Promise<'ended' | 'interrupted'>;
  readonly stop: AbortSignal;
  /** Makes what is expensive as well. */
  readonly all: boolean;
  readonly jobs: number;
  listen(event: WatchEvent): void;
}

export interface WatchPlan extends PlanOf {
  readonly refusals: ReadonlyMap<NodeId, string>;
}

export type WatchEvent =
  | {readonly type: 'watching'; readonly files: number; readonly study: WatchedStudy}
  /** What is said next follows from this. Paths are relative to the workspace where they lie inside. */
  | {readonly type: 'changed'; readonly paths: readonly string[]}
  | {readonly type: 'invalid'; readonly problems: readonly Diagnostic[]}
  | {readonly type: 'valid_again'}
  | {readonly type: 'warned'; readonly warnings: readonly Diagnostic[]}
  | {readonly type: 'busy'; readonly holder: Holder}
  /** What is not made here and was not stale, or not for this reason, before. */
  | {readonly type: 'stale'; readonly plan: PlanOf}
  | {readonly type: 'all_fresh'}
  | {readonly type: 'nothing_to_do'}
  /** Everything is worked off; until the next change nothing happens. */
  | {readonly type: 'waiting'}
  | {readonly type: 'trouble'; readonly message: string};

export type WatchEnd = 'stopped' | 'interrupted' | 'blind';

/** Wait for so much quiet: editors and git write many files at once. */
const quietMs = 100;
/** Where it never gets quiet, look all the same. */
const longestMs = 2000;
/** A builder that was killed leaves no trace when it ends. */
const busyPollMs = 500;

/** Runs until it is stopped, or until the system reports no changes any more (`blind`). */
export async function watchStudy(site: WatchSite): Promise<WatchEnd> {
  return new Watch(site).run();
}

class Watch {
  readonly #site: WatchSite;
  #watcher: Watcher | undefined;
  #watched: Watched | undefined;
  /** Of every watched file, before the last look. */
  #stamps: ReadonlyMap<string, string> = new Map();
  readonly #told = new Set<string>();
  #lastToldAt = -Infinity;
  #wake: () => void = () => undefined;
  #isBlind = false;
  #sources: ReadonlySet<string> = new Set();
  #isInvalid = false;
  #isBusy = false;
  #isInterrupted = false;
  #warned = '';
  /** What was said to be stale, and why. */
  #listed: ReadonlyMap<NodeId, string> = new Map();
  /** What was to be made and did not succeed: not tried again before it is another thing. */
  #failed: ReadonlyMap<NodeId, string> = new Map();
  /** Paths of the change that is worked off, until it is told. */
  #untold: readonly string[] | undefined;

  constructor(site: WatchSite) {
    this.#site = site;
    site.stop.addEventListener('abort', () => this.#wake());
  }

  async run(): Promise<WatchEnd> {
    await this.#look(undefined);
    for (let paths = await this.#nextChange(); paths !== undefined; paths = await this.#nextChange()) await this.#look(paths);
    await this.#watcher?.close();
    if (this.#isInterrupted) return 'interrupted';
    return this.#isBlind ? 'blind' : 'stopped';
  }

  get #isOver(): boolean {
    return this.#site.stop.aborted || this.#isBlind || this.#isInterrupted;
  }

  /** Undefined at the end; no paths where another build has ended. */
  async #nextChange(): Promise<readonly string[] | undefined> {
    for (;;) {
      if (this.#told.size === 0) this.#site.listen({type: 'waiting'});
      while (this.#told.size === 0 && !this.#isOver) {
        await this.#sleep(this.#isBusy ? busyPollMs : undefined);
        if (this.#isBusy && this.#site.holder() === undefined) break;
      }
      if (this.#isOver) return undefined;
      await this.#settle();
      const paths = [...this.#told].filter((path) => findStamp(this.#site.disk, path) !== this.#stamps.get(path));
      this.#told.clear();
      const isFree = this.#isBusy && this.#site.holder() === undefined;
      if (isFree || paths.length > 0) return paths;
    }
  }

  async #settle(): Promise<void> {
    const {clock} = this.#site;
    const until = clock.elapsed() + longestMs;
    for (;;) {
      const now = clock.elapsed();
      const quietAt = Math.min(this.#lastToldAt + quietMs, until);
      if (now >= quietAt || this.#isOver) return;
      await this.#pause(quietAt - now);
    }
  }

  /** Until something is told, or for so long. */
  #sleep(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const cancel = ms === undefined ? () => undefined : this.#site.timers.after(ms, () => this.#wake());
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#site.timers.after(ms, resolve));
  }

  readonly #onChange = (path: string): void => {
    this.#told.add(path);
    this.#lastToldAt = this.#site.clock.elapsed();
    this.#wake();
  };

  readonly #onTrouble = (message: string): void => {
    this.#site.listen({type: 'trouble', message});
    this.#isBlind = true;
    this.#wake();
  };

  /** `paths` is undefined for the first look. */
  async #look(paths: readonly string[] | undefined): Promise<void> {
    this.#untold = paths === undefined || paths.length === 0 ? undefined : paths.map((path) => this.#short(path));
    try {
      await this.#lookAt(paths ?? []);
    } catch (error) {
      // A file that cannot be read now may be readable after the next change.
      if (!(error instanceof DiskError)) throw error;
      this.#tell({type: 'trouble', message: error.message});
    }
  }

  async #lookAt(paths: readonly string[]): Promise<void> {
    const holder = this.#site.holder();
    // While another build works, its results come in one by one: they are looked at when it has ended. What a person writes is looked at now.
    if (this.#isBusy && holder !== undefined && !paths.some((path) => this.#sources.has(path))) return;
    const study = await this.#readValid();
    if (study === undefined) return;
    if (holder !== undefined) {
      if (!this.#isBusy) this.#site.listen({type: 'busy', holder});
      this.#isBusy = true;
      return;
    }
    this.#isBusy = false;
    await this.#work(study);
  }

  async #readValid(): Promise<WatchedStudy | undefined> {
    const isFirst = this.#watched === undefined;
    const {study} = await this.#read();
    if (!study.ok) {
      this.#isInvalid = true;
      this.#tell({type: 'invalid', problems: study.error});
      return undefined;
    }
    if (isFirst) this.#tell({type: 'watching', files: study.value.session.study.sources.length, study: study.value});
    if (this.#isInvalid) this.#tell({type: 'valid_again'});
    this.#isInvalid = false;
    this.#warn(study.value.warnings);
    return study.value;
  }

  // Of what has to be watched only now, a change may have been missed between the look and the new watcher: it is read once more.
  async #read(): Promise<Reading> {
    const {disk, folders, start} = this.#site;
    for (;;) {
      if (this.#watched !== undefined) this.#stamps = stampsOf(disk, this.#watched);
      const reading = await this.#site.read();
      this.#sources = new Set([...reading.sources].map((path) => disk.resolve(path)));
      const before = reading.study.ok ? pathsOf(reading.study.value.session) : (this.#watched?.files ?? []);
      const wanted = watchedOf(disk, [...reading.sources, ...before], folders);
      if (this.#isOver || covers(this.#watched, wanted)) return reading;
      const watcher = await start(wanted, {onChange: this.#onChange, onTrouble: this.#onTrouble});
      await this.#watcher?.close();
      this.#watcher = watcher;
      this.#watched = wanted;
    }
  }

  #warn(warnings: readonly Diagnostic[]): void {
    const text = JSON.stringify(warnings);
    if (text !== this.#warned && warnings.length > 0) this.#tell({type: 'warned', warnings});
    this.#warned = text;
  }

  // After a build it is looked once more: for what changed while it ran, and for what is stale now.
  async #work(study: WatchedStudy): Promise<void> {
    let current = study;
    let tried = this.#failed;
    for (;;) {
      const {session, order} = current;
      const forecasts = await lookWith(session.conditions, () => forecast(session, order));
      const starters = triesOf(startersOf(order, forecasts), forecasts);
      this.#failed = new Map([...starters].filter(([id, wanted]) => tried.get(id) === wanted));
      const plan = this.#planFor(current, forecasts);
      if (plan === undefined) {
        this.#list(current, forecasts);
        return;
      }
      this.#tellChange();
      const before = successesOf(plan.order, session);
      this.#isInterrupted = (await this.#site.build(plan)) === 'interrupted';
      this.#isBusy = this.#site.holder() !== undefined;
      if (this.#isOver || this.#isBusy) return;
      const after = await this.#readValid();
      if (after === undefined) return;
      // A search that was made and became stale again meanwhile, by more trials or a deleted file, did not fail.
      const since = successesOf(plan.order, after.session);
      const failed = plan.order.filter(({id}) => plan.forecasts.get(id)?.will !== 'stay' && since.get(id) === before.get(id));
      tried = triesOf(failed, plan.forecasts);
      current = after;
    }
  }

  /** What is to be made now; undefined where that is nothing. */
  #planFor({session, order}: WatchedStudy, forecasts: Forecasts): WatchPlan | undefined {
    const part = this.#site.all ? order : cheapPart(session.graph, order, forecasts);
    if (startersOf(part, forecasts).every(({id}) => this.#failed.has(id))) return undefined;
    const refusals = new Map<NodeId, string>();
    for (const node of part) {
      if (this.#failed.has(node.id)) refusals.set(node.id, 'it failed as it is; a change, or a build that names it, tries again');
      else if (!this.#site.all && !isCheap(node)) refusals.set(node.id, 'it became stale while cheaper things were made');
    }
    return {session, order: part, forecasts, jobs: this.#site.jobs, refusals};
  }

  /** Says what is stale and is not made here, once for each reason. */
  #list({session, order}: WatchedStudy, forecasts: Forecasts): void {
    const stale = order.filter((node) => !isCheap(node) && isWorthSaying(forecasts.get(node.id)));
    const marks = new Map(stale.map(({id}) => [id, markOf(forecasts.get(id))]));
    const news = stale.filter(({id}) => this.#listed.get(id) !== marks.get(id));
    const had = this.#listed.size;
    this.#listed = marks;
    if (news.length > 0) this.#tell({type: 'stale', plan: {session, order: news, forecasts, jobs: this.#site.jobs}});
    else if (had > 0 && stale.length === 0) this.#tell({type: 'all_fresh'});
    else if (this.#untold !== undefined) this.#tell({type: 'nothing_to_do'});
    session.digests.save();
  }

  #tell(event: WatchEvent): void {
    this.#tellChange();
    this.#site.listen(event);
  }

  #tellChange(): void {
    if (this.#untold !== undefined) this.#site.listen({type: 'changed', paths: this.#untold});
    this.#untold = undefined;
  }

  #short(path: string): string {
    const {root} = this.#site.disk;
    return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path;
  }
}

/** What of each node would be tried: under which key, and how much of it, which is not in the key. */
function triesOf(nodes: readonly Node[], forecasts: Forecasts): ReadonlyMap<NodeId, string> {
  return new Map(nodes.map(({id, extent}) => [id, `${forecasts.get(id)?.verdict.key ?? ''} ${JSON.stringify([...extent])}`]));
}

/** When each node last succeeded, whatever began since. */
function successesOf(nodes: readonly Node[], {store}: Session): ReadonlyMap<NodeId, Instant | undefined> {
  return new Map(nodes.map(({id}) => [id, store.standingOf(id).lastTrace?.at]));
}

function isWorthSaying(entry: Forecast | undefined): boolean {
  return entry !== undefined && entry.will !== 'stay' && entry.will !== 'be_blocked';
}

// The reason counts, too: more trials than before are another price under the same key.
function markOf(entry: Forecast | undefined): string {
  const reason = entry?.verdict.is === 'stale' ? JSON.stringify(entry.verdict.reason) : '';
  return `${entry?.will ?? ''} ${entry?.verdict.key ?? ''} ${reason}`;
}
