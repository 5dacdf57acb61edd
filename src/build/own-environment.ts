// Tells the Python environment that this program made from one that a person made: that is used, and never written into.
import {parseObject} from '../base/json.ts';
import type {PythonChoice} from '../config/study.ts';
import type {Disk} from '../host/disk.ts';

/** Written before anything else into an environment that is made here; says for which place that was. */
const marker = 'ftsbuild-made.json';
/** The record of a whole environment: what earlier versions made has no marker. */
const record = 'ftsbuild.json';

/** The study's choice; an environment of a person's own at the place of ours is an interpreter like any other. */
export function withOwnEnvironment(disk: Disk, python: PythonChoice): PythonChoice {
  if (python.kind !== 'venv' || isOurs(disk, python.directory)) return python;
  return {kind: 'interpreter', path: `${python.directory}/bin/python`};
}

/** Where nothing lies yet, ours will be. Behind a link may lie the environment of another workspace: only a marker for this very place counts. */
function isOurs(disk: Disk, directory: string): boolean {
  const names = disk.list(directory);
  if (names === 'missing') return disk.entryAt(directory) === 'missing';
  if (names.length === 0) return true;
  if (!isBehindLink(disk, directory)) return names.includes(marker) || names.includes(record);
  return names.includes(marker) && parseObject(disk.readText(`${directory}/${marker}`))?.['for'] === disk.resolve(directory);
}

function isBehindLink(disk: Disk, directory: string): boolean {
  const steps = directory.split('/');
  return steps.some((_, index) => disk.entryAt(steps.slice(0, index + 1).join('/')) === 'link');
}

/** Empties the place of an environment that is ours, and marks it: a death from here on leaves one that is still known as ours. */
export function beginEnvironment(disk: Disk, directory: string): void {
  const names = disk.list(directory);
  for (const name of names === 'missing' ? [] : names) if (name !== marker) disk.remove(`${directory}/${name}`);
  disk.write(`${directory}/${marker}`, `${JSON.stringify({schema_version: 1, for: disk.resolve(directory)})}\n`);
}

/** What to do with an environment of one's own that cannot be used; undefined where the interpreter is of no environment. */
export function adviseOn(disk: Disk, interpreter: string, requirements: string): string | undefined {
  const directory = /^(.+)\/bin\/[^/]+$/.exec(interpreter)?.[1];
  if (directory === undefined || disk.stat(`${directory}/pyvenv.cfg`) === 'missing') return undefined;
  return `ftsbuild did not make ${directory}, and writes nothing into it. Install into it what is missing, for instance by \`${interpreter} -m pip install --requirement ${requirements}\`, or move it away: where the study names no interpreter the next build makes one`;
}
