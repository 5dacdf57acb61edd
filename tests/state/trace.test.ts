// Where a node stands follows from its records, before and after a compaction.
import {expect, test} from 'vitest';
import fc from 'fast-check';
import {key, nodeId} from '../../src/base/ids.ts';
import {noStanding, recordsOf, standingAfter, type Standing, type StateRecord} from '../../src/state/trace.ts';

const node = nodeId('outputs/hpo/x/best_params.json');
const keys = fc.constantFrom('a', 'b').map((letter) => key(letter.repeat(64)));
const ended = fc.constantFrom('failed' as const, 'partial' as const, 'interrupted' as const);

/** One attempt: it began, and it ended in some way, or its engine died. */
const attempt = fc.tuple(keys, fc.nat(1000), fc.option(fc.oneof(ended, fc.constant('done' as const))));

function recordsFor(attempts: readonly (readonly [ReturnType<typeof key>, number, string | null])[]): StateRecord[] {
  return attempts.flatMap(([key, durationMs, end], at): StateRecord[] => {
    const began: StateRecord = {kind: 'began', node, key, at, attempt: at + 1, row: null};
    if (end === null) return [began];
    if (end === 'done') return [began, {kind: 'done', node, key, how: 'ran', at, durationMs, manifest: [], outputs: [], extent: {}}];
    const status = end === 'failed' || end === 'partial' ? end : 'interrupted';
    return [began, {kind: 'ended', node, key, at, durationMs, status, reason: '', message: ''}];
  });
}

const standingOf = (records: readonly StateRecord[]): Standing => records.reduce(standingAfter, noStanding);

test('a compacted journal says the same: attempts and time spent too, now and after further attempts', () => {
  fc.assert(
    fc.property(fc.array(attempt), fc.array(attempt), (before, after) => {
      const standing = standingOf(recordsFor(before));
      const compacted = recordsOf([standing]);
      expect(compacted.length).toBeLessThanOrEqual(2);
      expect(standingOf(compacted)).toEqual(standing);
      const later = recordsFor(after);
      expect(standingOf([...compacted, ...later])).toEqual(standingOf([...recordsFor(before), ...later]));
      const again = JSON.parse(JSON.stringify(recordsOf([standingOf(compacted)]))) as StateRecord[];
      expect(standingOf(again)).toEqual(standing);
    }),
  );
});
