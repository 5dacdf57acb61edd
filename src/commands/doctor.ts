// `ftsbuild doctor`: whether this machine can build, and what it would build with. Works without a study too.
import {join, resolve} from 'node:path';
import {problem} from '../base/diagnostic.ts';
import {examine, type Checkup, type StudyState} from '../build/checkup.ts';
import {packageFolder} from '../host/package-folder.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {forgivingDisk} from '../state/forgiving-disk.ts';
import {findingsOf, renderCheckup} from '../ui/checkup.ts';
import {refuse} from './build.ts';
import {exitCode} from './exit-codes.ts';
import {openSession, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {findRoot} from './workspace.ts';

export interface DoctorOptions extends OpenOptions {
  readonly json: boolean;
}

export async function doctor(options: DoctorOptions, terminal: Terminal): Promise<number> {
  const start = resolve(options.directory ?? '.');
  if (workspaceDisk(start).stat('.') === 'missing')
    return refuse([problem('FTS002', `there is no folder ${options.directory ?? '.'}`)], options, terminal);
  const disk = forgivingDisk(workspaceDisk(findRoot(start)));
  const checkup = await examine({disk, packageRoot: join(packageFolder(), 'python'), study: openStudy(options)});
  if (options.json) terminal.print(JSON.stringify(plain(checkup), null, 2));
  else for (const line of renderCheckup(checkup, terminal.paint)) terminal.print(line);
  return isPossible(checkup) ? exitCode.done : exitCode.gate;
}

// A missing experiments.yaml is no fault; a file that was named is.
function openStudy(options: OpenOptions): StudyState {
  const opened = openSession(options);
  if (opened.ok) return {is: 'sound', study: opened.value.session.study};
  const isAbsent = options.file === undefined && opened.error.some(({code}) => code === 'FTS001');
  return isAbsent ? {is: 'absent'} : {is: 'broken', problems: opened.error};
}

function isPossible(checkup: Checkup): boolean {
  return findingsOf(checkup).every(({state}) => state !== 'missing');
}

function plain(checkup: Checkup): object {
  const {machine, usage, disk} = checkup;
  return {
    schema_version: 1,
    can_build: isPossible(checkup),
    checks: findingsOf(checkup).map(({name, state, text}) => ({name, state, text})),
    sensors: checkup.sensors.map(({sensor, reading}) => ({
      sensor,
      celsius: reading.kind === 'known' ? reading.celsius : null,
      pressure: reading.kind === 'pressure' ? reading.level : null,
      why: reading.kind === 'unknown' ? reading.why : null,
    })),
    machine: {
      cores: machine.cores,
      cpu_percent: Math.round(1000 * usage.cpu) / 10,
      memory_bytes: machine.memory,
      free_memory_bytes: usage.freeMemory,
      free_disk_bytes: disk.freeBytes,
      accelerators: checkup.accelerators,
    },
  };
}
