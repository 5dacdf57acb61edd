// Results outlive the journal: who finds them with today's key on them, whole, need not make them again.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {invalidate} from '../../src/build/invalidate.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {plainReporter} from '../../src/ui/plain.ts';
import {bestOf, identityOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const out = bestOf('x');
const steps = [study('x'), training('x')];

/** The outputs of a build, where nothing else of its workspace is. */
async function withoutState(): Promise<StudyBench> {
  const bench = new StudyBench(steps);
  await bench.build();
  return copyOf(bench);
}

function copyOf(bench: StudyBench): StudyBench {
  const copy = new StudyBench(bench.steps);
  for (const [path, text] of Object.entries(bench.filesIn('outputs'))) copy.disk.write(path, text);
  return copy;
}

function change(bench: StudyBench, to: JsonObject): void {
  bench.disk.write(out, JSON.stringify({...(JSON.parse(bench.disk.readText(out)!) as JsonObject), ...to}));
}

test('results that carry today’s key are recognised where the journal is gone', async () => {
  const copy = await withoutState();
  const before = copy.filesIn('outputs');
  expect(copy.plan()).toEqual({[out]: 'stay', [metricsOf('x')]: 'stay'});
  expect((await copy.build()).summary).toMatchObject({recognised: 2, ran: 0});
  expect([copy.started, copy.filesIn('outputs')]).toEqual([[], before]);
  expect((await copy.build()).summary).toMatchObject({fresh: 2, recognised: 0});
});

test('results of another key are not, but are kept aside, and the message says how to take them', async () => {
  const copy = await withoutState();
  copy.steps = [study('x', {params: {subset: 0.3}})];
  const lines: string[] = [];
  const print = (line: string): number => lines.push(line);
  const report = plainReporter({level: 'normal', paint: plainPaint, print});
  await copy.build({onEvent: report});
  expect(copy.started).toEqual([out]);
  expect(lines.join('\n')).toMatch(/kept: .* \.ftsbuild\/kept\/unknown-.*ftsbuild adopt outputs\/hpo\/x --reason/);
});

test.each<[string, (copy: StudyBench) => void]>([
  ['has fewer trials than are wanted', (copy) => (copy.steps = [study('x', {trials: 5})])],
  ['was cut', (copy) => change(copy, {status: 'partial'})],
  ['is of another experiment', (copy) => change(copy, {identity: {...identityOf('y')}})],
  ['breaks the schema', (copy) => change(copy, {value: 'low'})],
  ['lacks its database', (copy) => copy.disk.remove('outputs/hpo/x/study.db')],
  ['is empty', (copy) => copy.disk.write(out, '')],
  ['carries almost the key', (copy) => change(copy, {key: '0'.repeat(64)})],
])('a search that %s is not recognised by its stamp', async (_, spoil) => {
  const copy = await withoutState();
  spoil(copy);
  await copy.build({targets: [out]});
  expect(copy.started).toEqual([out]);
});

test('what the journal knows goes before the stamp: an edited result is not taken for whole', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  change(bench, {value: 0.1});
  expect(bench.plan()).toEqual({[out]: 'run'});
});

test('a result that was declared wrong is not recognised from a copy that was made before', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  const files = bench.filesIn('outputs');
  bench.clock.advance(60_000);
  const session = bench.session();
  invalidate(session, [session.graph.get(nodeId(out))], 'faulty memory');
  for (const [path, text] of Object.entries(files)) bench.disk.write(path, text);
  expect(bench.plan()).toEqual({[out]: 'run'});
});
