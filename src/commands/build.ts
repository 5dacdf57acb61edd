// The verb without a name: builds targets and what they need, or says what it would do (-n, -q).
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {success, type Result} from '../base/result.ts';
import {findConditionProblems, lookWith} from '../build/conditions.ts';
import {lacksLog} from '../build/lost-log.ts';
import {owesRows} from '../build/owed-rows.ts';
import {forecast, isUpToDate, type Forecast} from '../build/verdicts.ts';
import type {PlanOf} from '../build/price.ts';
import type {Session} from '../build/session.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {coreCount} from '../host/cores.ts';
import {writeSnapshot} from '../state/snapshot.ts';
import {adviseInstead, nearVerbs, parseFilter, selectNodes, type DimensionFilter, type Selection} from '../graph/select.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type Opened, type OpenOptions} from './open.ts';
import {currentQuestion} from './question.ts';
import type {Terminal} from './terminal.ts';
import type {PricedPlan} from '../ui/plan.ts';

export interface BuildOptions extends OpenOptions {
  readonly targets: readonly string[];
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly dryRun: boolean;
  readonly question: boolean;
  readonly alwaysMake: boolean;
  readonly failFast: boolean;
  readonly jobs?: number | undefined;
  readonly level: 'silent' | 'normal' | 'verbose';
  readonly cold: boolean;
  readonly waitMs: number;
  /** The plan of a dry run as JSON. */
  readonly json: boolean;
  /** A plan that costs more is not started. */
  readonly maxHours?: number | undefined;
  /** A node that costs more asks before it runs. */
  readonly askOverMs: number;
  /** Files that get the events as well, and a Chrome trace; relative to the workspace. */
  readonly events?: string | undefined;
  readonly trace?: string | undefined;
  /** Every question is answered with yes. */
  readonly yes: boolean;
}

/** What is to be built: read before the workspace is held, and again when another build was faster. */
export interface Wanted extends Opened {
  readonly order: readonly Node[];
  readonly always: (node: Node) => boolean;
}

export async function build(options: BuildOptions, terminal: Terminal): Promise<number> {
  const read = readWanted(options);
  if (!read.ok) return refuse([...read.error, ...misspelt(read.error, options.targets)], options, terminal);
  const {session, warnings, order, always, looked, sinceMs} = read.value;
  if (warnings.length > 0 && options.level !== 'silent') terminal.printProblems(warnings, session.disk.root);
  if (options.events !== undefined || options.trace !== undefined) {
    const {findForeignFiles} = await import('../ui/begun-anew.ts');
    const foreign = findForeignFiles(session.disk, options);
    if (foreign.length > 0) return refuse(foreign, options, terminal);
  }
  const forecasts = await lookWith(session.conditions, () => forecast(session, order, always));
  if (options.question) return isUpToDate(forecasts) ? exitCode.done : exitCode.stale;
  const hasRecords = !order.some((node) => needsRecord(session, node, forecasts.get(node.id))) && !owesRows(session.disk);
  if (!options.dryRun && isUpToDate(forecasts) && hasRecords) {
    const text = options.level === 'silent' ? '' : `Nothing to do: ${String(order.length)} targets are up to date.`;
    if (text !== '') terminal.print(text);
    await renewSchema(session);
    session.digests.save();
    if (warnings.length === 0) writeSnapshot(session.disk, {question: currentQuestion(), text, paths: looked(), sinceMs});
    return exitCode.done;
  }
  const conditionProblems = await findConditionProblems(session.study);
  if (conditionProblems.length > 0) return refuse(conditionProblems, options, terminal);
  const plan = {session, order, forecasts, jobs: options.jobs ?? coreCount()};
  const {priceOf} = await import('../build/price.ts');
  const price = priceOf(plan);
  if (options.dryRun) await printPlan({...plan, price, askOverMs: options.askOverMs, ...(await lookAhead(plan))}, options, terminal);
  const {describeOverLimit, isOverLimit} = await import('../ui/price.ts');
  if (isOverLimit(price, options.maxHours)) {
    terminal.printError(describeOverLimit(price, options.maxHours ?? 0));
    return exitCode.gate;
  }
  if (options.dryRun) return exitCode.done;
  await renewSchema(session);
  const {askForExpensive} = await import('./ask.ts');
  const refusals = await askForExpensive({...plan, price, askOverMs: options.askOverMs}, options.yes, terminal);
  const {runBuild} = await import('./run-build.ts');
  return runBuild(read.value, () => readWanted(options), {...options, price, refusals, whenBusy: 'waits_with_flag'}, terminal);
}

// Without a study every word is a target of nothing: the one that was typed may have been meant as a verb.
function misspelt(problems: readonly Diagnostic[], [word = '', ...others]: readonly string[]): readonly Diagnostic[] {
  if (!problems.some(({code}) => code === 'FTS001')) return [];
  const instead = adviseInstead(word);
  if (instead !== undefined) return [problem('FTS401', `nothing is called "${word}"`, {help: instead})];
  const verbs = others.length === 0 ? nearVerbs(word) : [];
  return verbs.length === 0 ? [] : [problem('FTS401', `nothing is called "${word}"`, {help: `did you mean ${verbs.join(' or ')}?`})];
}

// An editor that knows yesterday's names calls today's wrong.
async function renewSchema({disk, study}: Session): Promise<void> {
  const {asksForSchema, writeSchema} = await import('./schema-file.ts');
  if (asksForSchema(disk, study.file)) await writeSchema(disk, study.file);
}

function readWanted(options: BuildOptions): Result<Wanted> {
  const opened = openSession(options);
  if (!opened.ok) return opened;
  const {session} = opened.value;
  const selected = selectFor(session, options);
  if (!selected.ok) return selected;
  const targets = new Set(selected.value);
  const always = (node: Node): boolean => options.alwaysMake && targets.has(node);
  return success({...opened.value, order: neededFor(session.graph, selected.value), always});
}

export function selectFor(
  session: Session,
  options: {readonly targets: readonly string[]; readonly only: readonly string[]; readonly except: readonly string[]},
): Result<readonly Node[]> {
  const only = parseFilters(options.only);
  if (!only.ok) return only;
  const except = parseFilters(options.except);
  if (!except.ok) return except;
  const selection: Selection = {targets: options.targets, only: only.value, except: except.value};
  return selectNodes(session.graph, selection);
}

function parseFilters(texts: readonly string[]): Result<readonly DimensionFilter[]> {
  const filters: DimensionFilter[] = [];
  for (const text of texts) {
    const parsed = parseFilter(text);
    if (!parsed.ok) return parsed;
    filters.push(parsed.value);
  }
  return success(filters);
}

/** Usage and configuration errors: nothing was written. */
export function refuse(problems: readonly Diagnostic[], options: OpenOptions, terminal: Terminal): number {
  terminal.printProblems(problems, options.directory ?? '.');
  return exitCode.usage;
}

// A result made by hand and recognised is fresh, and so is one that meets new checks, but it has to be recorded once. A log that is gone is
// no work, but is to be seen to.
function needsRecord(session: Session, node: Node, entry: Forecast | undefined): boolean {
  return entry?.will === 'stay' && (entry.verdict.trace !== session.store.standingOf(node.id).trace || lacksLog(session, node));
}

/** What would refuse the plan as things stand, and the room that its environment takes. */
async function lookAhead({session, order, forecasts}: PlanOf): Promise<Pick<PricedPlan, 'gates' | 'room'>> {
  const {findEarlyFailures, mergeAlike} = await import('../build/plan-gates.ts');
  const {describeRoom} = await import('../build/environment-room.ts');
  const {machineResources} = await import('../host/resources.ts');
  const resources = machineResources();
  const gates = mergeAlike(findEarlyFailures(session, order, forecasts, resources));
  return {gates, room: describeRoom(session, order, forecasts, resources)};
}

async function printPlan(plan: PricedPlan, {json, level}: BuildOptions, terminal: Terminal): Promise<void> {
  const {describePlan, plainPlan} = await import('../ui/plan.ts');
  if (json) terminal.print(JSON.stringify(plainPlan(plan), null, 2));
  else for (const line of describePlan(plan, level === 'verbose' ? 'nodes' : 'groups', terminal.paint)) terminal.print(line);
}
