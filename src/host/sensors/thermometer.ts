// Puts this machine's sensors in order and reads the first that says something plausible; where processor and accelerator both do, the hotter counts.
import {resolve} from 'node:path';
import type {AcceleratorState, Load, Reading, SensorChoice, Thermometer} from '../thermometer.ts';
import {informationSensor} from './information.ts';
import {judged, type JudgedSensor, type Judging} from './judged.ts';
import {macmonSensor, pressureSensor, smctempSensor} from './macos.ts';
import {nvidiaSensor} from './nvidia.ts';
import {commandSensor, fileSensor} from './own.ts';
import type {Found, SensorSite} from './sensor.ts';
import {machineSite} from './site.ts';
import {findHwmon, findThermalZones} from './sysfs.ts';

export interface MachineThermometer extends Thermometer {
  /** As its sensor said last; undefined where there is none that tells. Asks nobody. */
  accelerator(): AcceleratorState | undefined;
}

export interface ThermometerOptions {
  /** Absolute folder of the workspace. */
  readonly root: string;
  /** `thermal.warn` of the study, in degrees. */
  readonly warn: number;
  /** What sensors may touch; this machine where it is left out. */
  readonly site?: SensorSite;
}

/** Looks once at which files there are; programs are started when the first reading needs them. */
export async function makeThermometer(
  choice: SensorChoice,
  {root, warn, site = machineSite(root)}: ThermometerOptions,
): Promise<MachineThermometer> {
  const found = await findSensors(choice, root, site);
  const sensors = found.flatMap((each) => ('absent' in each ? [] : [judged(each, {now: () => site.now(), warn})]));
  const accelerators = sensors.filter(({sensor}) => sensor.measures === 'accelerator');
  const others = sensors.filter(({sensor}) => sensor.measures !== 'accelerator');
  return {
    read: async (load) => hotter(await Promise.all([firstPlausible(others, load), firstPlausible(accelerators, load)])),
    accelerator: () => sensors.map(({sensor}) => sensor.accelerator?.()).find((state) => state !== undefined),
    close: () => closeAll(sensors),
  };
}

export interface Probe {
  readonly sensor: string;
  readonly reading: Reading;
}

/** Everything that would be tried, in order, with what it said. */
export async function probeSensors(
  choice: SensorChoice,
  {root, warn, site = machineSite(root)}: ThermometerOptions,
): Promise<readonly Probe[]> {
  const found = await findSensors(choice, root, site);
  return Promise.all(found.map((each) => probe(each, {now: () => site.now(), warn})));
}

async function probe(found: Found, judging: Judging): Promise<Probe> {
  if ('absent' in found) return {sensor: found.name, reading: {kind: 'unknown', why: `${found.name}: ${found.absent}`}};
  const reading = await judged(found, judging).read('idle');
  await found.close();
  return {sensor: found.name, reading};
}

async function findSensors(choice: SensorChoice, root: string, site: SensorSite): Promise<readonly Found[]> {
  if (choice.kind === 'file') return [fileSensor(site, resolve(root, choice.path), choice.path)];
  if (choice.kind === 'command') return [commandSensor(site, choice.line)];
  const information = await informationSensor(site);
  switch (site.platform) {
    case 'linux':
      return [...(await findHwmon(site)), ...(await findThermalZones(site)), information, nvidiaSensor(site)];
    case 'darwin':
      return [macmonSensor(site), smctempSensor(site), pressureSensor(site), information];
    default:
      return [information, nvidiaSensor(site)];
  }
}

/** Undefined where there is no sensor to ask. */
async function firstPlausible(sensors: readonly JudgedSensor[], load: Load): Promise<Reading | undefined> {
  const failures: string[] = [];
  for (const sensor of sensors) {
    const reading = await sensor.read(load);
    if (reading.kind !== 'unknown') return reading;
    failures.push(reading.why);
  }
  return failures.length === 0 ? undefined : {kind: 'unknown', why: failures.join('; ')};
}

// Degrees of one and nothing of the other: those degrees. A level has no degrees to compare, and yields to them.
function hotter(readings: readonly (Reading | undefined)[]): Reading {
  const known = readings.flatMap((reading) => (reading?.kind === 'known' ? [reading] : []));
  const hottest = known.toSorted((left, right) => right.celsius - left.celsius)[0];
  const failures = readings.flatMap((reading) => (reading?.kind === 'unknown' ? [reading.why] : []));
  return hottest ?? readings.find((reading) => reading?.kind === 'pressure') ?? {kind: 'unknown', why: failures.join('; ')};
}

async function closeAll(sensors: readonly JudgedSensor[]): Promise<void> {
  await Promise.all(sensors.map(({sensor}) => sensor.close()));
}
