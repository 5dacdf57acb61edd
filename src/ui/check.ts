// What `ftsbuild check` found, for people and as JSON. Knows nothing of how it was found.
import {hasErrors, type Diagnostic, type Span} from '../base/diagnostic.ts';
import {formatDuration} from '../base/units.ts';
import {runs, type PlanOf, type Price} from '../build/price.ts';
import type {LookedAt} from '../build/data-look.ts';
import type {Refused} from '../build/inspect.ts';
import type {Plausibility} from '../state/data-manifest.ts';
import {plainRange} from './price.ts';

export interface CheckReport {
  /** As the user would name it. */
  readonly file: string;
  /** In the order of their places. */
  readonly problems: readonly Diagnostic[];
  /** One for each profile that could be opened; the first one is the file without a profile. */
  readonly studies: readonly CheckedStudy[];
  readonly scripts: {readonly count: number; readonly syntax: ScriptSyntax};
  /** Which targets are stale, where that is a reason to fail. */
  readonly stale: string | undefined;
}

export interface CheckedStudy {
  readonly profile: string | undefined;
  readonly plan: PlanOf & {readonly price: Price};
  readonly refused: readonly Refused[];
  /** Datasets, as far as they were looked at. */
  readonly data: readonly LookedAt[];
}

/** Who looked at the scripts: the compiler of a Python, or, without one, the rules for its words and brackets. */
export type ScriptSyntax = {readonly by: 'python'; readonly interpreter: string} | {readonly by: 'words'; readonly because: string};

export function countProblems(problems: readonly Diagnostic[]): {readonly errors: number; readonly warnings: number} {
  const errors = problems.filter(({severity}) => severity === 'error').length;
  return {errors, warnings: problems.length - errors};
}

/** What was looked at and what it would cost; the problems themselves come before it. */
export function describeCheck({file, problems, studies, scripts}: CheckReport): readonly string[] {
  const {warnings} = countProblems(problems);
  if (hasErrors(problems)) return [];
  const lines = [`${file}: no errors${warnings === 0 ? '' : `, ${String(warnings)} ${warnings === 1 ? 'warning' : 'warnings'}`}`];
  lines.push(`  ${String(scripts.count)} scripts ${describeSyntax(scripts.syntax)}`);
  for (const look of datasetsOf(studies)) lines.push(...describeData(look));
  for (const study of studies) lines.push(`  ${study.profile === undefined ? '' : `profile ${study.profile}: `}${describePlan(study)}`);
  return lines;
}

// Profiles share the files that they read.
function datasetsOf(studies: readonly CheckedStudy[]): readonly LookedAt[] {
  const byPath = new Map<string, LookedAt>();
  for (const look of studies.flatMap(({data}) => data))
    if (!byPath.has(`${look.dataset.name} ${look.dataset.path}`)) byPath.set(`${look.dataset.name} ${look.dataset.path}`, look);
  return [...byPath.values()];
}

function describeData({dataset, plausibility, needsPython}: LookedAt): readonly string[] {
  if (plausibility !== undefined) return [`  data ${dataset.name}: ${describePlausibility(plausibility)}`];
  return needsPython ? [`  data ${dataset.name}: not looked at; only the study's Python reads it, which gave no answer`] : [];
}

function describePlausibility(table: Plausibility): string {
  const {largestGap, largestMove, medianSpacingDays, zeroVolumeShare, constantColumns} = table;
  const parts = [`${String(table.rows)} rows from ${table.first} to ${table.last}`];
  if (medianSpacingDays !== null) parts.push(`median spacing ${String(medianSpacingDays)} ${medianSpacingDays === 1 ? 'day' : 'days'}`);
  if (largestGap !== null) parts.push(`largest gap ${String(largestGap.days)} days (from ${largestGap.from})`);
  parts.push(`${percent(table.weekendShare)} on weekends`);
  if (largestMove !== null)
    parts.push(`largest move ${largestMove.change > 0 ? '+' : ''}${percent(largestMove.change)} (${largestMove.date})`);
  if (zeroVolumeShare !== null) parts.push(`${percent(zeroVolumeShare)} without volume`);
  parts.push(constantColumns.length === 0 ? 'no constant column' : `constant: ${constantColumns.join(', ')}`);
  return parts.join(', ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** Undefined where nothing is stale, under no profile. */
export function describeStale(studies: readonly CheckedStudy[]): string | undefined {
  const parts = studies.flatMap(({profile, plan: {order, forecasts}}) => {
    const stale = order.filter(({id}) => forecasts.get(id)?.will !== 'stay');
    const rules = new Map<string, number>();
    for (const {rule} of stale) rules.set(rule, (rules.get(rule) ?? 0) + 1);
    const counts = [...rules].map(([rule, count]) => `${String(count)} ${rule}`).join(', ');
    const where = profile === undefined ? '' : ` with --profile ${profile}`;
    return stale.length === 0 ? [] : [`${String(stale.length)} of ${String(order.length)} targets${where} (${counts})`];
  });
  return parts.length === 0 ? undefined : `stale: ${parts.join('; ')}; ftsbuild all --dry-run says why`;
}

function describeSyntax(syntax: ScriptSyntax): string {
  return syntax.by === 'python'
    ? `rendered, and compiled by ${syntax.interpreter}`
    : `rendered; ${syntax.because}, so only their words, brackets and indentation were checked`;
}

function describePlan({plan, refused}: CheckedStudy): string {
  const {run, fresh, restored} = countsOf(plan);
  const {sequential, unknown} = plan.price;
  const time =
    run === 0
      ? ''
      : `; about ${formatDuration(sequential.ms)} of compute${unknown > 0 ? `, and ${String(unknown)} without an estimate` : ''}`;
  const parts = [`${String(run)} to run`, `${String(fresh)} fresh`];
  if (restored > 0) parts.push(`${String(restored)} restored from the cache`);
  if (refused.length > 0) parts.push(`${String(refused.length)} refused`);
  return `${parts.join(', ')}${time}`;
}

function countsOf({order, forecasts}: PlanOf): {readonly run: number; readonly fresh: number; readonly restored: number} {
  const entries = order.map(({id}) => forecasts.get(id));
  return {
    run: entries.filter(runs).length,
    fresh: entries.filter((entry) => entry?.will === 'stay').length,
    restored: entries.filter((entry) => entry?.will === 'be_restored').length,
  };
}

/** As `schemas/check.schema.json` says. */
export function plainCheck({file, problems, studies, scripts, stale}: CheckReport): object {
  return {
    schema_version: 1,
    file,
    totals: countProblems(problems),
    stale: stale ?? null,
    problems: problems.map(plainProblem),
    scripts: {
      rendered: scripts.count,
      compiled_by: scripts.syntax.by === 'python' ? scripts.syntax.interpreter : null,
    },
    data: datasetsOf(studies).map(({dataset, plausibility}) => ({
      dataset: dataset.name,
      path: dataset.path,
      plausibility: plausibility === undefined ? null : plainPlausibility(plausibility),
    })),
    studies: studies.map(({profile, plan, refused}) => ({
      profile: profile ?? null,
      ...countsOf(plan),
      refused: refused.map(({label, message}) => ({node: label, reason: message})),
      sequential: plainRange(plan.price.sequential),
      unknown: plan.price.unknown,
    })),
  };
}

/** As `schemas/dataset.schema.json` says. */
function plainPlausibility(table: Plausibility): object {
  return {
    ...{rows: table.rows, first: table.first, last: table.last, median_spacing_days: table.medianSpacingDays},
    ...{largest_gap: table.largestGap, weekend_share: table.weekendShare, largest_move: table.largestMove},
    ...{zero_volume_share: table.zeroVolumeShare, constant_columns: table.constantColumns},
  };
}

function plainProblem({code, severity, message, help, span, see}: Diagnostic): object {
  return {
    code,
    severity,
    message,
    help: help ?? null,
    place: span === undefined ? null : plainSpan(span),
    see: (see ?? []).map((entry) => ({note: entry.note, place: plainSpan(entry.span)})),
  };
}

function plainSpan({file, line, column, offset, length}: Span): object {
  return {file, line, column, offset, length};
}
