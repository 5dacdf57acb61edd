// What is left of experiments that the study no longer has: found by the journal, taken into the cache, and back when they come back.
import {expect, test} from 'vitest';
import {collectOrphans, findOrphans, hasCandidates, type Orphan} from '../../src/build/orphans.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const script = {out: 'experiments/first/hpo_x.py', makes: () => 'x = 1\n'};
const others = {params: {subset: 0.5}};

/** A study that was built with the experiment x, and has only y now. */
async function dropped(): Promise<StudyBench> {
  const bench = new StudyBench([study('x'), training('x'), script, study('y', others)]);
  await bench.build();
  bench.steps = [study('y', others)];
  return bench;
}

function find(bench: StudyBench): readonly Orphan[] {
  const session = bench.session();
  return findOrphans(session, [session]);
}

test('results and scripts of a dropped experiment are found, and nothing of those that the study has', async () => {
  const bench = await dropped();
  expect(
    find(bench)
      .map(({rule, path}) => [rule, path])
      .sort(),
  ).toEqual([
    ['hpo', 'outputs/hpo/x'],
    ['script', script.out],
    ['training', 'outputs/training/x/seed42'],
  ]);
  const whole = new StudyBench([study('y')]);
  await whole.build();
  expect(hasCandidates(whole.session())).toBe(false);
});

test('what another study of the workspace has is no orphan', async () => {
  const bench = await dropped();
  const own = bench.session();
  bench.steps = [study('x'), training('x'), script];
  expect(findOrphans(own, [own, bench.session()])).toEqual([]);
});

test('what was collected comes back from the cache with its experiment, without running anything', async () => {
  const bench = await dropped();
  const before = [bestOf('x'), metricsOf('x')].map((path) => bench.disk.readText(path));
  const session = bench.session();
  const collected = collectOrphans(session, findOrphans(session, [session]));
  expect(collected.every(({kept}) => kept.movedTo.startsWith('.ftsbuild/cache/'))).toBe(true);
  expect(find(bench)).toEqual([]);
  expect(bench.disk.stat(script.out)).toBe('missing');
  expect(bench.disk.readText(bestOf('y'))).toBeDefined();
  bench.steps = [study('x'), training('x'), script, study('y', others)];
  bench.started.length = 0;
  const built = await bench.build();
  expect(bench.started).toEqual([]);
  expect(built.summary.restored).toBe(2);
  expect([bestOf('x'), metricsOf('x')].map((path) => bench.disk.readText(path))).toEqual(before);
  expect(bench.disk.readText(script.out)).toBe('x = 1\n');
});

test('what a person has edited is kept as it is', async () => {
  const bench = await dropped();
  bench.disk.write(script.out, 'x = 2\n');
  bench.disk.write(bestOf('x'), 'edited');
  const session = bench.session();
  const kept = collectOrphans(session, findOrphans(session, [session])).filter(({kept: {movedTo}}) =>
    movedTo.startsWith('.ftsbuild/kept/'),
  );
  expect(kept.map(({rule}) => rule).sort()).toEqual(['hpo', 'script']);
  const script2 = kept.find(({rule}) => rule === 'script');
  expect(bench.disk.readText(script2?.kept.movedTo ?? '')).toBe('x = 2\n');
});

test('a path that a record leads elsewhere is nobody’s', async () => {
  const bench = await dropped();
  const session = bench.session();
  const trace = session.store.standingOf(session.graph.nodes[0]!.id).trace!;
  for (const id of [
    'outputs/hpo/../../../victim/best_params.json',
    '.git/metrics.json',
    'experiments/.git/hooks/x.py',
    'notes/best_params.json',
  ]) {
    bench.disk.write(id, 'mine');
    session.store.record({...trace, node: id as typeof trace.node});
  }
  expect(
    find(bench)
      .map(({path}) => path)
      .sort(),
  ).toEqual(['experiments/first/hpo_x.py', 'outputs/hpo/x', 'outputs/training/x/seed42']);
});

test('results without a record are told by what they say of themselves, and kept when they are collected', async () => {
  const bench = await dropped();
  bench.disk.write('outputs/hpo/by_hand/best_params.json', '{"kind": "best_params"}');
  bench.disk.write('outputs/training/by_hand/seed1/metrics.json', '{"kind": "metrics"}');
  bench.disk.write('outputs/hpo/mine/best_params.json', '{"note": "my own"}');
  bench.disk.write('outputs/training/notes.txt', 'mine');
  const paths = find(bench).map(({path}) => path);
  expect(paths.filter((path) => path.includes('hand'))).toEqual(['outputs/hpo/by_hand', 'outputs/training/by_hand/seed1']);
  expect(paths.some((path) => path.includes('mine'))).toBe(false);
  const session = bench.session();
  const kept = collectOrphans(session, findOrphans(session, [session])).filter(({path}) => path.includes('hand'));
  expect(kept.map(({kept: {movedTo}}) => movedTo.startsWith('.ftsbuild/kept/unknown-'))).toEqual([true, true]);
});
