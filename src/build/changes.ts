// What a difference between two manifests is about: a parameter, a file, columns, versions, functions of a module. Words are for ui/.
import type {Node} from '../graph/node.ts';
import type {Difference, Manifest} from '../state/manifest.ts';
import {changedParts, findParts, rememberParts} from '../state/python-parts.ts';
import {meaningOf} from '../state/python-source.ts';
import {withoutConstants} from '../state/world.ts';
import type {Session} from './session.ts';

export type ChangeKind = 'parameter' | 'file' | 'data' | 'environment' | 'code' | 'rule' | 'result';

export interface Change extends Difference {
  readonly kind: ChangeKind;
  /** Of Python code: which functions and classes; empty where only their order did; undefined where that is not known. */
  readonly parts: readonly string[] | undefined;
  /** Who makes the file that changed. */
  readonly producer: Node | undefined;
}

export function explainChange(session: Session, node: Node, difference: Difference): Change {
  const {name} = difference;
  const kind = kindOf(name);
  return {
    ...difference,
    kind,
    parts: kind === 'code' ? partsBetween(session, node, difference) : undefined,
    producer: producerOf(session, node, name),
  };
}

function kindOf(name: string): ChangeKind {
  if (name === 'rule') return 'rule';
  if (name === 'file script' || name.startsWith('code ')) return 'code';
  if (name.startsWith('param result ') || name === 'param log') return 'result';
  if (name.startsWith('param template ')) return 'file';
  if (name === 'param installed') return 'environment';
  if (name.startsWith('param ')) return 'parameter';
  if (name === 'file data' || name.startsWith('file data:')) return 'data';
  return name.startsWith('file environment#') ? 'environment' : 'file';
}

function partsBetween(session: Session, node: Node, {name, before, after}: Difference): readonly string[] | undefined {
  const old = before === undefined ? undefined : findParts(session.disk, before);
  const source = after === undefined ? undefined : sourceOf(session, node, name);
  const now = source === undefined ? undefined : meaningOf(source);
  return old === undefined || now === undefined || !standsFor(session, name, after)(now.digest) ? undefined : changedParts(old, now.parts);
}

/** Whether source of this meaning is what a `code` or `file script` entry of this value says. */
function standsFor({world}: Session, name: string, value: string | undefined): (meaning: string) => boolean {
  return (meaning) => (name.startsWith(codeEntry) ? world.countsAs(name.slice(codeEntry.length), meaning) : meaning) === value;
}

const codeEntry = 'code ';

/** What a `code` or `file script` entry of the manifest was read from. */
function sourceOf({disk, packageRoot}: Pick<Session, 'disk' | 'packageRoot'>, node: Node, name: string): string | Uint8Array | undefined {
  if (name.startsWith(codeEntry)) return disk.readBytes(`${packageRoot}/${name.slice(codeEntry.length)}`);
  const script = node.inputs.find(({part}) => part.of === 'script_code');
  const text = script === undefined ? undefined : disk.readText(script.path);
  return text === undefined ? undefined : withoutConstants(text);
}

function producerOf({graph}: Session, node: Node, name: string): Node | undefined {
  const input = node.inputs.find(({path, role}) => {
    const own = `file ${role ?? path}`;
    return name === own || name.startsWith(`${own}#`) || name.startsWith(`${own}:`);
  });
  return input === undefined ? undefined : graph.findProducer(input.path);
}

/** Of everything in Python that a result was made of, the functions and classes: for the next `why`. */
export function rememberCode(session: Session, node: Node, manifest: Manifest): void {
  for (const [name, value] of manifest)
    if (kindOf(name) === 'code' && !session.remembered.has(value)) {
      session.remembered.add(value);
      rememberParts(session.disk, {digest: value, stands: standsFor(session, name, value)}, sourceOf(session, node, name));
    }
}
