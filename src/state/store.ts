// Where every node stands, by the journal. All reading and writing of state goes through this interface.
import {warning, type Diagnostic} from '../base/diagnostic.ts';
import type {Key, NodeId} from '../base/ids.ts';
import type {Instant} from '../host/clock.ts';
import type {Disk} from '../host/disk.ts';
import type {Result} from '../base/result.ts';
import {success} from '../base/result.ts';
import {openJournal} from './journal.ts';
import {noStanding, recordForm, recordsOf, standingAfter, type Disowned, type Standing, type StateRecord} from './trace.ts';

export interface Store {
  standingOf(node: NodeId): Standing;
  /** Nodes of which the state knows anything, of every study in the workspace. */
  known(): readonly NodeId[];
  /** Nodes whose last success was made under this key, in the order of their first records. */
  holdersOf(key: Key): readonly NodeId[];
  /** When results of this key were last declared wrong: none that was made up to then counts, in whichever study or profile. */
  disownedAt(key: Key): Instant | undefined;
  /** What of the journal could not be read, and what that means. */
  readonly warnings: readonly Diagnostic[];
  /** Whether another build has written the journal since it was read here. To be asked before the first record of one's own. */
  readonly isOutdated: boolean;
  record(entry: StateRecord): void;
  /** Rewrites the journal with what still counts, when it has grown to several times that. */
  compact(): void;
}

export const journalPath = '.ftsbuild/journal';

/** Fails where the journal was written by a newer version. Reads only: nothing is written before the first record. */
export function openStore(disk: Disk): Result<Store> {
  const opened = openJournal<StateRecord>(disk, journalPath, recordForm);
  if (!opened.ok) return opened;
  const journal = opened.value;
  const standings = new Map<NodeId, Standing>();
  const holders = new Map<Key, Set<NodeId>>();
  const disowned = new Map<Key, Disowned>();
  const follow = (entry: StateRecord): void => {
    const {kind, node, key, at} = entry;
    if (kind === 'disowned' || kind === 'invalidated') disowned.set(key, {kind: 'disowned', node, key, at});
    if (kind === 'disowned') return;
    const before = standings.get(entry.node) ?? noStanding;
    const after = standingAfter(before, entry);
    standings.set(entry.node, after);
    if (before.trace !== undefined) holders.get(before.trace.key)?.delete(entry.node);
    if (after.trace === undefined) return;
    const nodes = holders.get(after.trace.key);
    if (nodes === undefined) holders.set(after.trace.key, new Set([entry.node]));
    else nodes.add(entry.node);
  };
  let length = 0;
  for (const entry of journal.records) {
    follow(entry);
    length++;
  }
  return success({
    warnings: damageOf(journal.unreadable),
    get isOutdated() {
      return journal.isOutdated;
    },
    standingOf: (node) => standings.get(node) ?? noStanding,
    known: () => [...standings.keys()],
    holdersOf: (key) => [...(holders.get(key) ?? [])],
    disownedAt: (key) => disowned.get(key)?.at,
    record: (entry) => {
      journal.append(entry);
      follow(entry);
      length++;
    },
    compact: () => {
      const kept = [...disowned.values(), ...recordsOf(standings.values())];
      if (length < 500 || length < 4 * kept.length) return;
      journal.compact(kept);
      length = kept.length;
    },
  });
}

function damageOf(lines: readonly number[]): readonly Diagnostic[] {
  if (lines.length === 0) return [];
  const which = `${lines.length === 1 ? 'line' : 'lines'} ${lines.slice(0, 5).join(', ')}${lines.length > 5 ? ` and ${String(lines.length - 5)} more` : ''}`;
  const help =
    'Each was one record of a run, an adoption or an invalidation, and counts as if it had not been: what it made may run again, unless the result carries its key; what was declared wrong there may count again.';
  return [warning('FTS803', `${journalPath}: ${which} cannot be read`, {help})];
}
