// The heat policy (spec, section 6): may work start, must it pause, is it given up. A pure machine over readings and time; it stops nothing.
import {formatDuration} from '../base/units.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Thermal} from '../config/study.ts';
import type {Instant} from '../host/clock.ts';
import type {Reading} from '../host/thermometer.ts';
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
  | {readonly at: 'hot'; readonly seen: Seen; readonly since: Instant; readonly why: string}
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
  readonly at: Instant;
}

export function nextHeat(state: HeatState, sample: Sample, thermal: Thermal): HeatState {
  if (state.at === 'over') return state;
  const {reading, at} = sample;
  const seen = seenAfter(state.seen, reading, thermal);
  if (seen.critical >= decisive) return {at: 'over', why: `${describeReading(reading)}, at or above ${degrees(thermal.abort)}`};
  const isDark = thermal.unknown === 'refuse' && seen.unknown >= decisive;
  switch (state.at) {
    case 'unread':
      if (isDark) return {at: 'over', why: `${describeReading(reading)}, and \`thermal.unknown\` is \`refuse\``};
      if (reading.kind === 'unknown') return {at: thermal.unknown === 'warn' ? 'clear' : 'unread', seen};
      return seen.warm > 0 ? hot(sample, seen, thermal) : {at: 'clear', seen};
    case 'clear':
      if (isDark) return {at: 'hot', seen, since: at, why: `${describeReading(reading)}; it goes on when a reading is below ${degrees(thermal.resume)}`};
      return seen.warm >= decisive ? hot(sample, seen, thermal) : {at: 'clear', seen};
    case 'hot':
      if (reading.kind === 'known' && reading.celsius < thermal.resume) return {at: 'clear', seen};
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
  if (reading.celsius >= thermal.abort) return 'critical';
  if (reading.celsius >= thermal.warn) return 'warning';
  return reading.celsius >= thermal.acceptable ? 'acceptable' : 'normal';
}

export function describeReading(reading: Reading): string {
  return reading.kind === 'known' ? `${degrees(reading.celsius)} (${reading.source})` : `the temperature is unknown (${reading.why})`;
}

function hot({reading, at}: Sample, seen: Seen, {warn, resume}: Thermal): HeatState {
  const why = `${describeReading(reading)}, at or above ${degrees(warn)}; it goes on below ${degrees(resume)}`;
  return {at: 'hot', seen, since: at, why};
}

function seenAfter(seen: Seen, reading: Reading, {warn, abort}: Thermal): Seen {
  if (reading.kind === 'unknown') return {...seen, unknown: seen.unknown + 1};
  const {celsius} = reading;
  return {warm: celsius >= warn ? seen.warm + 1 : 0, critical: celsius >= abort ? seen.critical + 1 : 0, unknown: 0};
}

function degrees(celsius: number): string {
  return `${String(Math.round(celsius * 10) / 10)} °C`;
}
