// What a person says about results: that they hold as they lie there, or that they are wrong. Checked, recorded, and shown.
import {createHash} from 'node:crypto';
import {expect, test} from 'vitest';
import type {Json, JsonObject} from '../../src/base/json.ts';
import {nodeId, projectPath} from '../../src/base/ids.ts';
import {jobFilesOf} from '../../src/build/job-file.ts';
import {openPricer} from '../../src/build/price.ts';
import type {Step} from '../support/bench.ts';
import {adopt, type Adoption} from '../../src/build/adopt.ts';
import {invalidate} from '../../src/build/invalidate.ts';
import {findParts} from '../../src/state/python-parts.ts';
import {journalPath} from '../../src/state/store.ts';
import {noStanding, recordsOf, standingAfter} from '../../src/state/trace.ts';
import {findCautions} from '../../src/results/cautions.ts';
import {describeForecast} from '../../src/ui/reasons.ts';
import {forecast, showAll} from '../../src/build/verdicts.ts';
import {sampleInput} from '../results/samples.ts';
import {sampleBestParams} from '../support/samples.ts';
import {bestOf, identityOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const out = bestOf('x');
const wide = {subset: 1};
const narrow = {subset: 0.3};

/** Results of `x` that came from somewhere else. */
function found(change: JsonObject = {}): StudyBench {
  const bench = new StudyBench([study('x'), training('x')]);
  const result = {...sampleBestParams('a'.repeat(64)), identity: identityOf('x'), ...change};
  bench.disk.write(out, JSON.stringify(result));
  bench.disk.write('outputs/hpo/x/study.db', 'a database from elsewhere');
  return bench;
}

function adoptIn(bench: StudyBench, target = out, reason = 'made on the big machine'): Promise<Adoption> {
  const session = bench.session();
  return adopt(session, session.graph.get(nodeId(target)), reason);
}

test('an adopted result is fresh under today’s key, which is stamped into it, and its reason is shown', async () => {
  const bench = found();
  const adoption = await adoptIn(bench);
  expect(adoption).toMatchObject({is: 'adopted'});
  const {key} = JSON.parse(bench.disk.readText(out)!) as {key: string};
  expect(adoption).toMatchObject({key});
  const built = await bench.build();
  expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'fresh'});
  expect(bench.started).toEqual([metricsOf('x')]);
  const session = bench.session();
  expect(session.store.standingOf(nodeId(out)).trace).toMatchObject({how: 'adopted', reason: 'made on the big machine', key});
  const entry = forecast(session, [session.graph.get(nodeId(out))]).get(nodeId(out))!;
  expect(describeForecast(entry)).toBe('fresh: adopted (made on the big machine)');
  expect(await adoptIn(bench)).toEqual({is: 'fresh'});
});

test.each<[string, JsonObject, RegExp]>([
  ['of another experiment', {identity: {...identityOf('y')}}, /experiment is "y", not "x"/],
  ['of a shape that is not the schema’s', {status: 'great'}, /status/],
  ['without a parameter that is searched', {params: {}}, /params lack learning_rate/],
  ['of a search that was cut', {status: 'partial'}, /partial/],
  ['with fewer trials than are wanted', {trials: {expected: 2, ended: 2, complete: 2, pruned: 0, failed: 0}}, /2 of the 3 trials/],
])('a result %s is refused, with what differs, and nothing is written', async (_, change, message) => {
  const bench = found(change);
  const before = bench.disk.texts();
  expect(await adoptIn(bench)).toMatchObject({is: 'refused', problems: [expect.stringMatching(message)]});
  expect(bench.disk.texts()).toEqual(before);
});

test('nothing is adopted where an output or an input is missing', async () => {
  const bench = found();
  bench.disk.remove('outputs/hpo/x/study.db');
  expect(await adoptIn(bench)).toEqual({is: 'refused', problems: ['outputs/hpo/x/study.db is missing']});
  const empty = new StudyBench([study('x'), training('x')]);
  expect(await adoptIn(empty, metricsOf('x'))).toMatchObject({
    is: 'refused',
    problems: [expect.stringMatching(/best_params\.json.* is missing/)],
  });
});

test('a change makes an adopted result stale as any other, and undoing it restores it as adopted', async () => {
  const bench = found();
  await adoptIn(bench);
  bench.steps[0] = study('x', {params: narrow});
  await bench.build({targets: [out]});
  bench.steps[0] = study('x');
  expect((await bench.build({targets: [out]})).summary.restored).toBe(1);
  expect(bench.session().store.standingOf(nodeId(out)).trace).toMatchObject({how: 'adopted', reason: 'made on the big machine'});
});

test('results that are adopted under another key remain those of their own: undoing the edit gives them back, and redoing it the adopted ones', async () => {
  const trained = metricsOf('x');
  const bench = new StudyBench([study('x', {params: wide}), training('x', {params: wide})]);
  await bench.build();
  const before = bench.filesIn('outputs');
  bench.steps = [study('x', {params: narrow}), training('x', {params: narrow})];
  for (const target of [out, trained]) expect(await adoptIn(bench, target)).toMatchObject({is: 'adopted'});
  const adopted = bench.filesIn('outputs');
  for (const [params, files] of [
    [wide, before],
    [narrow, adopted],
    [wide, before],
  ] as const) {
    bench.steps = [study('x', {params}), training('x', {params})];
    expect((await bench.build()).summary).toMatchObject({restored: 2, ran: 0});
    for (const path of [out, trained]) expect(bench.disk.readText(path)).toBe(files[path]);
  }
  expect(bench.started).toEqual([out, trained]);
  expect(Object.keys(bench.filesIn('.ftsbuild/cache')).filter((path) => path.endsWith('entry.json'))).toHaveLength(2);
  expect(bench.filesIn('.ftsbuild/staging')).toEqual({});
});

test('an edited result is adopted without a claim on the key of what it was', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  bench.disk.write(out, bench.disk.readText(out)!.replace('0.001', '0.0009'));
  await adoptIn(bench);
  expect(bench.filesIn('.ftsbuild/cache')).toEqual({});
});

test('the report names what was adopted, with the reason', async () => {
  const bench = found();
  await adoptIn(bench);
  const session = bench.session();
  const shown = showAll(session, {...session.graph.get(nodeId(out)), collects: [nodeId(out)]});
  expect(shown.get(nodeId(out))).toMatchObject({at: 'current', adopted: 'made on the big machine'});
  const cautions = findCautions({...sampleInput(), adopted: [{result: 'hpo x', reason: 'made on the big machine'}]});
  expect(cautions.join('\n')).toContain('1 result was adopted, not made by this program: hpo x (made on the big machine).');
});

test('an invalid result counts no more, nor does anything built on it, and nothing gives it back', async () => {
  const bench = new StudyBench([study('x'), training('x'), study('z', {params: narrow})]);
  await bench.build();
  const session = bench.session();
  const done = invalidate(session, [session.graph.get(nodeId(out))], 'the memory was faulty');
  expect(done.map(({node, reason}) => [node.id, reason])).toEqual([
    [out, 'the memory was faulty'],
    [metricsOf('x'), `built on ${out}, which is invalid: the memory was faulty`],
  ]);
  expect(bench.disk.stat(out)).toBe('missing');
  expect(Object.keys(bench.filesIn('.ftsbuild/cache')).some((path) => path.endsWith('best_params.json'))).toBe(true);
  expect(bench.plan()).toEqual({[out]: 'run', [metricsOf('x')]: 'follow', [bestOf('z')]: 'stay'});
  const after = bench.session();
  const shown = showAll(after, {
    ...after.graph.get(nodeId(out)),
    collects: [nodeId(out), metricsOf('x'), bestOf('z')].map((id) => nodeId(id)),
  });
  expect([...shown.values()].map(({at}) => at)).toEqual(['invalid', 'invalid', 'current']);
  bench.started.length = 0;
  const built = await bench.build();
  expect(bench.started).toEqual([out, metricsOf('x')]);
  expect(built.summary).toMatchObject({ran: 2, restored: 0, fresh: 1});
  expect((await bench.build()).summary.fresh).toBe(3);
});

test('a result of the same key under another name is the same result, and as wrong', async () => {
  const bench = new StudyBench([study('x'), study('y')]);
  await bench.build();
  const session = bench.session();
  const done = invalidate(session, [session.graph.get(nodeId(bestOf('y')))], 'wrong prices');
  expect(done.map(({node}) => node.id)).toEqual([out, bestOf('y')]);
  expect(bench.plan()).toEqual({[out]: 'run', [bestOf('y')]: 'be_restored'});
});

test('what is invalid stays so through a compacted journal, and superseded results of its key are invalid too', async () => {
  const bench = new StudyBench([study('x', {params: wide})]);
  await bench.build();
  const session = bench.session();
  invalidate(session, [session.graph.get(nodeId(out))], 'wrong');
  const kept = recordsOf([session.store.standingOf(nodeId(out))]);
  expect(kept.reduce(standingAfter, noStanding)).toMatchObject({trace: undefined, invalid: {reason: 'wrong'}});
  bench.steps[0] = study('x', {params: narrow});
  await bench.build();
  bench.steps[0] = study('x', {params: wide});
  expect(bench.plan()).toEqual({[out]: 'run'});
  await bench.build();
  expect(bench.started).toHaveLength(3);
});

/** Says that the results of `target` are wrong. */
function disown(bench: StudyBench, target: string): void {
  const session = bench.session();
  invalidate(session, [session.graph.get(nodeId(target))], 'wrong');
}

test('a training that was superseded, and was built on an earlier state of a search that is wrong, does not come back', async () => {
  const trained = metricsOf('x');
  const bench = new StudyBench([study('x', {trials: 3}), training('x')]);
  await bench.build();
  bench.steps[0] = study('x', {trials: 5});
  bench.succeed(out, {params: {learning_rate: 0.0009}});
  await bench.build();
  disown(bench, out);
  // The new run finds what the first one had found: the key of the first training is that of today again.
  bench.succeed(out);
  const built = await bench.build();
  expect(built.outcomes.get(trained)).toEqual({at: 'done', how: 'ran'});
  expect(bench.started).toEqual([out, trained, out, trained, out, trained]);
});

test('a search that was superseded, and was made from data that are wrong, does not come back', async () => {
  const path = 'data/x.parquet';
  const digest = createHash('sha256').update('prices').digest('hex');
  const data: Step = {out: path, pool: 'cpu', job: {rule: 'data', output: projectPath(path), logFile: projectPath('data/x.parquet.log')}};
  const search = (params: Readonly<Record<string, Json>>): Step => ({...study('x', {params}), in: [path]});
  const bench = new StudyBench([data, search(wide)]);
  const entry = {kind: 'dataset', path, sha256: digest, md5: 'm', rows: 9, columns: {}};
  bench.jobs.set(path, () => ({
    progress: [{event: 'result', status: 'success', reason: null, message: null}],
    ending: {how: 'exited', status: 0},
    files: {[path]: 'prices', [jobFilesOf(nodeId(path)).result]: JSON.stringify(entry)},
  }));
  const {provenance} = sampleBestParams('');
  bench.succeed(out, {provenance: {...provenance, data: {...provenance.data, sha256: digest}}});
  await bench.build();
  bench.steps[1] = search(narrow);
  await bench.build();
  disown(bench, path);
  bench.steps[1] = search(wide);
  await bench.build();
  expect(bench.started).toEqual([out, out, out]);
});

test('a wrong result does not come back from an experiment that the study no longer has', async () => {
  const bench = new StudyBench([study('old')]);
  await bench.build();
  bench.steps[0] = study('x');
  bench.succeed(out);
  await bench.build();
  expect(bench.started).toEqual([bestOf('old')]);
  disown(bench, out);
  await bench.build();
  expect(bench.started).toEqual([bestOf('old'), out]);
});

test('unfinished work of the key of a wrong search is not gone on with, in another study of the workspace either', async () => {
  const bench = new StudyBench([study('other')]);
  bench.cut(bestOf('other'));
  await bench.build();
  bench.steps[0] = study('x');
  bench.succeed(out);
  await bench.build();
  disown(bench, out);
  bench.steps[0] = study('other');
  let found: string | undefined;
  bench.goOn(bestOf('other'), () => (found = bench.disk.readText('outputs/hpo/other/study.db')));
  await bench.build();
  expect([bench.started, found]).toEqual([[bestOf('other'), out, bestOf('other')], undefined]);
});

test('of a key that was declared wrong only what was made afterwards is shared, whoever made it and after a compaction too', async () => {
  const bench = new StudyBench([study('other')]);
  await bench.build();
  const session = bench.session();
  const {key} = session.store.standingOf(nodeId(bestOf('other'))).trace!;
  // Nothing is said of the node itself: only its key was found to be wrong.
  session.store.record({kind: 'disowned', node: nodeId(bestOf('third')), key, at: session.clock.now()});
  for (let count = 0; count < 600; count++)
    session.store.record({kind: 'began', node: nodeId('script'), key, at: 0, attempt: count, row: null});
  session.store.compact();
  expect(bench.disk.readText(journalPath)!.split('\n').length).toBeLessThan(10);
  bench.steps[0] = study('x');
  expect(bench.plan()).toEqual({[out]: 'run'});
  bench.succeed(out);
  await bench.build();
  bench.steps[0] = study('y');
  expect((await bench.build()).summary).toMatchObject({restored: 1, ran: 0});
});

test('the trials of a search that is wrong are looked up no more', async () => {
  const bench = new StudyBench([study('x')]);
  const contexts: string[] = [];
  for (let round = 0; round < 3; round++) {
    await bench.build();
    contexts.push((bench.jobOf(out) as unknown as {trial_cache: {context: string}}).trial_cache.context);
    disown(bench, out);
  }
  expect(new Set(contexts).size).toBe(3);
});

test('what is wrong takes nothing with it that was not built on it', async () => {
  const bench = new StudyBench([study('x', {params: wide}), training('x')]);
  await bench.build();
  bench.steps[0] = study('x', {params: narrow});
  bench.succeed(out, {params: {learning_rate: 0.0009}});
  await bench.build();
  disown(bench, out);
  bench.steps[0] = study('x', {params: wide});
  expect((await bench.build()).summary).toMatchObject({restored: 2, ran: 0});
});

test('an adopted search that is given more trials goes on: its job is told to take the study over', async () => {
  const bench = found();
  await adoptIn(bench);
  bench.steps[0] = study('x', {trials: 5});
  let order: Record<string, unknown> = {};
  let present: string | undefined;
  bench.jobs.set(out, () => {
    order = bench.jobOf(out);
    present = bench.disk.readText('outputs/hpo/x/study.db');
    return {ending: {how: 'exited', status: 1}};
  });
  await bench.build({targets: [out]});
  expect([order['takes_over'], present]).toEqual([true, 'a database from elsewhere']);
  await bench.build({targets: [out]});
  expect(order['takes_over']).toBe(true);
  bench.succeed(out);
  await bench.build({targets: [out]});
  bench.steps[0] = study('x', {trials: 7});
  await bench.build({targets: [out]});
  expect((bench.jobOf(out) as unknown as Record<string, unknown>)['takes_over']).toBe(false);
});

test('an adopted search is recorded with all the trials that it has; of what a trial costs here it teaches nothing', async () => {
  const bench = found({trials: {expected: 4, ended: 4, complete: 4, pruned: 0, failed: 0}, duration_seconds: 80});
  await adoptIn(bench);
  const session = bench.session();
  expect(session.store.standingOf(nodeId(out)).trace).toMatchObject({
    durationMs: 80_000,
    effort: {rule: 'hpo', trials: 4},
    extent: {trials: 4},
  });
  bench.steps[0] = study('x', {trials: 6});
  const later = bench.session();
  const forecasts = forecast(later, later.graph.nodes);
  expect(openPricer(later, forecasts)(later.graph.get(nodeId(out)))).toBe('unknown');
});

test('of an adopted result `why` knows the functions that it was made with', async () => {
  const bench = found();
  bench.disk.write('/package/fts/search.py', 'def draw():\n    return 1\n');
  bench.steps[0] = {...study('x'), code: ['fts.search']};
  await adoptIn(bench);
  const {manifest} = bench.session().store.standingOf(nodeId(out)).trace!;
  const digest = manifest.find(([name]) => name === 'code fts/search.py')?.[1] ?? '';
  expect([...(findParts(bench.disk, digest)?.keys() ?? [])]).toContain('draw');
});
