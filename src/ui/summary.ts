// What a build came to: counts, the longest steps, trials, and of each failure the last lines of its log and where to read on.
import {formatDuration} from '../base/units.ts';
import type {BuildEvent, FailureStatus, Summary, ThermalSummary, TrialCounts} from '../build/events.ts';
import type {Paint} from './paint.ts';

export interface SummaryOptions {
  readonly level: 'silent' | 'normal' | 'verbose';
  readonly paint: Paint;
  readonly print: (line: string) => void;
  /** The last lines of a log, oldest first. */
  readonly lastLines: (logFile: string) => readonly string[];
  /** A file as the person would name it from where they stand. */
  readonly pathFor: (file: string) => string;
}

const longestShown = 3;
const failuresShown = 10;

export function summaryReporter(options: SummaryOptions): (event: BuildEvent) => void {
  const durations: {readonly label: string; readonly ms: number}[] = [];
  let report: Report | undefined;
  return (event) => {
    if (event.type === 'node_ended') {
      if (event.outcome.at === 'done' && event.outcome.how === 'ran') durations.push({label: event.node.label, ms: event.durationMs});
    } else if (event.type === 'build_ended') {
      if (options.level === 'silent' && event.summary.failed.length === 0) return;
      printSummary(event.summary, options);
    } else if (event.type === 'report_made') report = event;
  };

  function printSummary(summary: Summary, {paint, print}: SummaryOptions): void {
    printFailures(summary, options);
    print(describeSummary(summary));
    if (summary.thermal !== undefined && isTold(summary.thermal)) print(`  ${describeThermal(summary.thermal)}`);
    const longest = durations.toSorted((left, right) => right.ms - left.ms).slice(0, longestShown);
    const worth = longest.filter(({ms}) => ms >= 1000).map(({label, ms}) => `${label} ${formatDuration(ms)}`);
    if (worth.length > 0) print(paint.dim(`  longest: ${worth.join(', ')}`));
    if (summary.trials.hitRate !== null) print(`  ${describeTrials(summary.trials)}`);
    const blockers = new Map<string, number>();
    for (const {by} of summary.blocked) blockers.set(by.label, (blockers.get(by.label) ?? 0) + 1);
    for (const [label, count] of blockers) print(`  ${String(count)} blocked by ${label}`);
    if (report !== undefined) for (const line of findingLines(report, options)) print(line);
  }
}

type Report = Extract<BuildEvent, {type: 'report_made'}>;

const findingsShown = 12;

/** What the build found, and where it stands. */
function findingLines({findings, path}: Report, {paint, pathFor}: SummaryOptions): readonly string[] {
  const more = findings.length - findingsShown;
  return [
    ...(findings.length > 0 ? ['found:'] : []),
    ...findings.slice(0, findingsShown).map((text) => `  ${text}`),
    ...(more > 0 ? [`  and ${String(more)} more in the report`] : []),
    `report: ${paint.cyan(pathFor(path))}`,
  ];
}

function printFailures({failed}: Summary, {paint, print, lastLines, pathFor}: SummaryOptions): void {
  for (const {node, outcome} of failed.slice(0, failuresShown)) {
    // What was refused was said with its reason when it was, and its log holds no more.
    if (outcome.logFile === undefined || outcome.status === 'interrupted' || outcome.status === 'refused') continue;
    print(`${paint.red(failureWord(outcome.status))} ${node.label}: ${outcome.message}`);
    for (const line of lastLines(outcome.logFile)) print(paint.dim(`    | ${line}`));
    print(`    more: less ${pathFor(outcome.logFile)}`);
  }
  if (failed.length > failuresShown) print(`and ${String(failed.length - failuresShown)} more that did not succeed`);
}

export function describeSummary(summary: Summary): string {
  const parts = [
    [summary.ran, 'ran'],
    [summary.fresh, 'fresh'],
    [summary.restored, 'restored'],
    [summary.recognised, 'recognised'],
    ...failures.map(([status, word]) => [summary.failed.filter(({outcome}) => outcome.status === status).length, word] as const),
    [summary.blocked.length, 'blocked'],
  ] as const;
  const counted = parts.filter(([count]) => count > 0).map(([count, what]) => `${String(count)} ${what}`);
  return `${summary.interrupted ? 'Interrupted: ' : ''}${counted.join(', ')} in ${formatDuration(summary.durationMs)}`;
}

const failures = [
  ['failed', 'failed'],
  ['refused', 'refused'],
  ['partial', 'partial'],
  ['interrupted', 'interrupted'],
  ['thermal_abort', 'stopped by the thermal settings'],
] as const;

export function failureWord(status: FailureStatus): string {
  return failures.find(([known]) => known === status)?.[1] ?? status;
}

/** That nothing was ever read was said at the beginning. */
function isTold({maxCelsius, pausedMs}: ThermalSummary): boolean {
  return maxCelsius !== undefined || pausedMs > 0;
}

/** Of a build in which jobs ran. */
function describeThermal({maxCelsius, pausedMs}: ThermalSummary): string {
  const highest = maxCelsius === undefined ? 'unknown' : `at most ${String(Math.round(maxCelsius * 10) / 10)} °C`;
  return `temperature: ${highest}${pausedMs === 0 ? '' : `, paused for ${formatDuration(pausedMs)}`}`;
}

function describeTrials({evaluated, cached, hitRate}: TrialCounts): string {
  const share = `${((hitRate ?? 0) * 100).toFixed(0)} % of ${String(evaluated + cached)}`;
  return `trials: ${String(evaluated)} evaluated, ${String(cached)} from the cache (${share})`;
}

/** Why the program's exit status is not 0, after a build. */
export function describeExit(status: number): string | undefined {
  switch (status) {
    case 1:
      return 'exit status 1: something failed or is partial; what it does not touch was built';
    case 3:
      return 'exit status 3: a gate refused or aborted; nothing failed';
    case 130:
      return 'exit status 130: interrupted; the next build goes on there';
    default:
      return undefined;
  }
}
