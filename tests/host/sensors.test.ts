// Temperatures from recorded machines, through the real sensors: which one is read, and what is no reading.
import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, test, vi} from 'vitest';
import {judged} from '../../src/host/sensors/judged.ts';
import {degrees, type Sample} from '../../src/host/sensors/sensor.ts';
import {makeThermometer, probeSensors, type MachineThermometer} from '../../src/host/sensors/thermometer.ts';
import type {Load, Reading, SensorChoice} from '../../src/host/thermometer.ts';
import {recordedMachines, recordedSite, standing, writtenDegrees, type RecordedMachine, type Recording} from '../support/recorded-site.ts';
import {repositoryText} from '../support/studies.ts';

const auto: SensorChoice = {kind: 'auto'};
const warn = 85;
const packagePath = '/sys/class/hwmon/hwmon2/temp1_input';

function thermometerOf(site: Recording): Promise<MachineThermometer> {
  return makeThermometer(auto, {root: '/workspace', warn, site});
}

function machine(name: string): RecordedMachine {
  const found = recordedMachines.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no machine "${name}" is recorded`);
  return found;
}

function plain(reading: Reading): RecordedMachine['expects'] {
  if (reading.kind === 'unknown') return null;
  const {kind: _kind, ...rest} = reading;
  return rest;
}

test.each(recordedMachines)('recorded: $name', async (recorded) => {
  const site = recordedSite(recorded);
  const thermometer = await thermometerOf(site);
  const reading = await thermometer.read('loaded');
  expect(plain(reading)).toEqual(recorded.expects);
  if (reading.kind === 'unknown') expect(reading.why).not.toBe('');
  const state = thermometer.accelerator();
  expect(state === undefined ? null : {percent: state.percent ?? null, celsius: state.celsius ?? null}).toEqual(recorded.accelerator);
  await thermometer.close();
  expect(site.running()).toBe(0);
});

test('a processor that shows its sensor as a file costs no process but the one for the accelerator', async () => {
  const site = recordedSite(machine('Intel laptop'));
  const thermometer = await thermometerOf(site);
  for (let reading = 0; reading < 5; reading++) await thermometer.read('loaded');
  expect(site.started).toEqual(['nvidia-smi']);
});

test('a program that is not there is tried again after a minute, not at every reading', async () => {
  const site = recordedSite(machine('Mac with thermal pressure only'));
  const thermometer = await thermometerOf(site);
  await thermometer.read('loaded');
  await thermometer.read('loaded');
  expect(site.started.filter((program) => program === 'macmon' || program === 'smctemp')).toEqual(['macmon', 'smctemp']);
  site.advance(61_000);
  await thermometer.read('loaded');
  expect(site.started.filter((program) => program === 'macmon')).toHaveLength(2);
});

const minute = 60_000;

/** Reads every five seconds, so long; gives the readings. */
async function readFor(
  site: Recording,
  thermometer: MachineThermometer,
  minutes: number,
  load: Load = 'loaded',
): Promise<readonly Reading[]> {
  const readings: Reading[] = [];
  for (let ms = 0; ms < minutes * minute; ms += 5000) {
    readings.push(await thermometer.read(load));
    site.advance(5000);
  }
  return readings;
}

const frozen = {kind: 'unknown', why: expect.stringContaining('frozen') as string};

test.each(standing)('standing still: $name', ({celsius, every_seconds, warn: limit, frozen_after_minutes}) => {
  const sensor = {name: 'sensor', measures: 'cpu' as const, close: () => Promise.resolve()};
  let atMs = 0;
  let at = 0;
  const sample = (): Promise<Sample> => Promise.resolve(degrees(celsius[Math.min(at++, celsius.length - 1)] ?? Number.NaN, 'sensor'));
  const judge = judged({...sensor, sample}, {now: () => atMs, warn: limit});
  const firstMs = (celsius.length - 1) * every_seconds * 1000;
  return (async () => {
    for (; atMs < firstMs + (frozen_after_minutes ?? 120) * minute; atMs += every_seconds * 1000)
      expect(await judge.read('loaded')).toMatchObject({kind: 'known'});
    expect((await judge.read('loaded')).kind).toBe(frozen_after_minutes === null ? 'known' : 'unknown');
  })();
});

test('a sensor that stands still under load is frozen and yields to the next; when it moves it counts again', async () => {
  const site = recordedSite(machine('Intel laptop'));
  const thermometer = await thermometerOf(site);
  expect((await readFor(site, thermometer, 60)).every((reading) => reading.kind === 'known' && reading.celsius === 71)).toBe(true);
  expect(await thermometer.read('loaded')).toEqual({kind: 'known', celsius: 72, source: 'thermal zone x86_pkg_temp'});
  await readFor(site, thermometer, 60.1);
  expect(await thermometer.read('loaded')).toMatchObject({why: expect.stringMatching(/Package id 0: frozen: .* 71 degrees/u)});
  site.write(packagePath, '70000\n');
  expect(await thermometer.read('loaded')).toEqual({kind: 'known', celsius: 70, source: 'hwmon coretemp Package id 0'});
});

test('while nothing runs a temperature may stay as it is, and so may that of an accelerator that does nothing', async () => {
  const laptop = recordedSite(machine('Raspberry Pi'));
  const idle = await readFor(laptop, await thermometerOf(laptop), 30, 'idle');
  expect(new Set(idle.map(({kind}) => kind))).toEqual(new Set(['known']));
  const site = recordedSite({programs: {'nvidia-smi': '0, 31, 0\n'}});
  const thermometer = await thermometerOf(site);
  const say = async (percent: number): Promise<Reading> => {
    for (let second = 0; second < 61 * 60; second += 5) {
      site.print('nvidia-smi', `0, 31, ${String(percent)}`);
      await thermometer.read('loaded');
      site.advance(5000);
    }
    site.print('nvidia-smi', `0, 31, ${String(percent)}`);
    return thermometer.read('loaded');
  };
  await thermometer.read('loaded');
  expect(await say(0)).toMatchObject({celsius: 31});
  expect(await say(90)).toMatchObject(frozen);
});

test.each([-1, 0, 3, 5])('%i degrees are no temperature of a machine that runs, from whatever sensor', async (celsius) => {
  const own = recordedSite({files: {'/workspace/heat.txt': String(celsius)}, programs: {sh: String(celsius)}});
  const chips = recordedSite({
    files: {'/sys/class/hwmon/hwmon0/name': 'cpu_thermal', '/sys/class/hwmon/hwmon0/temp1_input': String(celsius * 1000)},
    information: celsius,
    programs: {'nvidia-smi': `0, ${String(celsius)}, 90\n`},
  });
  const mac = recordedSite({platform: 'darwin', programs: {smctemp: String(celsius)}, information: celsius});
  const asked: readonly [Recording, SensorChoice][] = [
    [own, {kind: 'file', path: 'heat.txt'}],
    [own, {kind: 'command', line: 'heat'}],
    [chips, auto],
    [mac, auto],
  ];
  for (const [site, choice] of asked) {
    const thermometer = await makeThermometer(choice, {root: '/workspace', warn, site});
    expect(await thermometer.read('loaded')).toMatchObject({kind: 'unknown'});
  }
});

test('an accelerator that fell silent, or ended, is unknown; it is started again after a minute', async () => {
  const site = recordedSite({programs: {'nvidia-smi': '0, 55, 90\n'}});
  const thermometer = await thermometerOf(site);
  expect(await thermometer.read('loaded')).toMatchObject({celsius: 55});
  site.advance(11_000);
  site.end('nvidia-smi');
  expect(await thermometer.read('loaded')).toMatchObject({kind: 'unknown', why: expect.stringContaining('nvidia-smi ended')});
  expect(thermometer.accelerator()).toBeUndefined();
  site.advance(60_000);
  expect(await thermometer.read('loaded')).toMatchObject({celsius: 55});
  expect(site.started.filter((program) => program === 'nvidia-smi')).toHaveLength(2);
});

test('a device that fell off the bus does not count, although another one still speaks', async () => {
  const site = recordedSite({programs: {'nvidia-smi': '0, 45, 12\n1, 66, 100\n'}});
  const thermometer = await thermometerOf(site);
  expect(await thermometer.read('loaded')).toMatchObject({celsius: 66});
  site.advance(11_000);
  site.print('nvidia-smi', '0, 46, 12');
  expect(await thermometer.read('loaded')).toEqual({kind: 'known', celsius: 46, source: 'nvidia-smi GPU 0'});
  expect(thermometer.accelerator()).toEqual({percent: 12, celsius: 46});
});

test('a sensor that hangs is unknown after a time limit, and is not asked again while it hangs', async () => {
  vi.useFakeTimers();
  try {
    const site = recordedSite(machine('virtual machine'));
    let asked = 0;
    const hanging = {...site, run: () => (asked++, new Promise<never>(() => undefined))};
    const thermometer = await makeThermometer({kind: 'command', line: 'hang'}, {root: '/workspace', warn, site: hanging});
    for (let reading = 0; reading < 3; reading++) {
      const answer = thermometer.read('loaded');
      await vi.advanceTimersByTimeAsync(3000);
      expect(await answer).toEqual({kind: 'unknown', why: 'command hang: no answer within 3 s'});
    }
    expect(asked).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});

test('a sensor that fails in a way that nobody foresaw is unknown, with what it said', async () => {
  const site = {...recordedSite(machine('virtual machine')), run: () => Promise.reject(new RangeError('out of range'))};
  const thermometer = await makeThermometer({kind: 'command', line: 'fail'}, {root: '/workspace', warn, site});
  expect(await thermometer.read('loaded')).toEqual({kind: 'unknown', why: 'command fail: it failed: out of range'});
});

test('a file or a command that a study names is the only sensor, and may come later', async () => {
  const site = recordedSite(machine('Intel laptop'));
  const thermometer = await makeThermometer({kind: 'file', path: 'heat.txt'}, {root: '/workspace', warn, site});
  expect(await thermometer.read('loaded')).toMatchObject({
    kind: 'unknown',
    why: expect.stringMatching(/^file heat.txt: there is no such file/u),
  });
  site.write('/workspace/heat.txt', '81.5\n');
  expect(await thermometer.read('loaded')).toEqual({kind: 'known', celsius: 81.5, source: 'file heat.txt'});
  site.write('/workspace/heat.txt', 'warm\n');
  expect(await thermometer.read('loaded')).toMatchObject({kind: 'unknown', why: expect.stringContaining('"warm"')});
});

test.each(writtenDegrees)('$text as a number of degrees: $celsius, from a file and from a command', async ({text, celsius}) => {
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-heat-'));
  try {
    writeFileSync(join(root, 'heat'), text);
    for (const choice of [{kind: 'file', path: 'heat'} as const, {kind: 'command', line: 'cat heat'} as const]) {
      const reading = await (await makeThermometer(choice, {root, warn})).read('loaded');
      expect(reading.kind === 'known' ? reading.celsius : null).toBe(celsius);
    }
  } finally {
    rmSync(root, {recursive: true});
  }
});

test('what may be thousandths of a degree is unknown, and said to be', async () => {
  const site = recordedSite({files: {'/workspace/temp': '54000\n'}});
  const read = async (): Promise<Reading> =>
    (await makeThermometer({kind: 'file', path: 'temp'}, {root: '/workspace', warn, site})).read('loaded');
  const impossible = 'degrees is no temperature of a machine that runs';
  expect(await read()).toEqual({
    kind: 'unknown',
    why: `file temp: 54000 ${impossible}; it may be thousandths, to be divided: 54 degrees`,
  });
  site.write('/workspace/temp', '160');
  expect(await read()).toEqual({kind: 'unknown', why: `file temp: 160 ${impossible}`});
});

test('the commands that the editor proposes read the temperature where there is such a file', async () => {
  const {definitions} = JSON.parse(repositoryText('schemas/experiments.schema.json')) as {
    definitions: {thermal: {properties: {sensor: {examples: readonly string[]}}}};
  };
  const zone = '/sys/class/thermal/thermal_zone0/temp';
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-heat-'));
  try {
    writeFileSync(join(root, 'temp'), '54321\n');
    writeFileSync(join(root, 'temperature.txt'), '54.321\n');
    for (const example of definitions.thermal.properties.sensor.examples.filter((text) => text !== 'auto')) {
      const [kind = '', ...rest] = example.replace(zone, join(root, 'temp')).split(':');
      const choice: SensorChoice = kind === 'file' ? {kind, path: rest.join(':')} : {kind: 'command', line: rest.join(':')};
      const thermometer = await makeThermometer(choice, {root, warn});
      expect(await thermometer.read('loaded')).toMatchObject({kind: 'known', celsius: 54.321});
    }
  } finally {
    rmSync(root, {recursive: true});
  }
});

test('on this machine: a command is run in the workspace and ended after its time, and a pipe is no file', async () => {
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-heat-'));
  try {
    const read = async (choice: SensorChoice): Promise<Reading> => {
      const thermometer = await makeThermometer(choice, {root, warn});
      const reading = await thermometer.read('loaded');
      await thermometer.close();
      return reading;
    };
    writeFileSync(join(root, 'degrees'), '45.5 C\n');
    expect(await read({kind: 'command', line: 'cat degrees | tr 5 6'})).toMatchObject({celsius: 46.6});
    expect(await read({kind: 'file', path: 'degrees'})).toMatchObject({celsius: 45.5, source: 'file degrees'});
    expect(await read({kind: 'command', line: 'exit 3'})).toMatchObject({kind: 'unknown', why: expect.stringContaining('status 3')});
    expect(await read({kind: 'command', line: 'sleep 600'})).toMatchObject({kind: 'unknown', why: expect.stringContaining('2.5 s')});
    expect(await read({kind: 'command', line: 'yes'})).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('more than 4096 bytes'),
    });
    writeFileSync(join(root, 'long'), `61 ${' '.repeat(5000)}`);
    truncateSync(join(root, 'long'), 6e8);
    expect(await read({kind: 'file', path: 'long'})).toMatchObject({celsius: 61});
    expect(await read({kind: 'file', path: 'no\0path'})).toMatchObject({kind: 'unknown'});
    execFileSync('mkfifo', [join(root, 'pipe')]);
    expect(await read({kind: 'file', path: 'pipe'})).toMatchObject({kind: 'unknown'});
  } finally {
    rmSync(root, {recursive: true});
  }
});

test('a probe tells of everything that is tried, what it gave or why not', async () => {
  const site = recordedSite(machine('workstation: the accelerator is hotter than the processor'));
  const probes = await probeSensors(auto, {root: '/workspace', warn, site});
  expect(probes.flatMap(({sensor, reading}) => (reading.kind === 'known' ? [[sensor, reading.celsius]] : []))).toEqual([
    ['hwmon coretemp Package id 0', 61],
    ['nvidia-smi', 79],
  ]);
  expect(probes.find(({sensor}) => sensor === 'thermal zone x86_pkg_temp')?.reading).toMatchObject({why: expect.stringContaining('none')});
  expect(site.running()).toBe(0);
});
