// The temperature of the machine, from whatever sensor it has. Knows nothing of thresholds and of who asks.

/** A failed, absent, frozen or absurd reading is unknown, never a number. */
export type Reading =
  | {
      readonly kind: 'known';
      /** Degrees. */ readonly celsius: number;
      /** `hwmon coretemp Package id 0`, `file temperature.txt`, ... */ readonly source: string;
    }
  | {readonly kind: 'unknown'; /** For a person. */ readonly why: string};

export interface Thermometer {
  /** Never rejects. */
  read(): Promise<Reading>;
  /** Ends what it keeps running for itself. */
  close(): Promise<void>;
}
