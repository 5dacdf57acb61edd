// Reads the sections that protect the machine and the hours spent on it: thermal, gates, watchdog, retry, monitor.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {formatDuration, parseDuration, parseSize} from '../base/units.ts';
import {findMap, findNumber, findScalar} from './located.ts';
import type {LocatedMap} from './located.ts';
import type {SensorChoice} from '../host/thermometer.ts';
import type {GateSettings, Safety, Thermal, Watchdog} from './study.ts';

/** What holds where the file says nothing. */
export const usualSafety: Safety = {
  thermal: {
    acceptable: 70,
    resume: 80,
    warn: 85,
    abort: 95,
    unknown: 'warn',
    sampleMs: 5_000,
    maxWaitMs: 7_200_000,
    sensor: {kind: 'auto'},
  },
  gates: {diskBytes: 1e9, memory: 'estimate'},
  watchdog: {factor: 10, atLeastMs: 600_000, action: 'retry'},
  retryKilled: 1,
  monitorMs: 300_000,
};

/** In milliseconds. */
interface Range {
  readonly least: number;
  readonly most: number;
}

const dayMs = 86_400_000;
/** What repeats: more often would only keep the machine busy, and timers of Node take no more than 24.8 days, but then fire at once. */
const repeating: Range = {least: 100, most: 24 * dayMs};
/** What runs out: not at once, and at last. */
const patience: Range = {least: 1, most: 36_500 * dayMs};

export function readSafety(root: LocatedMap, problems: Diagnostic[]): Safety {
  return {
    thermal: readThermal(findMap(root, 'thermal'), problems),
    gates: readGates(findMap(root, 'gates')),
    watchdog: readWatchdog(findMap(root, 'watchdog'), problems),
    retryKilled: findNumber(findMap(root, 'retry'), 'killed') ?? usualSafety.retryKilled,
    monitorMs: durationAt(findMap(root, 'monitor'), 'every', {range: repeating, problems}) ?? usualSafety.monitorMs,
  };
}

function readThermal(section: LocatedMap | undefined, problems: Diagnostic[]): Thermal {
  const usual = usualSafety.thermal;
  const thermal: Thermal = {
    acceptable: findNumber(section, 'acceptable') ?? usual.acceptable,
    resume: findNumber(section, 'resume') ?? usual.resume,
    warn: findNumber(section, 'warn') ?? usual.warn,
    abort: findNumber(section, 'abort') ?? usual.abort,
    unknown: findScalar(section, 'unknown')?.text === 'refuse' ? 'refuse' : 'warn',
    sampleMs: durationAt(section, 'sample', {range: repeating, problems}) ?? usual.sampleMs,
    maxWaitMs: durationAt(section, 'max_wait', {range: patience, problems}) ?? usual.maxWaitMs,
    sensor: sensorOf(findScalar(section, 'sensor')?.text ?? 'auto'),
  };
  if (section !== undefined) problems.push(...checkOrder(thermal, section));
  return thermal;
}

const thresholds = ['acceptable', 'resume', 'warn', 'abort'] as const;

// The usual ones count as well: `warn: 60` alone is above nothing that resumes.
function checkOrder(thermal: Thermal, section: LocatedMap): readonly Diagnostic[] {
  for (const [index, upper] of thresholds.entries()) {
    const lower = thresholds[index - 1];
    if (lower === undefined || thermal[lower] < thermal[upper]) continue;
    const written = thresholds.map((name) => `${name} ${String(thermal[name])}`).join(', ');
    return [
      problem('FTS260', `"${lower}" must be below "${upper}", and is not: ${written}`, {
        span: spanOf(section, [upper, lower]),
        help: 'Give four temperatures that rise: acceptable, resume, warn, abort. One that is left out has its usual value (70, 80, 85, 95).',
      }),
    ];
  }
  return [];
}

function spanOf(section: LocatedMap, names: readonly string[]): Span {
  for (const name of names) {
    const member = section.members.get(name);
    if (member !== undefined) return member.keySpan;
  }
  return section.span;
}

function readGates(section: LocatedMap | undefined): GateSettings {
  const memory = findScalar(section, 'memory')?.text;
  return {
    diskBytes: parseSize(findScalar(section, 'disk')?.text ?? '') ?? usualSafety.gates.diskBytes,
    memory: memory === 'none' ? 'none' : (parseSize(memory ?? '') ?? 'estimate'),
  };
}

function readWatchdog(section: LocatedMap | undefined, problems: Diagnostic[]): Watchdog {
  return {
    factor: findNumber(section, 'factor') ?? usualSafety.watchdog.factor,
    atLeastMs: durationAt(section, 'at_least', {range: patience, problems}) ?? usualSafety.watchdog.atLeastMs,
    action: findScalar(section, 'action')?.text === 'report' ? 'report' : 'retry',
  };
}

function sensorOf(text: string): SensorChoice {
  if (text.startsWith('file:')) return {kind: 'file', path: text.slice('file:'.length)};
  if (text.startsWith('command:')) return {kind: 'command', line: text.slice('command:'.length)};
  return {kind: 'auto'};
}

/** Undefined where there is none; one outside of its range is told, and is none. */
function durationAt(
  section: LocatedMap | undefined,
  name: string,
  {range, problems}: {readonly range: Range; readonly problems: Diagnostic[]},
): number | undefined {
  const written = findScalar(section, name);
  const ms = written === undefined ? undefined : parseDuration(written.text);
  if (written === undefined || ms === undefined || (ms >= range.least && ms <= range.most)) return ms;
  const [least, most] = [formatDuration(range.least), formatDuration(range.most)];
  problems.push(
    problem('FTS261', `"${name}" must be from ${least} to ${most}, and is ${written.text}`, {
      span: written.span,
      help: `Write a duration from ${least} to ${most}, or leave it out for the usual one.`,
    }),
  );
  return undefined;
}
