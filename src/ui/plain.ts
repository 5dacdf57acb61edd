// Reports a build as plain lines: what starts, how far it is, how it ends. Silent prints failures only; beside the live view only what matters later.
import {formatDuration} from '../base/units.ts';
import {unreachable} from '../base/unreachable.ts';
import type {BuildEvent, Outcome, ThermalState} from '../build/events.ts';
import {failureWord} from './summary.ts';
import {describeReason} from './reasons.ts';
import type {Paint} from './paint.ts';

export interface PlainOptions {
  /** `notable`: failures, warnings, what was kept or stands still; the rest is on the screen. */
  readonly level: 'silent' | 'notable' | 'normal' | 'verbose';
  readonly paint: Paint;
  readonly print: (line: string) => void;
}

export function plainReporter(options: PlainOptions): (event: BuildEvent) => void {
  let wanted = 0;
  let settled = 0;
  let heat: ThermalState | undefined;
  const {paint, print, level} = options;
  const narrates = level === 'normal' || level === 'verbose';
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
        if (narrates) print(`${counter()} ${event.node.label}${event.attempt > 1 ? `, attempt ${String(event.attempt)}` : ''}`);
        return;
      case 'node_step':
        if (narrates) print(paint.dim(`      ${event.node.label}: ${event.what}`));
        return;
      case 'node_progress':
        if (event.progress['event'] === 'notice') printNotice(event.node.label, event.progress);
        else if (narrates) printProgress(event.node.label, event.progress);
        return;
      case 'node_kept':
        if (level !== 'silent') print(paint.yellow(describeKept(event)));
        return;
      case 'report_made':
        return;
      case 'log_renewed':
        if (level !== 'silent') print(paint.yellow(describeRenewed(event)));
        return;
      case 'node_restored':
        if (narrates) print(paint.dim(`      ${event.node.label}: taken from ${event.from}`));
        return;
      case 'node_warned':
        if (level !== 'silent') print(paint.yellow(`warning: ${event.node.label}: ${event.diagnostic.message}`));
        return;
      case 'node_held':
        if (narrates) print(paint.dim(`held: ${event.node.label}: ${event.why}`));
        return;
      case 'paused':
      case 'resumed':
        if (level !== 'silent') print(paint.yellow(`${event.type}: ${event.why}`));
        return;
      case 'temperature':
        // That there is no sensor is said once, on a live screen, too.
        if (narrates ? event.state !== heat : level !== 'silent' && heat === undefined && event.state === 'unknown')
          print(paint.dim(`temperature: ${describeReading(event)}`));
        heat = event.state;
        return;
      case 'node_stalled':
        if (level !== 'silent') print(paint.yellow(describeStall(event)));
        return;
      case 'node_ended':
        settled++;
        printEnd(event.node.label, event.outcome, event.durationMs);
        return;
      case 'build_ended':
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

  function printNotice(label: string, {message}: Readonly<Record<string, unknown>>): void {
    if (level !== 'silent' && typeof message === 'string') print(paint.yellow(`${label}: ${message}`));
  }

  function printEnd(label: string, outcome: Outcome, durationMs: number): void {
    switch (outcome.at) {
      case 'done':
        if (!narrates || outcome.how === 'fresh') return;
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

function describeReading({reading, state}: Extract<BuildEvent, {type: 'temperature'}>): string {
  if (reading.kind === 'unknown') return `unknown (${reading.why})`;
  const what = reading.kind === 'known' ? `${reading.celsius.toFixed(0)} C` : `thermal pressure ${reading.level}`;
  return `${what}, ${state} (${reading.source})`;
}

/** The log under another header than today's, and where it is now. */
export function describeRenewed({path, movedTo, why}: {readonly path: string; readonly movedTo: string; readonly why: string}): string {
  return `The log ${path} was begun anew: ${why}. What was there is kept: ${movedTo}.`;
}

export function describeKept({path, movedTo, isUnknown}: Extract<BuildEvent, {type: 'node_kept'}>): string {
  const help =
    isUnknown === true
      ? `. If it holds the results of today, move it back and take them with \`ftsbuild adopt ${path} --reason TEXT\``
      : '';
  return `kept: what was at ${path} is now at ${movedTo}${help}`;
}

function describeStall({node, silentMs, usualMs, action}: Extract<BuildEvent, {type: 'node_stalled'}>): string {
  const then = {report: '', retry: '; it is stopped and started once more', fail: '; it is stopped, for the second time'}[action];
  const usually = usualMs === 0 ? '' : `, usually ${formatDuration(usualMs)}`;
  return `stalled: ${node.label}: not a word for ${formatDuration(silentMs)}${usually}${then}`;
}
