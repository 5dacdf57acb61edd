// Writes how busy and how hot the machine is while jobs run: a CSV a build, a row every few minutes. Reads no sensor itself.
import {DiskError, type Disk} from '../host/disk.ts';
import type {Clock, Instant} from '../host/clock.ts';
import type {Usage} from '../host/machine.ts';
import type {AcceleratorState, Reading} from '../host/thermometer.ts';
import type {NodeId} from '../base/ids.ts';
import type {BuildEvent, Listener} from './events.ts';
import {onFirstJob} from './first-job.ts';
import {PauseCauses} from './pause-causes.ts';

export interface HardwareLog {
  readonly listen: Listener;
  /** Writes the last row. */
  close(): Promise<void>;
}

export interface HardwareLogOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  /** Milliseconds between two rows. */
  readonly everyMs: number;
  readonly usage: () => Promise<Usage>;
  readonly accelerator: () => AcceleratorState | undefined;
}

export const hardwareColumns = [
  'time',
  'cpu_percent',
  'memory_percent',
  'temperature',
  'temperature_source',
  'thermal_state',
  'accelerator_percent',
  'accelerator_temperature',
  'paused',
  'running',
] as const;

type Row = Readonly<Record<(typeof hardwareColumns)[number], string>>;

/** A share of busy time takes two looks: the first row is written this much after the start. */
const firstLookMs = 1000;

/** A disk that refuses a row ends the log, not the build. */
export function hardwareLog(options: HardwareLogOptions): HardwareLog {
  const {disk, everyMs, usage} = options;
  const facts = newFacts();
  let path: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  let written = Promise.resolve();

  const start = (at: Instant): void => {
    path = `.ftsbuild/hardware/${new Date(at).toISOString().replaceAll(':', '')}.csv`;
    // The load since now; what it was before is not this build's.
    written = usage().then(() => undefined);
    timer = setTimeout(tick, firstLookMs);
  };

  function tick(): void {
    addRow();
    timer = setTimeout(tick, everyMs);
  }

  function addRow(): void {
    const file = path;
    if (file !== undefined) written = written.then(async () => append(file, rowOf(facts, await usage(), options)));
  }

  async function append(file: string, row: Row): Promise<void> {
    const {stringify} = await import('csv-stringify/sync');
    try {
      disk.create(file, stringify([[...hardwareColumns]]));
      disk.append(file, stringify([hardwareColumns.map((column) => row[column])]));
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      path = undefined;
      clearTimeout(timer);
    }
  }

  const startAtFirstJob = onFirstJob(start);
  return {
    listen: (event) => {
      note(facts, event);
      startAtFirstJob(event);
    },
    close: async () => {
      clearTimeout(timer);
      addRow();
      await written;
    },
  };
}

/** What the events have said so far. */
interface Facts {
  readonly running: Set<NodeId>;
  readonly pauses: PauseCauses;
  heat: Extract<BuildEvent, {type: 'temperature'}> | undefined;
}

function newFacts(): Facts {
  return {running: new Set(), pauses: new PauseCauses(), heat: undefined};
}

function note(facts: Facts, event: BuildEvent): void {
  if (event.type === 'node_started') facts.running.add(event.node.id);
  if (event.type === 'node_ended') facts.running.delete(event.node.id);
  facts.pauses.listen(event);
  if (event.type === 'temperature') facts.heat = event;
}

function rowOf({running, pauses, heat}: Facts, {cpu, usedMemory, freeMemory}: Usage, {clock, accelerator}: HardwareLogOptions): Row {
  const reading = heat?.reading;
  const state = accelerator();
  return {
    time: new Date(clock.now()).toISOString(),
    cpu_percent: tenths(100 * cpu),
    memory_percent: tenths((100 * usedMemory) / (usedMemory + freeMemory)),
    temperature: reading?.kind === 'known' ? tenths(reading.celsius) : '',
    temperature_source: sourceOf(reading),
    thermal_state: heat?.state ?? 'unknown',
    accelerator_percent: tenths(state?.percent),
    accelerator_temperature: tenths(state?.celsius),
    paused: String(pauses.isPaused),
    running: String(running.size),
  };
}

function sourceOf(reading: Reading | undefined): string {
  if (reading === undefined || reading.kind === 'unknown') return '';
  return reading.kind === 'pressure' ? `${reading.source} ${reading.level}` : reading.source;
}

function tenths(value: number | undefined): string {
  return value === undefined ? '' : String(Math.round(10 * value) / 10);
}
