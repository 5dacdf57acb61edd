// What gc chooses: never what a current target needs, never what lies in its place, otherwise the longest unused first.
import {expect, test} from 'vitest';
import {chooseRemovals, findNeeds, type Collection, type Limits} from '../../src/build/gc.ts';
import {nodeId} from '../../src/base/ids.ts';
import {trialContextOf} from '../../src/build/trial-cache.ts';
import {invalidate} from '../../src/build/invalidate.ts';
import type {Step} from '../support/bench.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const day = 86_400_000;
const none: Limits = {maxBytes: undefined, olderThanMs: undefined};

/** A study that was built under each of these shares in turn, a day apart; the last one is today's. */
async function history(...shares: readonly number[]): Promise<StudyBench> {
  const bench = new StudyBench([study('x')]);
  for (const subset of shares) {
    bench.clock.advance(day);
    bench.steps[0] = study('x', {params: {subset}});
    await bench.build();
  }
  return bench;
}

async function choose(bench: StudyBench, limits: Partial<Limits>): Promise<Collection> {
  return chooseRemovals(bench.disk, await findNeeds([bench.session()]), {...none, ...limits}, bench.clock.now());
}

test('without a limit everything stays', async () => {
  const bench = await history(0.1, 0.2, 0.3);
  const {remove, stay} = await choose(bench, {});
  expect([remove.length, stay.length]).toEqual([0, 2]);
});

test('a size is reached by removing the longest unused first', async () => {
  const bench = await history(0.1, 0.2, 0.3, 0.4);
  const [oldest, second, third] = (await choose(bench, {})).stay;
  const {remove, stay} = await choose(bench, {maxBytes: third!.bytes + second!.bytes});
  expect(remove.map(({path}) => path)).toEqual([oldest!.path]);
  expect(stay.map(({path}) => path)).toEqual([second!.path, third!.path]);
  expect((await choose(bench, {maxBytes: 0})).remove).toHaveLength(3);
});

test('an age takes what was not used for so long, with old events, hardware logs and job files', async () => {
  const bench = await history(0.1, 0.2, 0.3, 0.4);
  bench.disk.write('.ftsbuild/events/now.ndjson', '');
  bench.disk.write('.ftsbuild/hardware/now.csv', '');
  bench.clock.advance(day);
  const {remove} = await choose(bench, {olderThanMs: 1.5 * day});
  expect(remove.map(({what}) => what)).toEqual([bestOf('x'), bestOf('x')]);
  bench.clock.advance(40 * day);
  expect((await choose(bench, {olderThanMs: 30 * day})).remove.map(({path}) => path.split('/')[1])).toEqual([
    'cache',
    'cache',
    'cache',
    'events',
    'hardware',
    'jobs',
  ]);
});

test('what today’s targets would take back is never removed, however old and large', async () => {
  const bench = await history(0.1, 0.2);
  bench.steps[0] = study('x', {params: {subset: 0.1}});
  bench.clock.advance(1000 * day);
  const {remove, needed} = await choose(bench, {maxBytes: 0, olderThanMs: day});
  expect(needed).toHaveLength(1);
  expect(remove.every(({path}) => !path.startsWith('.ftsbuild/cache'))).toBe(true);
  for (const {path} of remove) bench.disk.remove(path);
  expect((await bench.build()).summary.restored).toBe(1);
});

/** A search whose script is rendered; what differs from name to name are its constants. */
function withScript(name: string, subset: number): readonly Step[] {
  const path = `experiments/hpo_${name}.py`;
  const text = `# --- Experiment configuration ---\nEXPERIMENT = '${name}'\n# --- Data validation ---\nsearch()\n`;
  const script = {path, part: {of: 'script_code'}, role: 'script'} as const;
  return [
    {out: path, makes: () => text},
    {...study(name, {params: {subset}}), in: [script]},
  ];
}

test('nor what they would take back under another name, whose script is still to be rendered', async () => {
  const bench = new StudyBench(withScript('x', 0.1));
  for (const steps of [withScript('x', 0.1), withScript('x', 0.2)]) {
    bench.steps.splice(0, 2, ...steps);
    await bench.build();
  }
  bench.steps.splice(0, 2, ...withScript('y', 0.1));
  const {remove, needed} = await choose(bench, {maxBytes: 0});
  expect([remove.map(({kind}) => kind).filter((kind) => kind === 'results'), needed.map(({what}) => what)]).toEqual([[], [bestOf('x')]]);
});

test('nor what one of several studies in the workspace that are looked at needs', async () => {
  const bench = await history(0.1, 0.2);
  const other = new StudyBench([study('x', {params: {subset: 0.1}})]);
  const needs = await findNeeds([bench.session(), other.session()]);
  expect(chooseRemovals(bench.disk, needs, {...none, maxBytes: 0}, bench.clock.now()).needed).toHaveLength(1);
});

test('while a key is not known before something has run, all entries of its node stay', async () => {
  const bench = new StudyBench([study('x', {params: {subset: 0.1}}), training('x', {params: {epochs: 1}})]);
  await bench.build();
  bench.steps[1] = training('x', {params: {epochs: 2}});
  await bench.build();
  expect((await choose(bench, {maxBytes: 0})).needed).toHaveLength(0);
  bench.steps[0] = study('x', {params: {subset: 0.7}});
  expect((await choose(bench, {maxBytes: 0})).needed.map(({what}) => what)).toEqual([metricsOf('x')]);
});

test('invalid and half-copied results are needed by nobody', async () => {
  const bench = await history(0.1);
  const session = bench.session();
  invalidate(session, [session.graph.get(nodeId(bestOf('x')))], 'wrong');
  bench.disk.write('.ftsbuild/staging/abc/best_params.json', '{}');
  expect((await choose(bench, {maxBytes: 0})).remove.map(({what}) => what)).toEqual([
    `${bestOf('x')} (invalid)`,
    'a copy that was not finished: abc',
  ]);
});

const folderOf = (context: string): string => `.ftsbuild/trials/${context}`;

/** Results of trials under the context of the bench's search and under another one, the other one used later. */
function withTrials(bench: StudyBench): {own: string; other: string} {
  const entry = bench.forecastOf(bestOf('x'));
  const [own, other] = [folderOf(trialContextOf(bench.session(), entry.verdict.manifest)), folderOf('b'.repeat(64))];
  bench.disk.write(`${own}/one.json`, 'the result of a trial');
  bench.clock.advance(day);
  bench.disk.write(`${other}/two.json`, 'another');
  return {own, other};
}

test('results of trials go last by size, and by the age of their last use', async () => {
  const bench = await history(0.1, 0.2);
  const {own, other} = withTrials(bench);
  bench.clock.advance(day);
  const [superseded] = (await choose(bench, {})).stay;
  expect((await choose(bench, {})).stay.map(({kind}) => kind)).toEqual(['results', 'trials', 'trials']);
  expect((await choose(bench, {maxBytes: 30})).remove.map(({path}) => path)).toEqual([superseded!.path]);
  expect((await choose(bench, {maxBytes: 10})).remove.map(({path}) => path)).toEqual([superseded!.path, own]);
  expect((await choose(bench, {maxBytes: 0})).remove.map(({path}) => path)).toEqual([superseded!.path, own, other]);
  expect((await choose(bench, {olderThanMs: 1.5 * day})).remove.map(({path}) => path)).toContain(own);
  expect((await choose(bench, {olderThanMs: 1.5 * day})).remove.map(({path}) => path)).not.toContain(other);
});

test('results of trials that a search would look up stay while it is to run', async () => {
  const bench = await history(0.1);
  bench.steps[0] = study('x', {params: {subset: 0.7}});
  const {own, other} = withTrials(bench);
  expect((await choose(bench, {maxBytes: 0})).needed.map(({path}) => path)).toEqual([own]);
  expect((await choose(bench, {maxBytes: 0})).remove.map(({path}) => path)).toContain(other);
  await bench.build();
  expect((await choose(bench, {maxBytes: 0})).remove.map(({path}) => path)).toContain(own);
});

test('while what a search reads is not there yet, all results of trials stay', async () => {
  const bench = new StudyBench([
    {out: 'x.py', params: {version: 1}},
    {...study('x'), in: ['x.py']},
  ]);
  withTrials(bench);
  expect((await choose(bench, {maxBytes: 0})).needed).toHaveLength(2);
  await bench.build();
  expect((await choose(bench, {maxBytes: 0})).needed).toHaveLength(0);
});

test('while it is not known who needs what, no result and no trial goes, but what nobody can need does', async () => {
  const bench = await history(0.1, 0.2);
  withTrials(bench);
  const session = bench.session();
  invalidate(session, [session.graph.get(nodeId(bestOf('x')))], 'wrong');
  bench.disk.write('.ftsbuild/kept/edited-1/a', 'by hand');
  const chosen = chooseRemovals(bench.disk, 'unknown', {...none, maxBytes: 0}, bench.clock.now());
  expect(chosen.remove.map(({what}) => what)).toEqual([`${bestOf('x')} (invalid)`, 'kept aside: edited-1']);
  expect(chosen.needed.map(({kind}) => kind)).toEqual(['results', 'trials', 'trials']);
});
