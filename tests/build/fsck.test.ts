// `fsck` reads bytes: what is not what was recorded is found whatever its stat says, mended where the same bytes lie, and else never believed.
import {expect, test} from 'vitest';
import {examine, mend, type Examination} from '../../src/build/fsck.ts';
import {clean, findCleanable} from '../../src/build/clean.ts';
import {keepClaim} from '../../src/build/keep.ts';
import type {Session} from '../../src/build/session.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const [best, metrics] = [bestOf('x'), metricsOf('x')];

async function built(): Promise<StudyBench> {
  const bench = new StudyBench([study('x'), training('x')]);
  await bench.build();
  return bench;
}

function look(bench: StudyBench): {session: Session; examined: Examination} {
  bench.clock.advance(120_000);
  const session = bench.session();
  return {session, examined: examine(session, [session])};
}

test('what was recorded is sound, what is not there as a whole is no damage', async () => {
  const bench = await built();
  expect(look(bench).examined).toMatchObject({absent: 0, findings: [], torn: []});
  expect(look(bench).examined.sound).toBeGreaterThan(3);
  const {session} = look(bench);
  clean(session, findCleanable(session, session.graph.nodes));
  expect(look(bench).examined).toMatchObject({absent: 2, findings: []});
});

test('a file whose bytes changed under the same stat is found, and from then on no build takes it for what was recorded', async () => {
  const bench = await built();
  // What was written a moment ago is trusted by no stat.
  bench.clock.advance(60_000);
  const session = bench.session();
  session.world.digestOf(metrics);
  session.digests.save();
  bench.disk.rot(metrics, (bench.disk.readText(metrics) ?? '').replace('"loss":', '"l0ss":'));
  expect(bench.plan()[metrics]).toBe('stay');
  const {session: now, examined} = look(bench);
  expect(examined.findings).toMatchObject([{path: metrics, is: 'damaged', of: metrics, source: undefined}]);
  expect(mend(now, examined)).toMatchObject({mended: [], left: [{path: metrics}]});
  expect(bench.plan()[metrics]).not.toBe('stay');
});

test('a damaged or missing file is mended from the cache, the damaged one is kept, and nothing runs again', async () => {
  const bench = await built();
  const before = [best, metrics].map((path) => bench.disk.readText(path));
  const session = bench.session();
  for (const node of session.graph.nodes) keepClaim(session, node);
  bench.disk.write(best, 'damaged');
  bench.disk.write(metrics, 'damaged as well');
  const {session: now, examined} = look(bench);
  const {mended, left} = mend(now, examined);
  expect(left).toEqual([]);
  expect(mended.map(({path, source}) => [path, source?.startsWith('.ftsbuild/cache/')])).toEqual([
    [best, true],
    [metrics, true],
  ]);
  expect(mended.map(({keptAt = ''}) => bench.disk.readText(keptAt))).toEqual(['damaged', 'damaged as well']);
  expect([best, metrics].map((path) => bench.disk.readText(path))).toEqual(before);
  expect(bench.plan()).toEqual({[best]: 'stay', [metrics]: 'stay'});
  expect(look(bench).examined.findings).toEqual([]);
});

test('a database or a checkpoint that is gone is found beside the rest of its result', async () => {
  const bench = await built();
  bench.disk.remove('outputs/hpo/x/study.db');
  bench.disk.write('outputs/training/x/seed42/checkpoints/best.pt', 'other bytes');
  expect(look(bench).examined.findings).toMatchObject([{path: 'outputs/hpo/x/study.db', is: 'missing'}]);
});

/** Two pages, as SQLite heads them. */
function database(): Uint8Array {
  const bytes = new Uint8Array(8192);
  bytes.set(Buffer.from('SQLite format 3\0'));
  const view = new DataView(bytes.buffer);
  view.setUint16(16, 4096);
  for (const [at, value] of [
    [24, 7],
    [28, 2],
    [92, 7],
  ] as const)
    view.setUint32(at, value);
  return bytes;
}

test('a database whose end is missing is noticed by every look and made again; what other programs write into it is not asked', async () => {
  const bench = await built();
  const path = 'outputs/hpo/x/study.db';
  for (const whole of [database(), new Uint8Array([...database(), ...new Uint8Array(4096)])]) {
    bench.disk.write(path, whole);
    expect(bench.plan()[best]).toBe('stay');
  }
  for (const cut of [database().subarray(0, 4096), database().subarray(0, 50), new Uint8Array()]) {
    bench.disk.write(path, cut);
    expect(bench.forecastOf(best)).toMatchObject({will: 'run', verdict: {reason: {because: 'output_changed', path}}});
    expect(look(bench).examined.findings).toMatchObject([{path, is: 'damaged'}]);
    // Somebody is writing: what is missing may still be on its way.
    bench.disk.write(`${path}-wal`, 'pages');
    expect(bench.plan()[best]).toBe('stay');
    bench.disk.remove(`${path}-wal`);
  }
  expect((await bench.build()).outcomes.get(best)).toEqual({at: 'done', how: 'ran'});
});

test('what is damaged in the cache is never given back', async () => {
  const bench = await built();
  const {session} = look(bench);
  const [cleaned] = clean(session, findCleanable(session, session.graph.nodes));
  bench.disk.write(`${cleaned?.kept.movedTo ?? ''}/best_params.json`, 'damaged');
  const {session: now, examined} = look(bench);
  expect(examined.findings).toMatchObject([{is: 'damaged', of: `${best} in the cache`}]);
  expect(mend(now, examined).left).toHaveLength(1);
  expect(bench.plan()[best]).not.toBe('be_restored');
  expect(look(bench).examined.findings).toEqual([]);
});

test('what killed writers left is removed, what a person has is not', async () => {
  const bench = await built();
  const torn = ['.ftsbuild/.ftsbuild-0123456789ab.tmp', 'outputs/hpo/x/.best_params.json.4711', 'outputs/hpo/x/.ftsbuild-0123456789ab.tmp'];
  for (const path of [...torn, 'outputs/hpo/x/.mine.1', 'outputs/.ftsbuildrc']) bench.disk.write(path, 'half');
  const {session, examined} = look(bench);
  expect([...examined.torn].sort()).toEqual([...torn].sort());
  mend(session, examined);
  expect(look(bench).examined.torn).toEqual([]);
  expect(bench.disk.readText('outputs/hpo/x/.mine.1')).toBe('half');
});

test('a path that a record leads out of the workspace is neither read nor written', async () => {
  const bench = await built();
  const session = bench.session();
  const [node] = session.graph.nodes;
  const trace = node && session.store.standingOf(node.id).trace;
  if (trace === undefined) throw new Error('unreachable: it was built');
  bench.disk.write('/elsewhere/notes', 'mine');
  session.store.record({
    ...trace,
    outputs: [...trace.outputs, ['../elsewhere/notes' as (typeof trace.outputs)[0][0], trace.outputs[0]?.[1] ?? '']],
  });
  const {session: now, examined} = look(bench);
  expect(examined.findings).toEqual([]);
  mend(now, examined);
  expect(bench.disk.readText('/elsewhere/notes')).toBe('mine');
});
