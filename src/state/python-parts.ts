// Remembers of what functions and classes a module consisted when a result was made, so that `why` can name those that changed. A side
// record: whoever deletes it loses names, never a verdict.
import type {Json} from '../base/json.ts';
import {isJsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import type {Disk} from '../host/disk.ts';
import {meaningOf} from './python-source.ts';

export type PythonParts = ReadonlyMap<string, string>;

function pathOf(digest: string): string {
  return `.ftsbuild/parts/${digest}.json`;
}

/** `digest` is what the module counts as; a source that means something else by now (`stands` says no) is not remembered under it. */
export function rememberParts(
  disk: Disk,
  {digest, stands}: {digest: string; stands: (meaning: string) => boolean},
  source: string | Uint8Array | undefined,
): void {
  if (source === undefined || !/^[0-9a-f]{64}$/.test(digest) || disk.stat(pathOf(digest)) !== 'missing') return;
  const meaning = meaningOf(source);
  if (stands(meaning.digest)) disk.write(pathOf(digest), `${JSON.stringify(Object.fromEntries(meaning.parts))}\n`);
}

export function findParts(disk: Disk, digest: string): PythonParts | undefined {
  const text = /^[0-9a-f]{64}$/.test(digest) ? disk.readText(pathOf(digest)) : undefined;
  const value = text === undefined ? undefined : parse(text);
  if (!isJsonObject(value)) return undefined;
  return new Map(Object.entries(value).flatMap(([name, part]) => (typeof part === 'string' ? [[name, part] as const] : [])));
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Names of the parts that are new, gone or different; none where definitions only moved. */
export function changedParts(before: PythonParts, after: PythonParts): readonly string[] {
  return sorted(new Set([...before.keys(), ...after.keys()])).filter((name) => before.get(name) !== after.get(name));
}
