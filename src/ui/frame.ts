// The live view as lines of text, none wider than the terminal. Pure: it draws nothing.
import cliTruncate from 'cli-truncate';
import stringWidth from 'string-width';
import {formatDuration} from '../base/units.ts';
import type {Paint} from './paint.ts';
import {elapsedMs, timeLeft, workedMs, type RunningNode, type TimeLeft, type View} from './view.ts';

export interface FrameSize {
  readonly columns: number;
  /** The frame has fewer lines than that. */
  readonly rows: number;
}

export interface FrameOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly paint: Paint;
  /** Whether the terminal shows more than ASCII. */
  readonly unicode: boolean;
}

/** Least columns that a label keeps beside its progress. */
const leastLabel = 12;
const gap = '  ';

export function frame(view: View, size: FrameSize, options: FrameOptions): readonly string[] {
  // A line that fills the last column would make some terminals wrap.
  const width = Math.max(1, size.columns - 1);
  const fit = (line: string): string => cliTruncate(line, width, {truncationCharacter: ellipsis(options)});
  const head = fillLines(headParts(view, options), width).map(fit);
  const notes = noteLines(view, options).map(fit);
  const room = Math.max(1, size.rows - 1 - head.length - notes.length);
  return [...head, ...nodeLines(view, {room, width}, options).map(fit), ...notes].slice(0, Math.max(1, size.rows - 1));
}

function headParts(view: View, options: FrameOptions): readonly string[] {
  const {paint, now} = options;
  const left = timeLeft(view, now);
  return [
    `${String(view.settled)} of ${String(view.wanted)} done`,
    ...(view.failed > 0 ? [paint.red(`${String(view.failed)} failed`)] : []),
    ...(view.blocked > 0 ? [paint.yellow(`${String(view.blocked)} blocked`)] : []),
    `elapsed ${formatDuration(Math.floor(elapsedMs(view, now) / 1000) * 1000)}`,
    ...(left === undefined ? [] : [describeLeft(left)]),
    ...(view.isSensed ? [describeTemperature(view, options)] : []),
  ];
}

/** `left 2h 10m (1h 30m to 4h)`. */
function describeLeft({seconds, low_seconds: low, high_seconds: high, unknown}: TimeLeft): string {
  if (unknown > 0) return `left over ${roughly(seconds)} (${String(unknown)} without an estimate)`;
  return `left ${roughly(seconds)} (${roughly(low)} to ${roughly(high)})`;
}

function roughly(seconds: number): string {
  return formatDuration(Math.max(1, Math.round(seconds)) * 1000);
}

function describeTemperature({temperature}: View, {paint, unicode}: Omit<FrameOptions, 'now'>): string {
  const {celsius = null, pressure = null} = temperature ?? {};
  if (temperature === undefined || (celsius === null && pressure === null)) return paint.dim('temperature unknown');
  const degrees = celsius === null ? `thermal pressure ${pressure ?? ''}` : `${celsius.toFixed(0)}${unicode ? '°C' : ' C'}`;
  const text = `${degrees} ${temperature.state}`;
  return temperature.state === 'critical' ? paint.red(text) : temperature.state === 'warning' ? paint.yellow(text) : text;
}

// As many parts a line as fit.
function fillLines(parts: readonly string[], width: number): readonly string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = `${last ?? ''}${gap}${part}`;
    if (last !== undefined && stringWidth(joined) <= width) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}

function nodeLines(view: View, {room, width}: {readonly room: number; readonly width: number}, options: FrameOptions): readonly string[] {
  const nodes = [...view.running.values()];
  const shown = nodes.length <= room ? nodes : nodes.slice(0, room - 1);
  const lines = shown.map((node) => nodeLine(view, node, {width, options}));
  const more = nodes.length - shown.length;
  return more === 0 ? lines : [...lines, options.paint.dim(`${gap}and ${String(more)} more running`)];
}

// Progress says more than the end of a long name: what is least needed goes first, then the middle of the name.
function nodeLine(view: View, node: RunningNode, {width, options}: {readonly width: number; readonly options: FrameOptions}): string {
  const parts = describeRunning(view, node, options);
  const textOf = (count: number): string => parts.slice(0, count).join(', ');
  let count = parts.length;
  while (count > 1 && stringWidth(textOf(count)) + 2 * gap.length + leastLabel > width) count--;
  const left = Math.max(leastLabel, width - stringWidth(textOf(count)) - 2 * gap.length);
  const label = cliTruncate(cleaned(node.label, options), left, {position: 'middle', truncationCharacter: ellipsis(options)});
  return `${gap}${label}${gap}${options.paint.cyan(textOf(count))}`;
}

/** What a running node is at, the most telling first. */
function describeRunning(view: View, node: RunningNode, options: FrameOptions): readonly string[] {
  const {trials, epochs, best, step, silentSeconds, attempt} = node;
  const trial = node.rule === 'hpo' ? [trials === undefined ? 'trial 1' : `trial ${nextOf(trials)} of ${String(trials.expected)}`] : [];
  return [
    ...(silentSeconds === undefined ? [] : [`silent for ${formatDuration(silentSeconds * 1000)}`]),
    ...trial,
    ...(epochs === undefined ? [] : [`epoch ${String(epochs.epoch)} of ${String(epochs.epochs)}`]),
    ...(step === undefined ? [] : [cleaned(step, options)]),
    ...(best === undefined ? [] : [`best ${best.toFixed(4)}`]),
    formatDuration(Math.floor(workedMs(view, node, options.now) / 1000) * 1000),
    ...(attempt > 1 ? [`attempt ${String(attempt)}`] : []),
  ];
}

function nextOf({ended, expected}: {readonly ended: number; readonly expected: number}): string {
  return String(Math.min(ended + 1, expected));
}

const mostReasons = 3;

// What stands still, and why.
function noteLines(view: View, options: FrameOptions): readonly string[] {
  const {paint, now} = options;
  const {paused, held} = view;
  const pause =
    paused === undefined ? [] : [paint.yellow(`paused for ${formatDuration(now - paused.since)}: ${cleaned(paused.why, options)}`)];
  const byReason = new Map<string, string[]>();
  for (const {label, why} of held.values()) byReason.set(why, [...(byReason.get(why) ?? []), label]);
  const reasons = [...byReason].map(([why, labels]) => {
    const who = labels.length === 1 ? cleaned(labels.join(''), options) : `${String(labels.length)} nodes`;
    return paint.yellow(`held: ${who}: ${cleaned(why, options)}`);
  });
  const more = reasons.length > mostReasons ? [paint.dim(`${gap}and ${String(reasons.length - mostReasons)} more reasons`)] : [];
  return [...pause, ...reasons.slice(0, mostReasons), ...more];
}

function ellipsis({unicode}: FrameOptions): string {
  return unicode ? '…' : '~';
}

// One line that moves no cursor: control characters become spaces, and where the terminal knows only ASCII all else becomes `?`.
function cleaned(text: string, {unicode}: FrameOptions): string {
  const line = text.replaceAll(/\p{Cc}+/gu, ' ').trim();
  return unicode ? line : line.replaceAll(/[^ -~]/gu, '?');
}
