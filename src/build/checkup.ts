// Looks at everything that a build rests on: runtime, Python, git, sensors, the machine, the lock. Says facts; changes nothing.
import type {Diagnostic} from '../base/diagnostic.ts';
import {usualSafety} from '../config/safety.ts';
import type {Study} from '../config/study.ts';
import {probeAwake, type AwakeProbe} from '../host/awake.ts';
import {systemClock} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import {findPython, type Interpreter, type PythonSearch} from '../host/find-python.ts';
import {readFreeDisk} from '../host/free-disk.ts';
import {readMachine, readUsage, type Machine, type Usage} from '../host/machine.ts';
import {machineProcesses} from '../host/processes.ts';
import {findOutput} from '../host/run.ts';
import {probeSensors, type Probe} from '../host/sensors/thermometer.ts';
import {projectPath} from '../base/ids.ts';
import {findHolder, type Holder} from '../state/lock.ts';
import {readGitState, type GitState} from './git.ts';
import {recordOf} from './environment-record.ts';
import {withOwnEnvironment} from './own-environment.ts';

export interface Site {
  readonly disk: Disk;
  /** Absolute folder that holds the Python package. */
  readonly packageRoot: string;
  readonly study: StudyState;
}

export type StudyState =
  | {readonly is: 'sound'; readonly study: Study}
  | {readonly is: 'absent'}
  | {readonly is: 'broken'; readonly problems: readonly Diagnostic[]};

export interface Checkup {
  readonly node: string;
  readonly study: StudyState;
  readonly python: PythonState;
  readonly hasGit: boolean;
  readonly git: GitState;
  readonly sensors: readonly Probe[];
  /** What the study does without a reading. */
  readonly unknown: 'warn' | 'refuse';
  readonly awake: AwakeProbe;
  readonly machine: Machine;
  readonly usage: Usage;
  readonly disk: {readonly path: string; readonly freeBytes: number; readonly wantedBytes: number};
  readonly accelerators: readonly string[];
  readonly holder: Holder | undefined;
}

export type PythonState =
  /** `lacks`: what is missing in it, as Python says it. */
  | {readonly is: 'there'; readonly interpreter: Interpreter; readonly lacks: string | undefined; readonly isMadeHere: boolean}
  /** The build makes the environment with this one. */
  | {readonly is: 'to_be_made'; readonly interpreter: Interpreter; readonly directory: string}
  | {readonly is: 'missing'; readonly tried: readonly {readonly name: string; readonly because: string}[]};

export async function examine({disk, packageRoot, study}: Site): Promise<Checkup> {
  const known = study.is === 'sound' ? study.study : undefined;
  const safety = known?.safety ?? usualSafety;
  await readUsage();
  const [sensors, python, hasGit, git, awake, machine, accelerators] = await Promise.all([
    probeSensors(safety.thermal.sensor, {root: disk.root, warn: safety.thermal.warn}),
    examinePython(disk, packageRoot, known),
    findOutput(['git', '--version'], {timeoutMs}).then((text) => text !== undefined),
    readGitState(disk.root),
    probeAwake(),
    readMachine(),
    listAccelerators(),
  ]);
  const outputs = known?.paths.outputs ?? '.';
  return {
    ...{node: process.versions.node, study, python, hasGit, git, sensors, unknown: safety.thermal.unknown, awake, machine, accelerators},
    usage: await readUsage(),
    disk: {path: outputs, freeBytes: readFreeDisk(disk.resolve(outputs)), wantedBytes: safety.gates.diskBytes},
    holder: findHolder({disk, clock: systemClock, processes: machineProcesses(), path: '.ftsbuild/lock'}),
  };
}

const timeoutMs = 10_000;

async function examinePython(disk: Disk, packageRoot: string, study: Study | undefined): Promise<PythonState> {
  const choice = study?.python ?? withOwnEnvironment(disk, {kind: 'venv', directory: projectPath('.venv')});
  const isMadeHere = choice.kind === 'venv';
  const found = await findPython([
    isMadeHere ? disk.resolve(`${choice.directory}/bin/python`) : choice.path.includes('/') ? disk.resolve(choice.path) : choice.path,
  ]);
  if ('found' in found) return {is: 'there', interpreter: found.found, lacks: await findLack(found.found, disk, packageRoot), isMadeHere};
  if (!isMadeHere) return {is: 'missing', tried: found.tried};
  const search: PythonSearch = await findPython();
  if ('tried' in search) return {is: 'missing', tried: search.tried};
  return {is: 'to_be_made', interpreter: search.found, directory: choice.directory};
}

/** By the same look that a build takes at a named interpreter. */
async function findLack({path}: Interpreter, disk: Disk, packageRoot: string): Promise<string | undefined> {
  const made = await recordOf(path, {disk, packageRoot, say: () => undefined, stop: undefined});
  return made.ok ? undefined : made.message;
}

async function listAccelerators(): Promise<readonly string[]> {
  if (process.platform === 'darwin' && process.arch === 'arm64') return ['Apple GPU'];
  const text = await findOutput(['nvidia-smi', '--query-gpu=name,memory.total', '--format=csv,noheader'], {timeoutMs});
  return text === undefined ? [] : text.split('\n').filter((line) => line.trim() !== '');
}
