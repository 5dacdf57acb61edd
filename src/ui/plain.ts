// Reports a build as plain lines: what starts, how it ends, a summary. Silent prints failures only.
import {formatDuration} from '../base/units.ts';
import {unreachable} from '../base/unreachable.ts';
import type {BuildEvent, FailureStatus, Outcome, Summary, ThermalSummary, TrialCounts} from '../build/events.ts';
import {describeReason} from './reasons.ts';
import type {Paint} from './paint.ts';

export interface PlainOptions {
  readonly level: 'silent' | 'normal' | 'verbose';
  readonly paint: Paint;
  readonly print: (line: string) => void;
}

export function plainReporter(options: PlainOptions): (event: BuildEvent) => void {
  let wanted = 0;
  let settled = 0;
  const {paint, print, level} = options;
  return (event) => {
    switch (event.type) {
      case 'build_started':
        wanted = event.wanted;
        return;
      case 'machine':
        return;
      case 'node_stale':
        if (level === 'verbose') print(paint.dim(`${event.node.label}: ${describeReason(event.reason)}`));
        return;
      case 'node_started':
        if (level !== 'silent') print(`${counter()} ${event.node.label}${event.attempt > 1 ? `, attempt ${String(event.attempt)}` : ''}`);
        return;
      case 'node_progress':
        if (level !== 'silent') printProgress(event.node.label, event.progress);
        return;
      case 'node_kept':
        if (level !== 'silent') print(paint.yellow(`kept: what was at ${event.path} is now at ${event.movedTo}`));
        return;
      case 'node_restored':
        if (level !== 'silent') print(paint.dim(`      ${event.node.label}: taken from ${event.from}`));
        return;
      case 'node_warned':
        if (level !== 'silent') print(paint.yellow(`warning: ${event.node.label}: ${event.diagnostic.message}`));
        return;
      case 'node_held':
        if (level !== 'silent') print(paint.dim(`held: ${event.node.label}: ${event.why}`));
        return;
      case 'paused':
      case 'resumed':
        if (level !== 'silent') print(paint.yellow(`${event.type}: ${event.why}`));
        return;
      case 'temperature':
        return;
      case 'node_stalled':
        if (level !== 'silent') print(paint.yellow(describeStall(event)));
        return;
      case 'node_ended':
        settled++;
        printEnd(event.node.label, event.outcome, event.durationMs);
        return;
      case 'build_ended':
        printSummary(event.summary);
        return;
      default:
        unreachable(event);
    }
  };

  function counter(): string {
    return paint.dim(`[${String(settled + 1)}/${String(wanted)}]`);
  }

  function printProgress(label: string, progress: Readonly<Record<string, unknown>>): void {
    const text = describeProgress(progress);
    if (text !== undefined && (level === 'verbose' || progress['event'] === 'trial_ended')) print(paint.dim(`      ${label}: ${text}`));
  }

  function printEnd(label: string, outcome: Outcome, durationMs: number): void {
    switch (outcome.at) {
      case 'done':
        if (level === 'silent' || outcome.how === 'fresh') return;
        print(
          `${paint.dim(`[${String(settled)}/${String(wanted)}]`)} ${paint.green('done')} ${label} ${paint.dim(`(${outcome.how === 'ran' ? formatDuration(durationMs) : outcome.how})`)}`,
        );
        return;
      case 'failed':
        print(
          `${paint.red(failureWord(outcome.status))} ${label}: ${outcome.message}${outcome.logFile === undefined ? '' : `\n       log: ${outcome.logFile}`}`,
        );
        return;
      case 'blocked':
        if (level === 'verbose') print(paint.yellow(`blocked ${label}: ${outcome.by.label} did not succeed`));
        return;
      default:
        unreachable(outcome);
    }
  }

  function printSummary(summary: Summary): void {
    if (level === 'silent' && summary.failed.length === 0) return;
    print(describeSummary(summary));
    if (summary.thermal !== undefined) print(`  ${describeThermal(summary.thermal)}`);
    if (summary.trials.hitRate !== null) print(`  ${describeTrials(summary.trials)}`);
    const blockers = new Map<string, number>();
    for (const {by} of summary.blocked) blockers.set(by.label, (blockers.get(by.label) ?? 0) + 1);
    for (const [label, count] of blockers) print(`  ${String(count)} blocked by ${label}`);
  }
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

function describeTrials({evaluated, cached, hitRate}: TrialCounts): string {
  const share = `${((hitRate ?? 0) * 100).toFixed(0)} % of ${String(evaluated + cached)}`;
  return `trials: ${String(evaluated)} evaluated, ${String(cached)} from the cache (${share})`;
}

const failures = [
  ['failed', 'failed'],
  ['refused', 'refused'],
  ['partial', 'partial'],
  ['interrupted', 'interrupted'],
  ['thermal_abort', 'aborted for heat'],
] as const;

function failureWord(status: FailureStatus): string {
  return failures.find(([known]) => known === status)?.[1] ?? status;
}

/** Of a build in which jobs ran. */
export function describeThermal({maxCelsius, pausedMs}: ThermalSummary): string {
  const highest = maxCelsius === undefined ? 'unknown' : `at most ${String(Math.round(maxCelsius * 10) / 10)} °C`;
  return `temperature: ${highest}${pausedMs === 0 ? '' : `, paused for ${formatDuration(pausedMs)}`}`;
}

function describeProgress(progress: Readonly<Record<string, unknown>>): string | undefined {
  switch (progress['event']) {
    case 'trial_ended':
      return `trial ${text(progress['ended'])} of ${text(progress['expected'])} ${text(progress['state'])}, ${number(progress['value'])} (best ${number(progress['best'])})${progress['cached'] === true ? ', from the cache' : ''}`;
    case 'epoch':
      return `epoch ${text(progress['epoch'])} of ${text(progress['epochs'])}, train ${number(progress['train_loss'])}, val ${number(progress['val_loss'])}`;
    case 'data_validated':
      return `${text(progress['rows'])} rows, ${text(progress['features'])} features`;
    default:
      return undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value) : '?';
}

function number(value: unknown): string {
  return typeof value === 'number' ? value.toFixed(4) : '-';
}

function describeStall({node, silentMs, usualMs, action}: Extract<BuildEvent, {type: 'node_stalled'}>): string {
  const then = {report: '', retry: '; it is stopped and started once more', fail: '; it is stopped, for the second time'}[action];
  const usually = usualMs === 0 ? '' : `, usually ${formatDuration(usualMs)}`;
  return `stalled: ${node.label}: not a word for ${formatDuration(silentMs)}${usually}${then}`;
}
