// A machine out of a recording: the files of its sensors and what its programs print, for the real sensors to read.
import type {SensorSite} from '../../src/host/sensors/sensor.ts';
import type {AcceleratorState} from '../../src/host/thermometer.ts';
import {repositoryText} from './studies.ts';

export interface RecordedMachine {
  readonly name: string;
  readonly platform: NodeJS.Platform;
  /** By absolute path. */
  readonly files: Readonly<Record<string, string>>;
  /** What a program prints, by its name; one that is not named is not there. */
  readonly programs: Readonly<Record<string, string>>;
  /** What systeminformation finds. */
  readonly information: number | null;
  /** Null: unknown. */
  readonly expects: {readonly celsius?: number; readonly level?: string; readonly source: string} | null;
  readonly accelerator: {readonly [name in keyof AcceleratorState]: number | null} | null;
}

/** Shared with the tests of the Python package. */
export const recordedMachines = JSON.parse(repositoryText('tests/recorded/sensors.json')) as readonly RecordedMachine[];

/** Texts, and the degrees that they say; null: no number of degrees. Shared likewise. */
export const writtenDegrees = JSON.parse(repositoryText('tests/recorded/degrees.json')) as readonly {
  readonly text: string;
  readonly celsius: number | null;
}[];

/** Readings under load, the last one again and again, and for how many minutes it counts; null: for good. Shared likewise. */
export const standing = JSON.parse(repositoryText('tests/recorded/still.json')) as readonly {
  readonly name: string;
  readonly celsius: readonly number[];
  readonly every_seconds: number;
  readonly warn: number;
  readonly frozen_after_minutes: number | null;
}[];

export interface Recording extends SensorSite {
  /** Each program that was started, in order. */
  readonly started: readonly string[];
  /** Programs that were followed and not closed. */
  running(): number;
  /** Puts another text into a file. */
  write(path: string, text: string): void;
  /** A followed program prints a line. */
  print(program: string, line: string): void;
  /** A followed program ends. */
  end(program: string): void;
  advance(ms: number): void;
}

const absent = 'cannot start: there is no such file or directory';

export function recordedSite(machine: Partial<RecordedMachine>): Recording {
  const files = new Map(Object.entries(machine.files ?? {}));
  const programs = machine.programs ?? {};
  const started: string[] = [];
  const following = new Map<string, {onLine: (line: string) => void; onEnd: (why: string) => void}>();
  let now = 1;
  return {
    platform: machine.platform ?? 'linux',
    readText: (path) => Promise.resolve(files.get(path)?.trim()),
    list: (path) => Promise.resolve(namesIn([...files.keys()], path)),
    run: ([program]) => {
      started.push(program);
      const text = programs[program];
      return Promise.resolve(text === undefined ? {why: `${program} ${absent}`} : {text: text.trimEnd()});
    },
    follow: ([program], listener) => {
      started.push(program);
      const text = programs[program];
      if (text === undefined) {
        queueMicrotask(() => listener.onEnd(`${program} ${absent}`));
        return {send: () => undefined, close: () => Promise.resolve()};
      }
      following.set(program, listener);
      queueMicrotask(() => text.trimEnd().split('\n').forEach(listener.onLine));
      return {
        send: () => undefined,
        close: () => {
          following.delete(program);
          return Promise.resolve();
        },
      };
    },
    information: () => {
      started.push('systeminformation');
      return Promise.resolve(machine.information ?? null);
    },
    now: () => now,
    started,
    running: () => following.size,
    write: (path, text) => void files.set(path, text),
    print: (program, line) => following.get(program)?.onLine(line),
    end: (program) => {
      const listener = following.get(program);
      following.delete(program);
      listener?.onEnd(`${program} ended (status 0)`);
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

function namesIn(paths: readonly string[], folder: string): readonly string[] {
  const below = paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => path.slice(folder.length + 1).split('/')[0] ?? '');
  return [...new Set(below)].toSorted();
}
