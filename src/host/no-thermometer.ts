// The thermometer of a machine that has none.
import type {Thermometer} from './thermometer.ts';

export function noThermometer(why = 'no sensor'): Thermometer {
  return {read: () => Promise.resolve({kind: 'unknown', why}), close: () => Promise.resolve()};
}
