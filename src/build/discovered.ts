// Modules that a run imported and that no key names: what becomes of its result, and by what it is judged from then on.
import {warning, type Diagnostic} from '../base/diagnostic.ts';
import {isJsonObject, type JsonObject} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import type {Manifest} from '../state/manifest.ts';
import {placeOfModule} from '../state/python-code.ts';
import type {Discovered, Trace} from '../state/trace.ts';
import type {Session} from './session.ts';
import {disownTrials} from './trial-cache.ts';

/** As the run said it: the digest is of the source that ran. */
export interface Outsider {
  readonly module: string;
  readonly path: string;
  readonly sha256: string;
}

export function readOutsiders({discovered}: JsonObject): readonly Outsider[] {
  const items = Array.isArray(discovered) ? discovered.filter(isJsonObject) : [];
  return items.flatMap(({module, path, sha256}) =>
    typeof module === 'string' && typeof path === 'string' && typeof sha256 === 'string' ? [{module, path, sha256}] : [],
  );
}

/** Whether the run imported a module of its key after that had been edited: what it made is of no key. */
export function ranEdited({edited}: JsonObject): boolean {
  return Array.isArray(edited) && edited.length > 0;
}

/** The first one whose file is no longer what ran: of such a result nobody can say what it was made with. */
export function findChangedOutsider(session: Session, outsiders: readonly Outsider[]): Outsider | undefined {
  return outsiders.find((outsider) => !isAsItRan(session, outsider));
}

/** What the node's key stands for from now on: what was known already, and what is new. */
export function discoveredBy(session: Session, node: Node, outsiders: readonly Outsider[]): {readonly discovered?: Discovered} {
  const before = session.store.standingOf(node.id).discovered;
  const known = new Set(before.map(([path]) => path));
  const found = outsiders
    .filter(({path}) => !known.has(path))
    // What it meant when it ran is not known any more: no meaning is that one.
    .map((outsider) => [outsider.path, isAsItRan(session, outsider) ? session.world.readModule(outsider.path) : 'changed'] as const);
  return before.length + found.length === 0 ? {} : {discovered: [...before, ...found]};
}

/** At the end of a run, however it ended. Trials that other studies looked up under the same surroundings may be of another meaning. */
export function noteDiscovered(
  session: Session,
  node: Node,
  manifest: Manifest,
  outsiders: readonly Outsider[],
): ReturnType<typeof discoveredBy> {
  session.world.refresh();
  if (outsiders.length > 0 && node.rule === 'hpo') disownTrials(session, manifest);
  return discoveredBy(session, node, outsiders);
}

/** Why a run or its result was refused: it imported what its key does not name. */
export const outsideKeyReason = 'outside_key';

export function describeChanged({module, path}: Outsider): string {
  return `${module} (${path}) is not in the key, was imported by the run and has changed since; name it in the study, \`code: [${module}]\`, and build again`;
}

export function cautionOfOutsider({module, path}: Outsider): Diagnostic {
  return warning('FTS516', `${module} (${path}) was imported late and is not in the key; from now on a change of it makes this stale`, {
    help: `Name it in the study, \`code: [${module}]\`, so that it is in the key from the beginning.`,
  });
}

function isAsItRan({world, packageRoot}: Session, {path, sha256}: Outsider): boolean {
  return world.digestOf(placeOfModule({packageRoot}, path)) === sha256;
}

/** Whether the modules that a result was made with beside those in its key mean today what they meant then. */
export function hasSameModules(
  {world}: Pick<Session, 'world'>,
  {manifest, discovered = []}: Pick<Trace, 'manifest' | 'discovered'>,
): boolean {
  const named = new Set(manifest.map(([name]) => name));
  return discovered.every(([path, meaning]) => named.has(`code ${path}`) || world.readModule(path) === meaning);
}
