// What every sensor is, and what it may touch of the machine. Knows no sensor by name.
import type {LineListener, LineProcess} from '../line-process.ts';
import type {AcceleratorState, PressureLevel} from '../thermometer.ts';

/** What a sensor said, not yet judged: the number may be absurd. */
export type Sample =
  | {
      readonly kind: 'degrees';
      readonly celsius: number;
      readonly source: string;
      /** Nothing heats what it measures: it may well stay as it is. */
      readonly isIdle?: boolean;
    }
  | {readonly kind: 'pressure'; readonly level: PressureLevel; readonly source: string}
  | {readonly kind: 'nothing'; /** For a person. */ readonly why: string};

export interface Sensor {
  /** `hwmon coretemp Package id 0`, `nvidia-smi`, ... */
  readonly name: string;
  readonly measures: 'cpu' | 'accelerator' | 'machine';
  sample(): Promise<Sample>;
  /** How the accelerator stands, where the sensor tells that too. */
  readonly accelerator?: () => AcceleratorState | undefined;
  close(): Promise<void>;
}

/** A sensor, or why there is none of its kind here. */
export type Found = Sensor | {readonly name: string; readonly absent: string};

/** What sensors may touch. Tests bring recorded trees and outputs. */
export interface SensorSite {
  readonly platform: NodeJS.Platform;
  /** Trimmed; undefined for a file that is not there, cannot be read, or is no plain file. */
  readText(path: string): Promise<string | undefined>;
  /** Names in a directory, in code-unit order; none for one that is not there. */
  list(path: string): Promise<readonly string[]>;
  /** What a program that ended well printed; else why there is nothing. */
  run(argv: readonly [string, ...string[]], timeoutMs: number): Promise<{readonly text: string} | {readonly why: string}>;
  /** A program that goes on printing lines. */
  follow(argv: readonly [string, ...string[]], listener: LineListener): LineProcess;
  /** What systeminformation makes of this machine, in degrees; null where it finds no sensor. */
  information(): Promise<number | null>;
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
}

export function degrees(celsius: number, source: string): Sample {
  return {kind: 'degrees', celsius, source};
}

export function nothing(why: string): Sample {
  return {kind: 'nothing', why};
}

/** A number alone, with or without its unit, as programs that print degrees write it; NaN for everything else. By hand the same holds. */
export function parseDegrees(text: string): number {
  const match = /^([+-]?\d+(?:\.\d+)?)[ \t]*(?:(?:°[ \t]*)?C)?$/u.exec(text.trim());
  return match === null ? Number.NaN : Number(match[1]);
}

export const noClose = (): Promise<void> => Promise.resolve();
