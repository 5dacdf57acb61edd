// The heat policy (spec, section 6): may work start, must it pause, is it given up. A pure machine over readings and time; it stops nothing.
import {formatDuration} from '../base/units.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Thermal} from '../config/study.ts';
import type {PressureLevel, Reading} from '../host/thermometer.ts';
import type {ThermalState} from './events.ts';

/**
 *   unread --cool--> clear --two warm--> hot --below `resume`--> clear
 *   unread --warm--> hot
 *   any --two critical--> over      hot --longer than `max_wait`--> over      unread --two unknown, policy `refuse`--> over
 *
 * An unknown reading is no reading: it cools nothing, resumes nothing and counts towards no threshold. With `unknown: warn` work goes on (and
 * starts) without one; what waits for the machine to cool goes on waiting, until `max_wait`. With `unknown: refuse` two in a row make it wait.
 */
export type HeatState =
  /** Before the first reading nothing starts. */
  | {readonly at: 'unread'; readonly seen: Seen}
  | {readonly at: 'clear'; readonly seen: Seen}
  /** Nothing starts, and what runs is to pause. */
  | {readonly at: 'hot'; readonly seen: Seen; readonly since: number; readonly why: string}
  /** Given up for this build: what runs is to save and end, what waits is refused. */
  | {readonly at: 'over'; readonly why: string};

/** Readings so far: warm and critical ones since the last that was not, unknown ones since the last that was known. */
interface Seen {
  readonly warm: number;
  readonly critical: number;
  readonly unknown: number;
}

const nothingSeen: Seen = {warm: 0, critical: 0, unknown: 0};

export const initialHeat: HeatState = {at: 'unread', seen: nothingSeen};

/** One reading may be a slip: so many decide. */
const decisive = 2;

export interface Sample {
  readonly reading: Reading;
  /** In milliseconds, by the clock that nobody sets. */
  readonly at: number;
}

export function nextHeat(state: HeatState, sample: Sample, thermal: Thermal): HeatState {
  if (state.at === 'over') return state;
  const {reading, at} = sample;
  const seen = seenAfter(state.seen, reading, thermal);
  if (seen.critical >= decisive) return {at: 'over', why: above(reading, thermal.abort)};
  const isDark = thermal.unknown === 'refuse' && seen.unknown >= decisive;
  switch (state.at) {
    case 'unread':
      if (isDark) return {at: 'over', why: `${describeReading(reading)}, and \`thermal.unknown\` is \`refuse\``};
      if (reading.kind === 'unknown') return {at: thermal.unknown === 'warn' ? 'clear' : 'unread', seen};
      return seen.warm > 0 ? hot(sample, seen, thermal) : {at: 'clear', seen};
    case 'clear':
      if (isDark)
        return {
          at: 'hot',
          seen,
          since: at,
          why: `${describeReading(reading)}; it goes on when a reading is below ${degrees(thermal.resume)}`,
        };
      return seen.warm >= decisive ? hot(sample, seen, thermal) : {at: 'clear', seen};
    case 'hot':
      if (isCool(reading, thermal)) return {at: 'clear', seen};
      if (at - state.since < thermal.maxWaitMs) return {...state, seen};
      return {at: 'over', why: `waited ${formatDuration(at - state.since)} in vain: ${describeReading(reading)}`};
    default:
      return unreachable(state);
  }
}

/** Why nothing may start now; undefined where it may. */
export function findHold(state: HeatState, {unknown}: Pick<Thermal, 'unknown'>): string | undefined {
  switch (state.at) {
    case 'unread':
      return 'there is no reading of the temperature yet';
    case 'clear':
      if (state.seen.warm > 0) return 'the last reading was warm; the next one decides';
      return unknown === 'refuse' && state.seen.unknown > 0 ? 'the last reading failed; the next one decides' : undefined;
    case 'hot':
    case 'over':
      return state.why;
    default:
      return unreachable(state);
  }
}

export function thermalStateOf(reading: Reading, thermal: Thermal): ThermalState {
  if (reading.kind === 'unknown') return 'unknown';
  if (reading.kind === 'pressure') return stateOfPressure[reading.level];
  if (reading.celsius >= thermal.abort) return 'critical';
  if (reading.celsius >= thermal.warn) return 'warning';
  return reading.celsius >= thermal.acceptable ? 'acceptable' : 'normal';
}

export function describeReading(reading: Reading): string {
  switch (reading.kind) {
    case 'known':
      return `${degrees(reading.celsius)} (${reading.source})`;
    case 'pressure':
      return `thermal pressure ${reading.level} (${reading.source})`;
    case 'unknown':
      return `the temperature is unknown (${reading.why})`;
    default:
      return unreachable(reading);
  }
}

const stateOfPressure: Readonly<Record<PressureLevel, ThermalState>> = {
  nominal: 'normal',
  moderate: 'acceptable',
  heavy: 'warning',
  trapping: 'critical',
  sleeping: 'critical',
};

/** What was too hot is cool enough again. */
function isCool(reading: Reading, {resume}: Thermal): boolean {
  switch (reading.kind) {
    case 'known':
      return reading.celsius < resume;
    case 'pressure':
      return reading.level === 'nominal' || reading.level === 'moderate';
    case 'unknown':
      return false;
    default:
      return unreachable(reading);
  }
}

function hot({reading, at}: Sample, seen: Seen, {warn, resume}: Thermal): HeatState {
  const why = `${above(reading, warn)}; it goes on ${reading.kind === 'pressure' ? 'below heavy' : `below ${degrees(resume)}`}`;
  return {at: 'hot', seen, since: at, why};
}

function above(reading: Reading, threshold: number): string {
  return reading.kind === 'pressure' ? describeReading(reading) : `${describeReading(reading)}, at or above ${degrees(threshold)}`;
}

function seenAfter(seen: Seen, reading: Reading, thermal: Thermal): Seen {
  const state = thermalStateOf(reading, thermal);
  if (state === 'unknown') return {...seen, unknown: seen.unknown + 1};
  const isCritical = state === 'critical';
  return {warm: isCritical || state === 'warning' ? seen.warm + 1 : 0, critical: isCritical ? seen.critical + 1 : 0, unknown: 0};
}

function degrees(celsius: number): string {
  return `${String(Math.round(celsius * 10) / 10)} °C`;
}
