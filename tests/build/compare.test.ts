// Two versions of a study, judged by one state: what was made and stays costs nothing.
import {expect, test} from 'vitest';
import {compare, readVersion, type Comparison} from '../../src/build/compare.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {changed, tinyStudy} from '../support/command-line.ts';
import {StudyBench} from '../support/study-bench.ts';

async function comparedTo(text: string): Promise<Comparison> {
  const clock = handClock();
  const bench = new StudyBench({disk: memoryDisk({}, clock), clock, packageRoot: '/package'}, 'experiments.yaml');
  bench.site.disk.write('experiments.yaml', tinyStudy);
  await bench.build();
  const before = await readVersion(bench.session());
  bench.site.disk.write('experiments.yaml', text);
  return compare(before, await readVersion(bench.session()));
}

test('of a study that was built, what a change makes stale is told from fresh to stale, and only that is paid', async () => {
  const {experiments, drops} = await comparedTo(changed(tinyStudy, 'training: {seeds: [42]}', 'training: {seeds: [42], epochs: 2}'));
  expect(experiments.map(({nodes}) => nodes.map(({node, before, after}) => [node.rule, before, after]))).toEqual(
    Array.from({length: 3}, () => [['training', 'fresh', 'stale']]),
  );
  expect(experiments.flatMap(({nodes}) => nodes.flatMap(({changes}) => changes.map(({name}) => name)))).toContain('param epochs');
  expect(drops.ms).toBe(0);
});

test('another seed is a new training beside one that stays', async () => {
  const {experiments} = await comparedTo(changed(tinyStudy, 'seeds: [42]', 'seeds: [42, 43]'));
  expect(experiments.flatMap(({nodes}) => nodes.map(({node, how}) => [node.label, how]))).toEqual(
    ['up1', 'up3', 'up2'].map((task) => [`training tiny_3K_h3_${task} seed 43`, 'new']),
  );
});

test('a changed title, estimate or pool is no difference', async () => {
  const text = changed(tinyStudy, '3K: {params: 3K, estimate: {trial: 1s, training: 1s}}', '3K: {params: 3K, estimate: {trial: 1h}}');
  expect((await comparedTo(`project: other\nresources: {cpu: 1}\n${text}`)).experiments).toEqual([]);
});
