// Lists everything a node's result depends on. The one place: key, verdict and `ftsbuild why` all read it.
import {createHash} from 'node:crypto';
import {key, type Key} from '../base/ids.ts';
import {canonicalText} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import {dirtyingInputs, type Input, type Node} from '../graph/node.ts';
import type {World} from './world.ts';

/** Name and value of one dependency. The names say what it is: `param d_model`, `file a.csv`, `code fts/model.py`. */
export type Dependency = readonly [name: string, value: string];
/** Ordered, without two of one name. */
export type Manifest = readonly Dependency[];

// Raised when the engine changes how a rule makes its result, so that results of the old way are stale.
const ruleVersion = 1;

/** `discovered`: modules that a run of the node was seen to import and that are not what they were then. */
export function manifestOf(node: Node, world: World, discovered: readonly string[] = []): Manifest {
  const manifest: Dependency[] = [['rule', `${node.rule} ${String(ruleVersion)}`]];
  for (const name of sorted(node.params.keys())) manifest.push([`param ${name}`, canonicalText(node.params.get(name) ?? null)]);
  for (const input of dirtyingInputs(node)) {
    for (const entry of world.readPart(input.path, input.part)) manifest.push([`${nameOf(input)}${entry.name}`, entry.value]);
  }
  const code = world.readCode(node.code, scriptOf(node));
  for (const entry of code) manifest.push([`code ${entry.name}`, entry.value]);
  for (const path of discovered) if (!code.some(({name}) => name === path)) manifest.push([`code ${path}`, world.readModule(path)]);
  return manifest;
}

/** The script that the node runs, a template's of one's own included: what it imports is code of the node. */
export function scriptOf({inputs}: Node): {readonly path: string} | undefined {
  return inputs.find(({part}) => part.of === 'script_code');
}

export function keyOf(manifest: Manifest): Key {
  return key(createHash('sha256').update(canonicalText(manifest)).digest('hex'));
}

/** The path (and part) of an input that is not there yet: the node cannot be judged for good before its producer has run. */
export function findMissingInput(node: Node, manifest: Manifest): string | undefined {
  const name = manifest.find(([name, value]) => value === 'missing' && name.startsWith('file '))?.[0];
  const input = name === undefined ? undefined : dirtyingInputs(node).find((candidate) => name.startsWith(nameOf(candidate)));
  return name === undefined || input === undefined ? undefined : `${input.path}${name.slice(nameOf(input).length)}`;
}

function nameOf(input: Input): string {
  return `file ${input.role ?? input.path}`;
}

export interface Difference {
  readonly name: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export function differencesBetween(before: Manifest, after: Manifest): readonly Difference[] {
  const old = new Map(before);
  const now = new Map(after);
  const changed = after
    .filter(([name, value]) => old.get(name) !== value)
    .map(([name, value]) => ({name, before: old.get(name), after: value}));
  const gone = before.filter(([name]) => !now.has(name)).map(([name, value]) => ({name, before: value, after: undefined}));
  return [...changed, ...gone];
}
