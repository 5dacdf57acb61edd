// Judges what a sensor says: a failed, absurd, frozen or late answer is unknown, with the reason.
import type {Reading} from '../thermometer.ts';
import {nothing, type Sample, type Sensor} from './sensor.ts';

export interface JudgedSensor {
  readonly sensor: Sensor;
  /** Never rejects, and never takes longer than the time limit. */
  read(): Promise<Reading>;
}

const answerMs = 3000;
/** So many equal answers in a row make a sensor frozen: ten minutes at the usual interval of 5 s. */
export const frozenAfter = 120;
const lowest = -20;
const highest = 150;

export function judged(sensor: Sensor): JudgedSensor {
  let pending: Promise<Sample> | undefined;
  let same = {celsius: Number.NaN, times: 0};

  // A sensor that hangs is asked once: more questions would only pile up.
  async function ask(): Promise<Sample | 'late'> {
    pending ??= sampleOf(sensor).finally(() => {
      pending = undefined;
    });
    return within(answerMs, pending);
  }

  function isFrozen({celsius, isIdle}: Extract<Sample, {kind: 'degrees'}>): boolean {
    if (sensor.mayStandStill || isIdle === true) return false;
    same = same.celsius === celsius ? {celsius, times: same.times + 1} : {celsius, times: 1};
    return same.times >= frozenAfter;
  }

  return {
    sensor,
    read: async () => {
      const sample = await ask();
      if (sample === 'late') return unknown(sensor, `no answer within ${String(answerMs / 1000)} s`);
      if (sample.kind === 'nothing') return unknown(sensor, sample.why);
      if (sample.kind === 'pressure') return sample;
      const {celsius, source} = sample;
      if (!isPlausible(celsius)) return unknown(sensor, implausible(celsius));
      if (isFrozen(sample)) return unknown(sensor, `frozen: ${String(celsius)} degrees ${String(same.times)} times in a row`);
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

/** Exactly 0 is what a sensor without a value says. */
export function isPlausible(celsius: number): boolean {
  return Number.isFinite(celsius) && celsius !== 0 && celsius >= lowest && celsius <= highest;
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
