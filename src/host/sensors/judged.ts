// Judges what a sensor says: a failed, absurd, frozen or late answer is unknown, with the reason.
import type {Load, Reading} from '../thermometer.ts';
import {nothing, type Sample, type Sensor} from './sensor.ts';
import {Standstill} from './standstill.ts';

export interface JudgedSensor {
  readonly sensor: Sensor;
  /** Never rejects, and never takes longer than the time limit. */
  read(load: Load): Promise<Reading>;
}

export interface Judging {
  /** Milliseconds on a clock that only goes forward. */
  readonly now: () => number;
  /** Degrees from which on a reading acts although it stands still: a sensor that is stuck may hide nothing hotter. */
  readonly warn: number;
}

const answerMs = 3000;
/** No machine that runs is as cold: scripts say -1 where they have no reading, sensors 0. */
const coldest = 5;
const highest = 150;

export function judged(sensor: Sensor, {now, warn}: Judging): JudgedSensor {
  let pending: Promise<Sample> | undefined;
  const standstill = new Standstill();

  // A sensor that hangs is asked once: more questions would only pile up.
  async function ask(): Promise<Sample | 'late'> {
    pending ??= sampleOf(sensor).finally(() => {
      pending = undefined;
    });
    return within(answerMs, pending);
  }

  return {
    sensor,
    read: async (load) => {
      const sample = await ask();
      if (sample === 'late') return unknown(sensor, `no answer within ${String(answerMs / 1000)} s`);
      if (sample.kind === 'nothing') return unknown(sensor, sample.why);
      if (sample.kind === 'pressure') return sample;
      const {celsius, source} = sample;
      if (!isPlausible(celsius)) return unknown(sensor, implausible(celsius));
      const isFrozen = standstill.isFrozen({celsius, atMs: now(), load: sample.isIdle === true ? 'idle' : load});
      if (isFrozen && celsius < warn) return unknown(sensor, `frozen: it stands still at ${String(celsius)} degrees under load`);
      return {kind: 'known', celsius, source};
    },
  };
}

// Nothing that a sensor does may end a build.
async function sampleOf(sensor: Sensor): Promise<Sample> {
  try {
    return await sensor.sample();
  } catch (error) {
    return nothing(`it failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function isPlausible(celsius: number): boolean {
  return Number.isFinite(celsius) && celsius > coldest && celsius <= highest;
}

// The kernel's files hold thousandths: a study that names one of them must divide.
function implausible(celsius: number): string {
  const mayBeThousandths = Math.abs(celsius) >= 1000 && isPlausible(celsius / 1000);
  const hint = mayBeThousandths ? `; it may be thousandths, to be divided: ${String(celsius / 1000)} degrees` : '';
  return `${String(celsius)} degrees is no temperature of a machine that runs${hint}`;
}

function unknown({name}: Sensor, why: string): Reading {
  return {kind: 'unknown', why: `${name}: ${why}`};
}

async function within(ms: number, answer: Promise<Sample>): Promise<Sample | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), ms);
  });
  const first = await Promise.race([answer, late]);
  clearTimeout(timer);
  return first;
}
