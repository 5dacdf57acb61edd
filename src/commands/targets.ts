// The names that a study offers as targets and dimensions. Remembered, as "nothing to do" is: a person who presses Tab does not wait.
import {systemClock} from '../host/clock.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {forgivingDisk} from '../state/forgiving-disk.ts';
import {findAnswer, writeSnapshot} from '../state/snapshot.ts';
import {openGraph, openStudy, type OpenOptions} from './open.ts';
import {findWorkspace} from './workspace.ts';

export interface Targets {
  /** With their titles. */
  readonly phases: readonly (readonly [name: string, title: string])[];
  readonly experiments: readonly string[];
  /** Of every output. */
  readonly paths: readonly string[];
  readonly dimensions: readonly (readonly [name: string, values: readonly string[]])[];
}

/** Undefined where there is no study, or a wrong one. */
export function readTargets(options: OpenOptions): Targets | undefined {
  const place = findWorkspace(options);
  if (!place.ok) return undefined;
  const {root, file} = place.value;
  const disk = forgivingDisk(workspaceDisk(root));
  const question = {words: ['__complete', file, options.profile ?? ''], directory: root, program: process.argv[1] ?? ''};
  const remembered = findAnswer(disk, question);
  if (remembered !== undefined) return JSON.parse(remembered) as Targets;
  const sinceMs = systemClock.now();
  const opened = openStudy(options);
  if (!opened.ok) return undefined;
  const made = openGraph(opened.value);
  if (!made.ok) return undefined;
  const {study} = opened.value;
  const dimensions = new Map<string, Set<string>>();
  for (const {dims} of study.experiments)
    for (const [name, value] of dims) dimensions.set(name, (dimensions.get(name) ?? new Set()).add(value));
  const targets: Targets = {
    phases: study.phases.map(({name, title}) => [name, title]),
    experiments: study.experiments.map(({name}) => name),
    paths: made.value.graph.nodes.flatMap(({outputs}) => outputs.map(({path}) => path)),
    dimensions: [...dimensions].map(([name, values]) => [name, [...values]]),
  };
  // A folder that nobody has built in stays as it is.
  if (disk.stat('.ftsbuild') !== 'missing')
    writeSnapshot(disk, {question, text: JSON.stringify(targets), paths: opened.value.disk.looked(), sinceMs});
  return targets;
}
