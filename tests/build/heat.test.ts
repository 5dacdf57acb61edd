// The heat policy: every transition, and what holds for whatever a sensor says.
import * as fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {findHold, initialHeat, nextHeat, thermalStateOf, type HeatState} from '../../src/build/heat.ts';
import {usualSafety} from '../../src/config/safety.ts';
import type {Thermal} from '../../src/config/study.ts';
import type {PressureLevel, Reading} from '../../src/host/thermometer.ts';

const usual: Thermal = usualSafety.thermal;
const strict: Thermal = {...usual, unknown: 'refuse'};

/** Degrees, or no reading. */
type Trace = readonly (number | undefined)[];

function readingOf(celsius: number | undefined): Reading {
  return celsius === undefined ? {kind: 'unknown', why: 'no answer'} : {kind: 'known', celsius, source: 'trace'};
}

/** The state after each reading; one every `everyMs`. */
function states(trace: Trace, thermal = usual, everyMs = thermal.sampleMs): readonly HeatState[] {
  let state = initialHeat;
  return trace.map((celsius, index) => (state = nextHeat(state, {reading: readingOf(celsius), at: index * everyMs}, thermal)));
}

function names(trace: Trace, thermal = usual, everyMs?: number): string {
  return states(trace, thermal, everyMs)
    .map(({at}) => at)
    .join(' ');
}

const none = undefined;

describe('transitions', () => {
  test.each<[string, Trace, Thermal, string]>([
    ['a cool machine starts', [50], usual, 'clear'],
    ['an acceptable one too', [84.9], usual, 'clear'],
    ['a warm one waits at once, since a wait costs nothing', [85], usual, 'hot'],
    ['and until it is below `resume`', [85, 84, 80, 79.9], usual, 'hot hot hot clear'],
    ['a critical one waits for a second reading', [95], usual, 'hot'],
    ['and is refused by it', [95, 95], usual, 'hot over'],
    ['or only waits, when the first was a slip', [95, 90, 95, 79], usual, 'hot hot hot clear'],
    ['without a sensor work starts', [none, none, none], usual, 'clear clear clear'],
    ['or is refused by the second reading that fails', [none, none], strict, 'unread over'],
    ['a reading in between saves it', [none, 60], strict, 'unread clear'],
    ['a warm one makes it wait', [none, 90], strict, 'unread hot'],
    ['one warm reading pauses nothing', [60, 90, 70, 90, 70], usual, 'clear clear clear clear clear'],
    ['two do', [60, 85, 85], usual, 'clear clear hot'],
    ['with a failed one in between too, which is none', [60, 85, none, 85], usual, 'clear clear clear hot'],
    ['a pause ends below `resume`', [60, 86, 86, 84, 80, 79], usual, 'clear clear hot hot hot clear'],
    ['after it the count begins anew', [60, 86, 86, 79, 86, 70], usual, 'clear clear hot clear clear clear'],
    ['two critical readings abort what runs', [60, 96, 96], usual, 'clear clear over'],
    ['and what is paused', [60, 86, 86, 95, 95], usual, 'clear clear hot hot over'],
    ['one does not', [60, 96, 90, 96, 79], usual, 'clear clear hot hot clear'],
    ['a failed reading between two critical ones is none', [60, 96, none, none, 96], usual, 'clear clear clear clear over'],
    ['a sensor that is lost while work runs stops nothing', [60, none, none, none], usual, 'clear clear clear clear'],
    ['or makes it pause, until it is back', [60, none, none, none, 60], strict, 'clear clear hot hot clear'],
    ['one failed reading does not', [60, none, 60, none, 60], strict, 'clear clear clear clear clear'],
    ['a sensor that is lost in a pause resumes nothing', [60, 90, 90, none, none, none], usual, 'clear clear hot hot hot hot'],
    ['and what it says when it is back decides', [60, 90, 90, none, 82, none, 79], usual, 'clear clear hot hot hot hot clear'],
    ['what was given up stays so', [95, 95, 20, none, 20], usual, 'hot over over over over'],
  ])('%s', (_, trace, thermal, expected) => {
    expect(names(trace, thermal)).toBe(expected);
  });

  test.each<[string, Trace]>([
    ['a start that waits for the machine to cool', [86, 84, 84, 84]],
    ['a pause', [60, 86, 86, 84, 84, 84]],
    ['a pause whose sensor is lost', [60, 86, 86, none, none, none]],
  ])('%s is given up after `max_wait`', (_, trace) => {
    const half = usual.maxWaitMs / 2;
    const seen = states(trace, usual, half);
    expect(seen.at(-2)).toMatchObject({at: 'over', why: expect.stringContaining('waited 2h in vain')});
    expect(seen.at(-3)?.at).toBe('hot');
    expect(
      names([...trace.slice(0, -2), 79], usual, half)
        .split(' ')
        .at(-1),
    ).toBe('clear');
  });

  test('thermal pressure counts like degrees: heavy is warm, trapping critical, and what is below both cool enough', () => {
    const pressed = (...levels: readonly PressureLevel[]): string => {
      let state = initialHeat;
      const seen = levels.map((level, at) => (state = nextHeat(state, {reading: {kind: 'pressure', level, source: 'test'}, at}, usual)));
      return seen.map(({at}) => at).join(' ');
    };
    expect(pressed('nominal', 'moderate', 'heavy', 'moderate', 'heavy', 'heavy')).toBe('clear clear clear clear clear hot');
    expect(pressed('nominal', 'heavy', 'heavy', 'heavy', 'moderate')).toBe('clear clear hot hot clear');
    expect(pressed('nominal', 'trapping', 'sleeping')).toBe('clear clear over');
    expect(pressed('heavy', 'heavy', 'nominal')).toBe('hot hot clear');
  });

  test('nothing starts before the first reading, nor on one that is doubtful', () => {
    const hold = (trace: Trace, thermal = usual): string | undefined => findHold(states(trace, thermal).at(-1) ?? initialHeat, thermal);
    expect(hold([])).toContain('no reading');
    expect(hold([50])).toBeUndefined();
    expect(hold([50, 86])).toContain('the next one decides');
    expect(hold([50, 86, 84])).toBeUndefined();
    expect(hold([50, 86, 86])).toBe('86 °C (trace), at or above 85 °C; it goes on below 80 °C');
    expect(hold([none])).toBeUndefined();
    expect(hold([50, none], strict)).toContain('failed');
    expect(hold([50, none, none], strict)).toBe('the temperature is unknown (no answer); it goes on when a reading is below 80 °C');
  });

  test('a temperature has one of four states, and no reading a fifth', () => {
    const all = [-10, 69.9, 70, 84.9, 85, 94.9, 95, 120, none].map((celsius) => thermalStateOf(readingOf(celsius), usual));
    const expected = ['normal', 'normal', 'acceptable', 'acceptable', 'warning', 'warning', 'critical', 'critical', 'unknown'];
    expect(all).toEqual(expected);
  });
});

describe('whatever the sensor says', () => {
  // Near the thresholds, where it matters.
  const celsius = fc.oneof(fc.integer({min: 60, max: 100}), fc.constantFrom(69.9, 70, 79.9, 80, 84.9, 85, 94.9, 95));
  const trace = fc.array(fc.option(celsius, {nil: undefined, freq: 4}), {maxLength: 60});
  const policy = fc.constantFrom(usual, strict);
  const patient = (thermal: Thermal): Thermal => ({...thermal, maxWaitMs: Number.MAX_SAFE_INTEGER});

  /** Known readings in a row, from the last one back, that fulfil the condition. */
  const lastInARow = (seen: Trace, holds: (value: number) => boolean): number => {
    const known = seen.filter((value) => value !== undefined).toReversed();
    const end = known.findIndex((value) => !holds(value));
    return end === -1 ? known.length : end;
  };

  test('nothing runs after two critical readings, nor after two warm ones', () => {
    fc.assert(
      fc.property(trace, policy, (seen, thermal) => {
        states(seen, thermal).forEach(({at}, index) => {
          const before = seen.slice(0, index + 1);
          if (lastInARow(before, (value) => value >= thermal.abort) >= 2) expect(at).toBe('over');
          if (lastInARow(before, (value) => value >= thermal.warn) >= 2) expect(at).not.toBe('clear');
        });
      }),
      {numRuns: 2000},
    );
  });

  test('it never flaps: what waits goes on below `resume` only, what runs pauses after two warm readings only', () => {
    fc.assert(
      fc.property(trace, policy, (seen, thermal) => {
        const all = states(seen, patient(thermal));
        all.forEach((state, index) => {
          const before = all[index - 1]?.at;
          const now = seen[index];
          if (before === 'hot' && state.at === 'clear') expect(now).toBeLessThan(thermal.resume);
          if (before === 'clear' && state.at === 'hot' && now !== undefined)
            expect(lastInARow(seen.slice(0, index + 1), (value) => value >= thermal.warn)).toBeGreaterThanOrEqual(2);
        });
      }),
      {numRuns: 2000},
    );
  });

  test('a failed reading is no number: with `unknown: warn` a trace without it says the same', () => {
    fc.assert(
      fc.property(trace, (seen) => {
        const known = seen.filter((value) => value !== undefined);
        fc.pre(seen[0] !== undefined);
        expect(states(seen, patient(usual)).at(-1)?.at).toBe(states(known, patient(usual)).at(-1)?.at);
      }),
      {numRuns: 2000},
    );
  });

  test('nothing waits longer than `max_wait` and a reading', () => {
    fc.assert(
      fc.property(trace, policy, fc.integer({min: 1, max: 20}), (seen, thermal, samples) => {
        const impatient = {...thermal, maxWaitMs: samples * thermal.sampleMs};
        let hot = 0;
        for (const {at} of states(seen, impatient)) {
          hot = at === 'hot' ? hot + 1 : 0;
          expect(hot).toBeLessThanOrEqual(samples);
        }
      }),
    );
  });
});
