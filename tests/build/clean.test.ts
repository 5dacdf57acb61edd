// `clean` takes results away and loses none: the next build puts back what it needs without running anything.
import {expect, test} from 'vitest';
import {clean, findCleanable} from '../../src/build/clean.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

function cleaned(bench: StudyBench): ReturnType<typeof clean> {
  const session = bench.session();
  return clean(session, findCleanable(session, session.graph.nodes));
}

test('what was cleaned is put back by the next build, byte for byte, without running anything', async () => {
  const bench = new StudyBench([study('x'), training('x')]);
  await bench.build();
  const paths = [bestOf('x'), metricsOf('x')];
  const before = paths.map((path) => bench.disk.readText(path));
  expect(cleaned(bench).map(({path}) => path)).toEqual(['outputs/hpo/x', 'outputs/training/x/seed42']);
  expect(paths.map((path) => bench.disk.readText(path))).toEqual([undefined, undefined]);
  expect(bench.plan()).toEqual({[bestOf('x')]: 'be_restored', [metricsOf('x')]: 'be_restored'});
  bench.started.length = 0;
  const built = await bench.build();
  expect(bench.started).toEqual([]);
  expect(built.summary).toMatchObject({ran: 0, restored: 2});
  expect(paths.map((path) => bench.disk.readText(path))).toEqual(before);
});

test('what a person has edited, or nobody knows, is kept as it is when it is cleaned', async () => {
  const bench = new StudyBench([study('x'), study('y', {params: {subset: 0.5}})]);
  await bench.build({targets: [bestOf('x')]});
  bench.disk.write(bestOf('x'), 'edited by hand');
  bench.disk.write(bestOf('y'), 'from somewhere');
  const kept = cleaned(bench).map(({kept: {movedTo}}) => movedTo);
  expect(kept.every((path) => path.startsWith('.ftsbuild/kept/'))).toBe(true);
  expect(kept.map((path) => bench.disk.readText(`${path}/best_params.json`))).toEqual(['edited by hand', 'from somewhere']);
});

test('a second clean finds nothing', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  expect(cleaned(bench)).toHaveLength(1);
  expect(cleaned(bench)).toEqual([]);
});
