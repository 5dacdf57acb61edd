// What systeminformation finds, where nothing else does. On Linux it starts several processes a reading, so it is asked seldom.
import {degrees, noClose, nothing, type Found, type Sample, type SensorSite} from './sensor.ts';

const everyMs = 30_000;

export async function informationSensor(site: SensorSite): Promise<Found> {
  const name = 'systeminformation';
  // Its last resort on Linux is the first thermal zone, whatever that is; the board's is no processor's.
  const zone = site.platform === 'linux' ? await site.readText('/sys/class/thermal/thermal_zone0/type') : undefined;
  if (zone === 'acpitz') return {name, absent: 'it would take the board (acpitz) for the processor'};
  let last: {readonly sample: Sample; readonly at: number} | undefined;
  const sample = async (): Promise<Sample> => {
    // Where it finds no sensor it never will.
    if (last !== undefined && (last.sample.kind === 'nothing' || site.now() - last.at < everyMs)) return last.sample;
    const celsius = await site.information();
    last = {sample: celsius === null ? nothing('it finds no sensor') : degrees(celsius, name), at: site.now()};
    return last.sample;
  };
  return {name, measures: 'cpu', sample, close: noClose};
}
