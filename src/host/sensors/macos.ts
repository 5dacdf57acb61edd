// What a Mac tells without root: macmon's averages, smctemp's degrees, and the system's thermal pressure, which has no degrees.
import {isJsonObject, parseObject} from '../../base/json.ts';
import {pressureLevels, type AcceleratorState} from '../thermometer.ts';
import {follow} from './follower.ts';
import {degrees, noClose, nothing, parseDegrees, type Found, type Sample, type SensorSite} from './sensor.ts';

const macmonEveryMs = 5000;
const programMs = 2500;
/** A program that failed, or is not there, is asked again after this. */
const retryMs = 60_000;

/** One long-lived process that prints a JSON object per interval. */
export function macmonSensor(site: SensorSite): Found {
  const follower = follow<MacmonLine>(site, {
    argv: ['macmon', 'pipe', '-i', String(macmonEveryMs)],
    take: parseMacmon,
    staleMs: 3 * macmonEveryMs,
  });
  return {
    name: 'macmon',
    measures: 'machine',
    sample: async () => {
      const said = await follower.latest();
      return typeof said === 'string' ? nothing(said) : sampleOf(said);
    },
    accelerator: () => follower.current()?.accelerator,
    close: () => follower.close(),
  };
}

interface MacmonLine {
  readonly cpu: number | undefined;
  readonly accelerator: AcceleratorState;
}

/** Temperatures are `temp.cpu_temp_avg` and `temp.gpu_temp_avg`; how busy the GPU is was `gpu_usage: [MHz, share]` before it was `gpu_active_ratio`. */
export function parseMacmon(line: string): MacmonLine | undefined {
  const value = parseObject(line);
  const temperatures = value?.['temp'];
  if (value === undefined || !isJsonObject(temperatures)) return undefined;
  const older = value['gpu_usage'];
  const share = numberOf(value['gpu_active_ratio']) ?? (Array.isArray(older) ? numberOf(older[1]) : undefined);
  const celsius = positive(numberOf(temperatures['gpu_temp_avg']));
  return {
    cpu: positive(numberOf(temperatures['cpu_temp_avg'])),
    accelerator: {percent: share === undefined ? undefined : Math.round(share * 100), celsius},
  };
}

// The processor and the GPU are one chip: the hotter half counts.
function sampleOf({cpu, accelerator}: MacmonLine): Sample {
  const gpu = accelerator.celsius;
  if (cpu === undefined && gpu === undefined) return nothing('macmon tells no temperature');
  return gpu !== undefined && gpu > (cpu ?? -Infinity) ? degrees(gpu, 'macmon GPU') : degrees(cpu ?? 0, 'macmon CPU');
}

// macmon writes 0 for a half that has no sensor; the other one must still count.
function positive(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** A process per reading; it prints a number. `-n` and `-i`: some chips answer only at the third question or later. */
export function smctempSensor(site: SensorSite): Found {
  const ask = program(site, ['smctemp', '-c', '-i25', '-n20', '-f']);
  const sample = async (): Promise<Sample> => {
    const said = await ask();
    return 'why' in said ? nothing(said.why) : degrees(parseDegrees(said.text), 'smctemp');
  };
  return {name: 'smctemp', measures: 'cpu', sample, close: noClose};
}

const pressureName = 'com.apple.system.thermalpressurelevel';

/** A level and no degrees; it stays `nominal` for as long as the machine is cool. */
export function pressureSensor(site: SensorSite): Found {
  const ask = program(site, ['notifyutil', '-g', pressureName]);
  const sample = async (): Promise<Sample> => {
    const said = await ask();
    return 'why' in said ? nothing(said.why) : parsePressure(said.text);
  };
  return {name: 'thermal pressure', measures: 'machine', sample, close: noClose};
}

/** `com.apple.system.thermalpressurelevel 1`. */
export function parsePressure(text: string): Sample {
  const [, number] = /^com\.apple\.system\.thermalpressurelevel (\d+)$/.exec(text.trim()) ?? [];
  const level = number === undefined ? undefined : pressureLevels[Number(number)];
  return level === undefined ? nothing('notifyutil told no level that is known') : {kind: 'pressure', level, source: 'thermal pressure'};
}

type Said = Awaited<ReturnType<SensorSite['run']>>;

function program(site: SensorSite, argv: readonly [string, ...string[]]): () => Promise<Said> {
  let failure: {readonly said: Said; readonly at: number} | undefined;
  return async () => {
    if (failure !== undefined && site.now() - failure.at < retryMs) return failure.said;
    const said = await site.run(argv, programMs);
    failure = 'why' in said ? {said, at: site.now()} : undefined;
    return said;
  };
}
