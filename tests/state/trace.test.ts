// Where a node stands follows from its records, before and after a compaction.
import {expect, test} from 'vitest';
import fc from 'fast-check';
import {key, nodeId, type Key} from '../../src/base/ids.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {openStore, type Store} from '../../src/state/store.ts';
import {noStanding, recordForm, recordsOf, standingAfter, type Ended, type Standing, type StateRecord} from '../../src/state/trace.ts';

const nodes = ['x', 'y'].map((name) => nodeId(`outputs/hpo/${name}/best_params.json`));

/** What may happen to a node, each with all the records that it leaves. */
const kinds = ['done', 'failed', 'partial', 'interrupted', 'died', 'refused', 'adopted', 'placed', 'put_back', 'invalidated'] as const;
const happening = fc.record({
  node: fc.constantFrom(...nodes),
  key: fc.constantFrom('a', 'b').map((letter) => key(letter.repeat(64))),
  ms: fc.nat(1000),
  what: fc.constantFrom(...kinds),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function recordsFor(happenings: readonly Happening[]): StateRecord[] {
  return happenings.flatMap(({node, key, ms: durationMs, what}, at): StateRecord[] => {
    const began: StateRecord = {kind: 'began', node, key, at, attempt: at + 1, row: null};
    const done = (how: 'ran' | 'adopted'): StateRecord => {
      return {kind: 'done', node, key, how, at, durationMs, manifest: [['param a', String(at)]], outputs: [], extent: {}};
    };
    const ended = (status: Ended['status']): Ended => {
      const conditions = status === 'refused' || status === 'failed' ? {conditions: 'c'} : {};
      const discovered = status === 'interrupted' ? {discovered: [['late.py', String(at)]] as const} : {};
      return {kind: 'ended', node, key, at, durationMs, status, reason: '', message: '', ...conditions, ...discovered};
    };
    switch (what) {
      case 'done':
        return [began, done('ran')];
      case 'died':
        return [began];
      case 'refused':
        return [ended('refused')];
      case 'adopted':
        return [done('adopted')];
      case 'placed':
        return [{kind: 'placed', node, key, at, ended: null, spentMs: 0}];
      case 'put_back':
        return [{kind: 'placed', node, key, at, ended: ended('partial'), spentMs: durationMs}];
      case 'invalidated':
        return [{kind: 'invalidated', node, key, at, reason: 'wrong'}];
      default:
        return [began, ended(what)];
    }
  });
}

function standingsOf(records: readonly StateRecord[]): Standing[] {
  return nodes.map((node) => records.filter((record) => record.node === node).reduce(standingAfter, noStanding));
}

test('a compacted journal says the same of every node, now and after whatever happens next', () => {
  fc.assert(
    fc.property(fc.array(happening), fc.array(happening), (before, after) => {
      const standings = standingsOf(recordsFor(before));
      const written = JSON.stringify(recordsOf(standings).map((record) => recordForm.toJson(record)));
      const compacted = (JSON.parse(written) as unknown[]).flatMap((line) => recordForm.accept(line) ?? []);
      expect(standingsOf(compacted)).toEqual(standings);
      const later = recordsFor(after);
      expect(standingsOf([...compacted, ...later])).toEqual(standingsOf([...recordsFor(before), ...later]));
    }),
    {numRuns: 500},
  );
});

test('compaction is worth it: two records for a node at most, three where it was declared wrong and then refused', () => {
  fc.assert(
    fc.property(fc.array(happening), (before) => {
      for (const standing of standingsOf(recordsFor(before)))
        expect(recordsOf([standing]).length).toBeLessThanOrEqual(standing.invalid === undefined ? 2 : 3);
    }),
  );
});

test('a store that was compacted answers as one that was not', () => {
  const history = fc
    .sample(happening, {numRuns: 600, seed: 7})
    .map((one, index) => (index < 590 ? one : {...one, what: 'placed' as const}));
  const stores = [false, true].map((compacts): Store => {
    const disk = memoryDisk();
    const opened = openStore(disk);
    if (!opened.ok) throw new Error('unreachable: the journal is new');
    for (const record of recordsFor(history)) opened.value.record(record);
    if (compacts) opened.value.compact();
    const again = openStore(disk);
    if (!again.ok) throw new Error('unreachable: it was written just now');
    return again.value;
  });
  const answers = stores.map((store) => [
    store.known().map((node) => store.standingOf(node)),
    ['a', 'b'].map((letter) => [...store.holdersOf(letter.repeat(64) as Key)].sort()),
  ]);
  expect(answers[1]).toEqual(answers[0]);
});
