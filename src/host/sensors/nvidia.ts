// NVIDIA's accelerators, by one nvidia-smi that goes on printing: temperature and utilisation of each.
import type {AcceleratorState} from '../thermometer.ts';
import {follow} from './follower.ts';
import {nothing, type Found, type Sample, type SensorSite} from './sensor.ts';

const everyMs = 2000;

interface Device {
  readonly celsius: number | undefined;
  readonly percent: number | undefined;
  readonly at: number;
}

type Devices = ReadonlyMap<number, Device>;

const argv = [
  'nvidia-smi',
  '--query-gpu=index,temperature.gpu,utilization.gpu',
  '--format=csv,noheader,nounits',
  '-lms',
  String(everyMs),
] as const;

export function nvidiaSensor(site: SensorSite): Found {
  const follower = follow<Devices>(site, {
    argv,
    staleMs: 5 * everyMs,
    take: (line, before) => {
      const parsed = parseLine(line);
      return parsed === undefined ? undefined : new Map([...(before ?? []), [parsed.index, {...parsed.device, at: site.now()}]]);
    },
  });
  // A device that fell off the bus goes on in the map, and must not count.
  const present = (devices: Devices): Devices => new Map([...devices].filter(([, {at}]) => site.now() - at <= 5 * everyMs));
  return {
    name: 'nvidia-smi',
    measures: 'accelerator',
    sample: async () => {
      const said = await follower.latest();
      return typeof said === 'string' ? nothing(said) : sampleOf(present(said));
    },
    accelerator: () => {
      const devices = follower.current();
      return devices === undefined ? undefined : stateOf(present(devices));
    },
    close: () => follower.close(),
  };
}

/** `0, 61, 98`; what a device does not tell is `[N/A]`. */
export function parseLine(line: string): {readonly index: number; readonly device: Omit<Device, 'at'>} | undefined {
  const match = /^(\d+), ?([^,]+), ?([^,]+)$/.exec(line.trim());
  if (match === null) return undefined;
  return {index: Number(match[1]), device: {celsius: numberOf(match[2]), percent: numberOf(match[3])}};
}

function numberOf(text = ''): number | undefined {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

function sampleOf(devices: Devices): Sample {
  const hottest = [...devices]
    .flatMap(([index, {celsius, percent}]) => (celsius === undefined ? [] : [{index, celsius, isIdle: percent === 0}]))
    .toSorted((left, right) => right.celsius - left.celsius)[0];
  if (hottest === undefined) return nothing('nvidia-smi tells no temperature');
  return {kind: 'degrees', celsius: hottest.celsius, source: `nvidia-smi GPU ${String(hottest.index)}`, isIdle: hottest.isIdle};
}

function stateOf(devices: Devices): AcceleratorState {
  return {
    percent: highest([...devices.values()].map(({percent}) => percent)),
    celsius: highest([...devices.values()].map(({celsius}) => celsius)),
  };
}

function highest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
