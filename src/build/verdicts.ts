// How every node of the graph stands now, producers first: what is stale of itself, what only because something before it is.
import {judge, type Verdict} from '../state/judge.ts';
import type {Trace} from '../state/trace.ts';
import type {Key, NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {describeAdopted} from './adopted.ts';
import {applyChecks, describeRejection, type Rejected} from './checks.ts';
import {trialsOf} from './effort.ts';
import {findRefusal, refuseFor, type Refusal} from './gates.ts';
import {asInstalled, findRecordToCome} from './installed.ts';
import {describePartial, findPartial} from './partial.ts';
import {lookAtRaw} from './raw-data.ts';
import {recogniseByHand} from './recognise.ts';
import {describeRemnant, findRemnant} from './remnant.ts';
import {describeSource, findRejected, findSource, isCached, placesOf, suffices} from './restore.ts';
import type {Session} from './session.ts';
import {borrowToCome, copyToCome} from './texts-to-come.ts';
import {redirectedWorld} from '../state/world.ts';

export type Forecast =
  | {readonly will: 'stay'; readonly verdict: Extract<Verdict, {is: 'fresh'}>}
  /** `resumes`: it goes on with work of today's key that is not at its place yet. `awaits`: its key is not known before this producer has run. */
  | {readonly will: 'run'; readonly verdict: Extract<Verdict, {is: 'stale'}>; readonly resumes?: Resumed; readonly awaits?: Node}
  /** Its results are in the cache, at another node's place, or will be: `from` says where. What another node keeps or needs is copied. */
  | {
      readonly will: 'be_restored';
      readonly verdict: Extract<Verdict, {is: 'stale'}>;
      readonly from: string;
      readonly copies: boolean;
      readonly awaits?: Node;
    }
  /** It is fresh by what is there now, or cannot be judged yet, because this producer runs first. */
  | {readonly will: 'follow'; readonly after: Node; readonly verdict: Verdict}
  | {readonly will: 'be_refused'; readonly verdict: Extract<Verdict, {is: 'refused'}>}
  /** Its results are known, and a check does not hold on them. */
  | {readonly will: 'fail'; readonly verdict: Rejected}
  | {readonly will: 'be_blocked'; readonly by: Node; readonly because: 'refused' | 'failed'; readonly verdict: Verdict};

export interface Resumed {
  /** Whose work it is. */
  readonly from: string;
  /** Trials that need not be run. */
  readonly trials: number;
  /** Who has to run first, where that is still to come. */
  readonly after?: Node;
}

/** A forecast for each node, in the order given (producers first). What follows on a restored node is judged by what will lie there. */
export function forecast(
  session: Session,
  order: readonly Node[],
  always: (node: Node) => boolean = () => false,
): ReadonlyMap<NodeId, Forecast> {
  const forecasts = new Map<NodeId, Forecast>();
  const places = new Map<string, string>();
  const texts = new Map<string, string>();
  const ahead: Session = {...session, world: redirectedWorld(session.world, places, texts)};
  const readAhead = (path: string): string | undefined => texts.get(path) ?? session.disk.readText(places.get(path) ?? path);
  const sooner = new Map<Key, Node>();
  for (const node of order) {
    if (node.work.kind === 'report') continue;
    for (const [path, text] of scriptsToCome(session, node, {forecasts, texts})) texts.set(path, text);
    const verdict = always(node) ? forced(judgeNow(ahead, node)) : judgeNow(ahead, node);
    const alone = forecastOf(ahead, node, verdict, {forecasts, texts});
    const settled = session.graph.producersOf(node).every((producer) => isScript(producer) || !isOpen(producer, {forecasts, texts}));
    const mayRestore = verdict.is === 'stale' && settled && isCached(node) && (alone.will === 'run' || alone.will === 'be_refused');
    forecasts.set(node.id, mayRestore ? withSource(session, node, {verdict, alone, places, texts, sooner}) : alone);
    if (settled && forecasts.get(node.id)?.will === 'run')
      for (const [path, text] of borrowToCome(node, verdict.key, readAhead)) texts.set(path, text);
    const record = alone.will === 'run' ? findRecordToCome(session, node, alone.verdict) : undefined;
    if (record !== undefined) texts.set(record.path, record.text);
  }
  for (const node of order) if (node.work.kind === 'report') forecasts.set(node.id, forecastReport(session, node, forecasts, always(node)));
  return forecasts;
}

/** Of the scripts that will be rendered again, what this job would run: where all else that it needs is known, so is its key. */
function scriptsToCome(session: Session, node: Node, before: Before): readonly (readonly [string, string])[] {
  if (node.work.kind !== 'job') return [];
  const producers = session.graph.producersOf(node);
  const others = producers.filter((producer) => !isScript(producer));
  if (others.some((producer) => isOpen(producer, before))) return [];
  const coming = producers.filter((producer) => isScript(producer) && before.forecasts.get(producer.id)?.will === 'run');
  return coming.flatMap((script) => [...(session.conditions.preview(script) ?? [])]);
}

interface Stale {
  readonly verdict: Extract<Verdict, {is: 'stale'}>;
  /** What it would do by itself. */
  readonly alone: Forecast;
  readonly places: Map<string, string>;
  readonly texts: Map<string, string>;
  /** Jobs that run before this one, by their keys. */
  readonly sooner: Map<Key, Node>;
}

function withSource(session: Session, node: Node, {verdict, alone, places, texts, sooner}: Stale): Forecast {
  const source = findSource(session, node, verdict);
  if (source !== undefined) {
    const rejected = findRejected(session, node, verdict, source);
    if (rejected !== undefined) return {will: 'fail', verdict: rejected};
    for (const [path, there] of placesOf(node, source)) places.set(path, there);
    for (const [path, text] of copyToCome(session, node, source)) texts.set(path, text);
    return {will: 'be_restored', verdict, from: describeSource(session, source), copies: source.from === 'twin'};
  }
  if (alone.will !== 'run') return alone;
  const twin = verdict.reason.because === 'forced' ? undefined : sooner.get(verdict.key);
  if (twin !== undefined && suffices(node, {extent: Object.fromEntries(twin.extent)}))
    return {will: 'be_restored', verdict, from: `${twin.label}, once that has run`, copies: true, awaits: twin};
  if (verdict.reason.because !== 'input_missing') sooner.set(verdict.key, node);
  const resumes = twin === undefined ? resumedBy(session, node, verdict) : resumedAfter(twin);
  return resumes === undefined ? alone : {will: 'run', verdict, resumes};
}

function resumedBy(session: Session, node: Node, verdict: Stale['verdict']): Resumed | undefined {
  const remnant = findRemnant(session, node, verdict);
  return remnant && {from: describeRemnant(session, remnant), trials: remnant.trials};
}

// Of one key in one build, the one that wants more trials waits for the other, and goes on with its study.
function resumedAfter(twin: Node): Resumed {
  return {from: `${twin.label}, once that has run`, trials: trialsOf(twin) ?? 0, after: twin};
}

/** Whether nothing is left to do, to be refused, or to be reported as failed. */
export function isUpToDate(forecasts: ReadonlyMap<NodeId, Forecast>): boolean {
  return [...forecasts.values()].every(({will}) => will === 'stay');
}

export function judgeNow(session: Session, node: Node): Verdict {
  const verdict = judge(asInstalled(session, node), session.world, session.store.standingOf(node.id));
  return applyChecks(session, node, recogniseByHand(session, node, verdict));
}

export function forced(verdict: Verdict): Extract<Verdict, {is: 'stale'}> {
  return {is: 'stale', key: verdict.key, manifest: verdict.manifest, reason: {because: 'forced'}};
}

interface Before {
  readonly forecasts: ReadonlyMap<NodeId, Forecast>;
  /** By path, what will be made and is known already (scripts, the record of the environment): nothing has to wait for it to be judged. */
  readonly texts: ReadonlyMap<string, string>;
}

function forecastOf(session: Session, node: Node, verdict: Verdict, before: Before): Forecast {
  let after: Node | undefined;
  for (const producer of session.graph.producersOf(node)) {
    const earlier = before.forecasts.get(producer.id);
    if (earlier?.will === 'be_refused') return {will: 'be_blocked', by: producer, because: 'refused', verdict};
    if (earlier?.will === 'fail') return {will: 'be_blocked', by: producer, because: 'failed', verdict};
    if (earlier?.will === 'be_blocked') return {...earlier, verdict};
    if (isOpen(producer, before)) after ??= producer;
  }
  // What was refused or failed was so by what it read then.
  if (verdict.is === 'refused') return after === undefined ? {will: 'be_refused', verdict} : {will: 'follow', after, verdict};
  if (verdict.is === 'rejected') return after === undefined ? {will: 'fail', verdict} : {will: 'follow', after, verdict};
  const message = verdict.is === 'stale' ? foreseeRefusal(session, node, before.forecasts)?.message : undefined;
  if (message !== undefined) return {will: 'be_refused', verdict: {is: 'refused', key: verdict.key, manifest: verdict.manifest, message}};
  if (verdict.is === 'stale' && (after === undefined || verdict.reason.because !== 'input_missing'))
    return after === undefined ? {will: 'run', verdict} : {will: 'run', verdict, awaits: after};
  if (after !== undefined) return {will: 'follow', after, verdict};
  return verdict.is === 'fresh' ? {will: 'stay', verdict} : {will: 'run', verdict};
}

// What a changed parameter changes of a script are its constants, which are in no key; its code is what lies there now.
function isScript({rule}: Node): boolean {
  return rule === 'script';
}

function isOpen(producer: Node, {forecasts, texts}: Before): boolean {
  return isAwaited(forecasts.get(producer.id)) && !producer.outputs.some(({path}) => texts.has(path));
}

/** What its outputs will be is not known before something has run. */
export function isAwaited(earlier: Forecast | undefined): boolean {
  return earlier?.will === 'run' || earlier?.will === 'follow' || (earlier?.will === 'be_restored' && earlier.awaits !== undefined);
}

/** Data that will be made again may have other rows: then what its raw file shows counts, if it shows anything. */
export function foreseeRefusal(session: Session, node: Node, forecasts: ReadonlyMap<NodeId, Forecast>): Refusal | undefined {
  const {work} = node;
  if (work.kind !== 'job' || work.job.data === undefined) return undefined;
  if (!isRemade(session, node, forecasts)) return findRefusal(session, work.job);
  const dataset = session.study.data.find(({path}) => path === work.job.data);
  const looked = dataset && lookAtRaw(session, dataset);
  return looked?.is === 'sound' ? refuseFor(session, work.job, looked.rows) : undefined;
}

function isRemade(session: Session, node: Node, before: ReadonlyMap<NodeId, Forecast>): boolean {
  return session.graph.producersOf(node).some((producer) => producer.rule === 'data' && before.get(producer.id)?.will !== 'stay');
}

function forecastReport(session: Session, node: Node, others: ReadonlyMap<NodeId, Forecast>, always: boolean): Forecast {
  const verdict = always ? forced(judgeReport(session, node, others)) : judgeReport(session, node, others);
  if (verdict.is === 'stale') return {will: 'run', verdict};
  if (verdict.is !== 'fresh') throw new Error('unreachable: nothing refuses or checks a report');
  for (const [id, other] of others)
    if (other.will === 'run' || other.will === 'follow' || other.will === 'be_restored')
      return {will: 'follow', after: session.graph.get(id), verdict};
  return {will: 'stay', verdict};
}

/** The report's verdict: beside its own parameters it rests on the log and on how everything that it shows stands. */
export function judgeReport(session: Session, node: Node, known?: ReadonlyMap<NodeId, Forecast>): Verdict {
  return judge(reportAsShown(session, node, showAll(session, node, known)), session.world, session.store.standingOf(node.id));
}

export function reportAsShown(session: Session, node: Node, shown: ReadonlyMap<NodeId, Shown>): Node {
  const entries = [...shown].map(([id, how]) => [`result ${id}`, Object.values(how).join(' ')] as const);
  return {...node, params: new Map([...node.params, ...entries, ['log', session.world.digestOf(session.study.paths.log)]])};
}

/** How a collected node is shown: `current`, or why it is not. */
export type Shown =
  | {readonly at: 'current'; readonly digest: string; readonly adopted?: string}
  | {readonly at: 'missing'}
  | {readonly at: 'stale' | 'failed' | 'refused' | 'partial' | 'invalid'; readonly reason: string};

export function showAll(session: Session, report: Node, known?: ReadonlyMap<NodeId, Forecast>): ReadonlyMap<NodeId, Shown> {
  const collected = report.collects.map((id) => session.graph.get(id)).filter((node) => node.rule !== 'script');
  const covered = known !== undefined && collected.every((node) => known.has(node.id));
  const forecasts = covered ? known : forecast(session, neededFor(session.graph, collected));
  return new Map(collected.map((node) => [node.id, shownAs(session, node, forecasts)]));
}

function shownAs(session: Session, node: Node, forecasts: ReadonlyMap<NodeId, Forecast>): Shown {
  const standing = session.store.standingOf(node.id);
  const entry = forecasts.get(node.id);
  if (entry !== undefined && entry.verdict.is === 'fresh' && isSettled(session, node, forecasts))
    return shownAsCurrent(entry.verdict.trace);
  if (standing.invalid !== undefined) return {at: 'invalid', reason: standing.invalid.reason};
  if (entry?.will === 'be_refused') return {at: 'refused', reason: entry.verdict.message};
  if (entry?.will === 'fail') return {at: 'failed', reason: describeRejection(entry.verdict)};
  if (entry?.will === 'be_blocked')
    return {at: 'refused', reason: `it needs ${entry.by.label}, which ${entry.because === 'refused' ? 'was refused' : 'has failed'}`};
  const ended = standing.ended;
  const partial = entry === undefined ? undefined : findPartial(session, node, entry.verdict);
  if (partial !== undefined) return {at: 'partial', reason: describePartial(partial)};
  if (ended?.status === 'failed' && entry?.verdict.key === ended.key) return {at: 'failed', reason: ended.message};
  if (standing.lastTrace === undefined) return {at: 'missing'};
  return {at: 'stale', reason: entry?.will === 'follow' ? `${entry.after.label} is stale` : 'what it depends on has changed'};
}

function shownAsCurrent(trace: Trace): Shown {
  const digest = trace.outputs[0]?.[1] ?? '';
  const adopted = describeAdopted(trace);
  return adopted === undefined ? {at: 'current', digest} : {at: 'current', digest, adopted};
}

// A partial study that is accepted will go on at the next build; until then what was made from it is what there is.
function isSettled(session: Session, node: Node, forecasts: ReadonlyMap<NodeId, Forecast>): boolean {
  const entry = forecasts.get(node.id);
  if (entry?.will === 'stay') return true;
  if (entry?.will === 'run')
    return node.partialSuffices === true && entry.verdict.reason.because === 'unfinished' && entry.verdict.reason.status === 'partial';
  if (entry?.will !== 'follow' || entry.verdict.is !== 'fresh') return false;
  return session.graph.producersOf(node).every((producer) => isSettled(session, producer, forecasts));
}
