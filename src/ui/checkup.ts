// What a checkup found, as lines for a person: ok, a warning, or something without which no build is possible.
import {formatBytes} from '../base/units.ts';
import {unreachable} from '../base/unreachable.ts';
import type {Checkup, PythonState, StudyState} from '../build/checkup.ts';
import type {Reading} from '../host/thermometer.ts';
import type {Paint} from './paint.ts';
import {describeSince} from './busy.ts';

export interface Finding {
  readonly name: string;
  /** `missing`: no build is possible without it. */
  readonly state: 'ok' | 'warn' | 'missing';
  readonly text: string;
}

export function findingsOf(checkup: Checkup): readonly Finding[] {
  return [
    finding('node', 'ok', checkup.node),
    ofStudy(checkup.study),
    ofPython(checkup.python),
    ofGit(checkup),
    ofTemperature(checkup),
    ofSleep(checkup),
    ofCpu(checkup),
    ofMemory(checkup),
    ofDisk(checkup),
    finding('accelerator', 'ok', checkup.accelerators.length === 0 ? 'none; jobs run on the processor' : checkup.accelerators.join('; ')),
    ofLock(checkup),
  ];
}

export function renderCheckup(checkup: Checkup, paint: Paint): readonly string[] {
  const findings = findingsOf(checkup);
  const width = Math.max(...findings.map(({name}) => name.length));
  const colours = {ok: 'green', warn: 'yellow', missing: 'red'} as const;
  const names = Math.max(...checkup.sensors.map(({sensor}) => sensor.length));
  return [
    ...findings.map(({name, state, text}) => `${paint[colours[state]](state.padEnd('missing'.length))}  ${name.padEnd(width)}  ${text}`),
    '',
    'Sensors tried:',
    ...checkup.sensors.map(({sensor, reading}) => `  ${sensor.padEnd(names)}  ${describeProbe(sensor, reading)}`),
  ];
}

function ofStudy(study: StudyState): Finding {
  switch (study.is) {
    case 'sound':
      return finding('study', 'ok', `${study.study.file}: ${count(study.study.experiments.length, 'experiment')}`);
    case 'absent':
      return finding('study', 'warn', 'there is no experiments.yaml here or in a folder above; what follows is what holds without one');
    case 'broken': {
      const [first] = study.problems;
      const rest = study.problems.length - 1;
      const more = rest > 0 ? ` (and ${count(rest, 'more problem')})` : '';
      return finding('study', 'missing', `it cannot be read: ${first?.message ?? ''}${more}`);
    }
    default:
      return unreachable(study);
  }
}

function ofPython(python: PythonState): Finding {
  switch (python.is) {
    case 'there': {
      const {interpreter, lacks, isMadeHere} = python;
      const what = `${interpreter.version} (${interpreter.path})`;
      if (lacks === undefined) return finding('python', 'ok', what);
      return isMadeHere
        ? finding('python', 'warn', `${what}; ${lacks}; the build installs what is missing`)
        : finding('python', 'missing', `${what}; ${lacks}`);
    }
    case 'to_be_made':
      return finding(
        'python',
        'ok',
        `the first build makes ${python.directory} with ${python.interpreter.version} (${python.interpreter.path})`,
      );
    case 'missing':
      return finding(
        'python',
        'missing',
        `no Python 3.11 or newer: ${python.tried.map(({name, because}) => `${name} ${because}`).join(', ')}`,
      );
    default:
      return unreachable(python);
  }
}

function ofGit({hasGit, git}: Checkup): Finding {
  if (!hasGit) return finding('git', 'warn', 'not installed: results carry no commit');
  if (git.commit === null) return finding('git', 'warn', 'no commit here: results carry none');
  return finding('git', 'ok', `${git.commit.slice(0, 12)}${git.dirty === true ? ', with uncommitted changes' : ''}`);
}

function ofTemperature({sensors, unknown}: Checkup): Finding {
  const readings = sensors.flatMap(({reading}) => (reading.kind === 'unknown' ? [] : [reading]));
  if (readings.length > 0) return finding('temperature', 'ok', readings.map(describeReading).join(', '));
  if (unknown === 'refuse') return finding('temperature', 'missing', 'no sensor gives a reading, and thermal.unknown is refuse');
  return finding('temperature', 'warn', 'no sensor gives a reading: it is unknown, and no heat stops a build');
}

function ofSleep({awake}: Checkup): Finding {
  return 'by' in awake
    ? finding('sleep', 'ok', `held off by ${awake.by} while jobs run`)
    : finding('sleep', 'warn', `the machine may go to sleep during a build: ${awake.why}`);
}

const busy = 0.8;

function ofCpu({machine, usage}: Checkup): Finding {
  const text = `${count(machine.cores, 'processor')}, ${String(Math.round(100 * usage.cpu))} % busy; ${machine.kind}`;
  return finding('cpu', usage.cpu > busy ? 'warn' : 'ok', text);
}

const scarce = 0.1;

function ofMemory({machine, usage}: Checkup): Finding {
  const text = `${formatBytes(usage.freeMemory)} free of ${formatBytes(machine.memory)}`;
  return finding('memory', usage.freeMemory < scarce * machine.memory ? 'warn' : 'ok', text);
}

function ofDisk({disk: {path, freeBytes, wantedBytes}}: Checkup): Finding {
  const text = `${formatBytes(freeBytes)} free at ${path}`;
  if (freeBytes >= wantedBytes) return finding('disk', 'ok', text);
  return finding('disk', 'missing', `${text}; gates.disk wants ${formatBytes(wantedBytes)}`);
}

function ofLock({holder}: Checkup): Finding {
  if (holder === undefined) return finding('lock', 'ok', 'no other build holds the workspace');
  const since = describeSince(holder.since);
  return finding('lock', 'warn', `process ${String(holder.pid)} on ${holder.host} builds here since ${since} (ftsbuild ${holder.command})`);
}

function describeReading(reading: Exclude<Reading, {kind: 'unknown'}>): string {
  return reading.kind === 'pressure' ? `${reading.level} (${reading.source})` : `${degrees(reading.celsius)} (${reading.source})`;
}

// The sensor's name stands in the line already.
function describeProbe(sensor: string, reading: Reading): string {
  switch (reading.kind) {
    case 'known':
      return degrees(reading.celsius);
    case 'pressure':
      return reading.level;
    case 'unknown':
      return reading.why.replace(`${sensor}: `, '');
    default:
      return unreachable(reading);
  }
}

function degrees(celsius: number): string {
  return `${String(Math.round(10 * celsius) / 10)} C`;
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? '' : 's'}`;
}

function finding(name: string, state: Finding['state'], text: string): Finding {
  return {name, state, text};
}
