// The temperature of the machine, from whatever sensor it has. Knows nothing of thresholds and of who asks.

/** A failed, absent, frozen or absurd reading is unknown, never a number. */
export type Reading =
  | {
      readonly kind: 'known';
      /** Degrees. */ readonly celsius: number;
      /** `hwmon coretemp Package id 0`, `file temperature.txt`, ... */ readonly source: string;
    }
  /** A system that tells how hard it fights the heat, but no degrees. */
  | {readonly kind: 'pressure'; readonly level: PressureLevel; readonly source: string}
  | {readonly kind: 'unknown'; /** For a person. */ readonly why: string};

/** Darwin's thermal pressure, mildest first. From `heavy` on the machine is slowed down a lot; from `trapping` on it is about to stop. */
export const pressureLevels = ['nominal', 'moderate', 'heavy', 'trapping', 'sleeping'] as const;
export type PressureLevel = (typeof pressureLevels)[number];

/** Which sensor to read. A file's path is relative to the workspace. */
export type SensorChoice =
  {readonly kind: 'auto'} | {readonly kind: 'file'; readonly path: string} | {readonly kind: 'command'; readonly line: string};

/** What the machine does meanwhile: without load a temperature may well stay as it is. */
export type Load = 'idle' | 'loaded';

export interface Thermometer {
  /** Never rejects. */
  read(load: Load): Promise<Reading>;
  /** Ends what it keeps running for itself. */
  close(): Promise<void>;
}

/** How an accelerator stands; undefined is what it does not tell. */
export interface AcceleratorState {
  /** Share of the time in which it was busy, from 0 to 100. The busiest one's, where there are several. */
  readonly percent: number | undefined;
  /** Degrees Celsius, of the hottest one. */
  readonly celsius: number | undefined;
}
