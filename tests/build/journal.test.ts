// What a build makes of a journal that was cut off, or that an earlier version wrote.
import {expect, test} from 'vitest';
import type {JobWork} from '../../src/graph/node.ts';
import {journalPath, openStore} from '../../src/state/store.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const out = bestOf('x');
const steps = [study('x'), training('x')];
const loose = [{expression: 'val_loss < 0.9', severity: 'fail', span: undefined}] as never as JobWork['checks'];

/** A workspace with a bit of everything behind it: runs, a change, a restored result, a failed attempt. */
async function lived(): Promise<StudyBench> {
  const bench = new StudyBench(steps);
  await bench.build();
  bench.steps = [study('x', {params: {subset: 0.5}}), training('x')];
  bench.cut(out);
  await bench.build();
  bench.steps = [...steps];
  await bench.build();
  bench.succeed(out);
  return bench;
}

/** The same files, with another journal. */
function withJournal(bench: StudyBench, journal: Uint8Array): StudyBench {
  const copy = new StudyBench(bench.steps);
  copy.clock.advance(1_000_000);
  for (const [path, text] of Object.entries(bench.disk.texts())) copy.disk.write(path, text);
  copy.disk.write(journalPath, journal);
  return copy;
}

test('cut at every byte the journal loads, and after every record the next build is right and pays at most for what was forgotten', async () => {
  const bench = await lived();
  const bytes = bench.disk.readBytes(journalPath) ?? new Uint8Array();
  expect(bytes.filter((byte) => byte === 0x0a).length).toBeGreaterThan(8);
  const other = withJournal(bench, bytes);
  for (let length = 0; length <= bytes.length; length++) {
    other.disk.write(journalPath, bytes.subarray(0, length));
    expect(openStore(other.disk).ok).toBe(true);
  }
  for (let length = 0; length <= bytes.length; length++) {
    if (length > 0 && length < bytes.length && bytes[length - 1] !== 0x0a) continue;
    const cut = withJournal(bench, bytes.subarray(0, length));
    const built = await cut.build();
    expect([length, built.summary.failed, built.outcomes.get(metricsOf('x'))?.at]).toEqual([length, [], 'done']);
    expect(cut.started.length).toBeLessThanOrEqual(2);
    expect((await cut.build()).summary).toMatchObject({fresh: 2, ran: 0});
  }
});

test('a journal of the first version, without what later ones record, is judged as it was', async () => {
  const bench = await lived();
  const later = ['effort', 'reason', 'from', 'checked', 'warned', 'foreign', 'conditions', 'carried'];
  const text = (bench.disk.readText(journalPath) ?? '').split('\n').map((line, number) => {
    if (number === 0 || line === '') return line;
    const record = JSON.parse(line) as Record<string, unknown>;
    return JSON.stringify(
      Object.fromEntries(Object.entries(record).filter(([name]) => record['kind'] !== 'done' || !later.includes(name))),
    );
  });
  const old = withJournal(bench, new TextEncoder().encode(text.join('\n')));
  expect(old.plan()).toEqual({[out]: 'stay', [metricsOf('x')]: 'stay'});
  old.steps = [study('x', {checks: loose}), training('x')];
  expect((await old.build()).summary).toMatchObject({fresh: 2, ran: 0, failed: []});
  const {trace} = old.session().store.standingOf(out as never);
  expect(trace?.checked).toMatch(/^[0-9a-f]{64}$/);
});
