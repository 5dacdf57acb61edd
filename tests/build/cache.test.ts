// Results that were made once come back when their key does: nothing is run again, nothing is lost.
import {createHash} from 'node:crypto';
import {expect, test} from 'vitest';
import {nodeId, projectPath} from '../../src/base/ids.ts';
import {jobFilesOf} from '../../src/build/job-file.ts';
import type {Step} from '../support/bench.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const out = bestOf('x');
const wide = {subset: 1};
const narrow = {subset: 0.3};

test('undoing a change gives the old results back, byte for byte, without a job', async () => {
  const bench = new StudyBench([study('x', {params: wide})]);
  await bench.build();
  const before = bench.filesIn('outputs');
  bench.steps[0] = study('x', {params: narrow});
  await bench.build();
  expect(bench.filesIn('outputs')).not.toEqual(before);
  bench.steps[0] = study('x', {params: wide});
  expect(bench.plan()).toEqual({[out]: 'be_restored'});
  const built = await bench.build();
  expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'restored'});
  expect(bench.filesIn('outputs')).toEqual(before);
  expect(bench.started).toHaveLength(2);
  expect(bench.rows()).toBe(2);
  expect(bench.session().store.standingOf(out as never).trace).toMatchObject({
    how: 'restored',
    outputs: [[out, expect.any(String)], expect.anything()],
  });
  expect((await bench.build()).outcomes.get(out)).toEqual({at: 'done', how: 'fresh'});
});

test('going to and fro any number of times runs nothing, and leaves one entry in the cache', async () => {
  const bench = new StudyBench([study('x', {params: wide})]);
  await bench.build();
  for (const params of [narrow, wide, narrow, wide, narrow]) {
    bench.steps[0] = study('x', {params});
    await bench.build();
  }
  expect(bench.started).toHaveLength(2);
  expect(Object.keys(bench.filesIn('.ftsbuild/cache')).filter((path) => path.endsWith('entry.json'))).toHaveLength(1);
});

test('what follows on restored results is judged by them: nothing of it runs', async () => {
  const bench = new StudyBench([study('x', {params: wide}), {out: 'trained', in: [out]}]);
  await bench.build();
  const trained = bench.disk.readText('trained');
  const entry = study('x', {params: narrow});
  bench.steps[0] = entry;
  await bench.build({targets: [out]});
  bench.steps[0] = study('x', {params: wide});
  expect(bench.plan()).toEqual({[out]: 'be_restored', trained: 'stay'});
  expect((await bench.build()).ran).toEqual([]);
  expect(bench.disk.readText('trained')).toBe(trained);
});

test('a partial study comes back when its key does, and goes on', async () => {
  const bench = new StudyBench([study('x', {params: wide})]);
  bench.cut(out);
  await bench.build();
  bench.succeed(out);
  bench.steps[0] = study('x', {params: narrow});
  await bench.build();
  bench.steps[0] = study('x', {params: wide});
  let found: string | undefined;
  bench.jobs.set(out, () => {
    found = bench.disk.readText('outputs/hpo/x/study.db');
    return {ending: {how: 'exited', status: 1}};
  });
  expect(bench.plan()).toEqual({[out]: 'run'});
  await bench.build();
  expect(found).toMatch(/^half a database/);
});

test('a study with fewer trials than are wanted comes back, and is topped up', async () => {
  const bench = new StudyBench([study('x', {params: wide, trials: 3})]);
  await bench.build();
  bench.steps[0] = study('x', {params: narrow, trials: 3});
  await bench.build();
  bench.steps[0] = study('x', {params: wide, trials: 5});
  let found: string | undefined;
  bench.jobs.set(out, () => {
    found = bench.disk.readText('outputs/hpo/x/study.db');
    return {ending: {how: 'exited', status: 1}};
  });
  const built = await bench.build();
  expect(built.events.find((event) => event.type === 'node_stale')).toMatchObject({reason: {because: 'more_wanted', before: 3, after: 5}});
  expect(found).toMatch(/with 3 trials$/);
});

test.each(['fails', 'is stopped', 'dies with its engine'])('a top-up that %s leaves the success of fewer trials as it was', async (how) => {
  const bench = new StudyBench([study('x', {trials: 3}), training('x')]);
  await bench.build();
  const {key} = bench.forecastOf(out).verdict;
  bench.steps[0] = study('x', {trials: 5});
  if (how === 'dies with its engine') {
    const at = bench.clock.now();
    bench.session().store.record({kind: 'began', node: nodeId(out), key, at, attempt: 2, row: null});
    bench.steps[0] = study('x', {trials: 3});
    await bench.build();
  } else {
    bench.jobs.set(out, () => ({ending: {how: 'exited', status: how === 'fails' ? 1 : 75}}));
    expect((await bench.build()).outcomes.get(out)?.at).toBe('failed');
    expect(bench.forecastOf(out).verdict).toMatchObject({is: 'stale', reason: {because: 'unfinished'}});
  }
  bench.steps[0] = study('x', {trials: 3});
  expect((await bench.build()).summary).toMatchObject({ran: 0, restored: 0});
  expect(bench.started).toEqual([out, metricsOf('x')]);
});

test('a top-up that wrote over the best parameters, or lost trials, leaves no success', async () => {
  const bench = new StudyBench([study('x', {trials: 3})]);
  await bench.build();
  bench.steps[0] = study('x', {trials: 5});
  bench.jobs.set(out, () => ({files: {[out]: '{}'}, ending: {how: 'exited', status: 4}}));
  await bench.build();
  bench.steps[0] = study('x', {trials: 3});
  expect(bench.plan()).toEqual({[out]: 'run'});
});

test('an entry whose output is no longer what was recorded is not given back', async () => {
  const bench = new StudyBench([study('x', {params: wide})]);
  await bench.build();
  bench.steps[0] = study('x', {params: narrow});
  await bench.build();
  const stored = Object.keys(bench.filesIn('.ftsbuild/cache')).find((path) => path.endsWith('best_params.json'))!;
  bench.disk.write(stored, '{}');
  bench.steps[0] = study('x', {params: wide});
  expect(bench.plan()).toEqual({[out]: 'run'});
  expect((await bench.build()).ran).toEqual([out]);
});

test('an engine that dies while it restores finishes that at the next start', async () => {
  for (const dying of ['move', 'remove'] as const) {
    for (let step = 1; step <= 3; step++) {
      const bench = new StudyBench([study('x', {params: wide})]);
      await bench.build();
      const before = bench.filesIn('outputs');
      bench.steps[0] = study('x', {params: narrow});
      await bench.build();
      const other = bench.filesIn('outputs');
      bench.steps[0] = study('x', {params: wide});
      const whole = bench.disk[dying].bind(bench.disk) as (...paths: [string, string]) => never;
      let count = 0;
      bench.disk[dying] = ((...paths: [string, string]) => {
        if (++count === step) throw new Error('power cut');
        return whole(...paths);
      }) as never;
      await bench.build().catch(() => undefined);
      Reflect.deleteProperty(bench.disk, dying);
      await bench.build();
      expect(bench.filesIn('outputs')).toEqual(before);
      bench.steps[0] = study('x', {params: narrow});
      await bench.build();
      expect(bench.filesIn('outputs')).toEqual(other);
      expect(bench.started).toHaveLength(2);
    }
  }
});

test('two experiments of one key pay once, whether one after the other or in one build', async () => {
  for (const together of [false, true]) {
    const bench = new StudyBench([study('x', {pool: 'cpu'}), study('y', {pool: 'cpu'})]);
    if (!together) await bench.build({targets: [out]});
    expect(bench.plan()).toEqual({[out]: together ? 'run' : 'stay', [bestOf('y')]: 'be_restored'});
    const built = await bench.build({jobs: 2});
    expect(bench.started).toEqual([out]);
    expect(built.outcomes.get(bestOf('y'))).toEqual({at: 'done', how: 'restored'});
    expect(built.events.find((event) => event.type === 'node_restored')).toMatchObject({from: out});
    const [x, y] = ['x', 'y'].map((name) => JSON.parse(bench.disk.readText(bestOf(name))!) as Record<string, unknown>);
    expect(y).toEqual({...x, identity: {...(x!['identity'] as object), experiment: 'y'}});
    expect(bench.disk.readText('outputs/hpo/y/study.db')).toBe(bench.disk.readText('outputs/hpo/x/study.db'));
    expect(bench.rows()).toBe(1);
    expect((await bench.build()).summary.fresh).toBe(2);
    bench.disk.append('outputs/hpo/y/study.db', ' and more');
    expect(bench.disk.readText('outputs/hpo/x/study.db')).not.toContain('and more');
  }
});

test('another experiment’s results serve only with trials enough, and only while they are what was recorded', async () => {
  const bench = new StudyBench([study('x', {trials: 3}), study('y', {trials: 5})]);
  await bench.build({targets: [out]});
  expect(bench.forecastOf(bestOf('y'))).toMatchObject({will: 'run', resumes: {from: out, trials: 3}});
  bench.steps[1] = study('y', {trials: 2});
  expect(bench.plan(bestOf('y'))).toEqual({[bestOf('y')]: 'be_restored'});
  bench.disk.append(out, ' ');
  expect(bench.plan(bestOf('y'))).toEqual({[bestOf('y')]: 'run'});
});

const wherever = ['in its place', 'in the cache', 'in the same build'] as const;

test.each(wherever)('a study that wants more trials than its twin %s goes on with a copy of the twin’s', async (where) => {
  const [x, y] = [study('x', {params: wide, trials: 3}), study('y', {params: wide, trials: 5})];
  const bench = new StudyBench(where === 'in the same build' ? [x, y] : [x]);
  if (where !== 'in the same build') await bench.build();
  if (where === 'in the cache') {
    bench.steps[0] = study('x', {params: narrow, trials: 3});
    await bench.build();
  }
  if (where !== 'in the same build') bench.steps.push(y);
  let found: string | undefined;
  let twin: string | undefined;
  bench.goOn(bestOf('y'), () => {
    found = bench.disk.readText('outputs/hpo/y/study.db');
    twin = JSON.parse(bench.disk.readText(bestOf('y')) ?? '{}') as never;
  });
  const from = {'in its place': out, 'in the cache': `${out} in the cache`, 'in the same build': `${out}, once that has run`}[where];
  expect(bench.forecastOf(bestOf('y'))).toMatchObject({will: 'run', resumes: {from, trials: 3}});
  const built = await bench.build({jobs: 2});
  expect(found).toMatch(/with 3 trials$/);
  expect(twin).toMatchObject({identity: {experiment: 'y'}});
  const reasons = built.events.flatMap((event) => (event.type === 'node_stale' && event.node.id === bestOf('y') ? [event.reason] : []));
  expect(reasons).toEqual([{because: 'more_wanted', name: 'trials', before: 3, after: 5}]);
  expect(bench.session().store.standingOf(bestOf('y') as never).trace).toMatchObject({how: 'ran', effort: {trials: 2}});
  expect((await bench.build()).ran).toEqual([]);
});

test('what a study has done itself is left for a twin’s only where that has more trials', async () => {
  for (const [own, twin, from] of [
    [3, 2, undefined],
    [2, 3, out],
  ] as const) {
    const bench = new StudyBench([study('x', {trials: twin}), study('y', {trials: 5})]);
    bench.cut(bestOf('y'), own);
    await bench.build({targets: [bestOf('y')]});
    await bench.build({targets: [out]});
    const entry = bench.forecastOf(bestOf('y'));
    expect(entry.will === 'run' ? entry.resumes?.from : entry).toBe(from);
    bench.goOn(bestOf('y'), () => undefined);
    await bench.build({targets: [bestOf('y')]});
    expect(bench.filesIn('.ftsbuild/kept')).toEqual({});
    expect(Object.values(bench.filesIn('.ftsbuild/cache')).some((text) => text.startsWith('half a database'))).toBe(from !== undefined);
  }
});

test('a twin whose results were adopted has no study to go on with', async () => {
  const bench = new StudyBench([study('x', {trials: 3}), study('y', {trials: 5})]);
  await bench.build({targets: [out]});
  const {store} = bench.session();
  store.record({...store.standingOf(out as never).trace!, how: 'adopted', reason: 'from elsewhere'});
  expect(bench.forecastOf(bestOf('y'))).not.toHaveProperty('resumes');
});

test('another experiment’s results must meet this one’s checks', async () => {
  const strict = {expression: 'val_loss < 0.1', severity: 'fail', span: undefined} as never;
  const bench = new StudyBench([study('x'), study('y', {checks: [strict]})]);
  const built = await bench.build();
  expect(built.outcomes.get(bestOf('y'))).toMatchObject({at: 'failed', reason: 'check'});
  expect(bench.disk.stat(bestOf('y'))).toBe('missing');
  expect(bench.started).toEqual([out]);
});

test('when the first of two experiments of one key fails, the second runs', async () => {
  const bench = new StudyBench([study('x'), study('y')]);
  bench.jobs.set(out, () => ({ending: {how: 'exited', status: 1}}));
  const built = await bench.build();
  expect(built.outcomes.get(out)?.at).toBe('failed');
  expect(built.outcomes.get(bestOf('y'))).toEqual({at: 'done', how: 'ran'});
});

test('a finished training goes into the cache without the checkpoint that it would resume from', async () => {
  const trained = metricsOf('x');
  const bench = new StudyBench([study('x'), training('x', {params: wide})]);
  await bench.build();
  const before = bench.filesIn('outputs/training');
  bench.steps[1] = training('x', {params: narrow});
  await bench.build();
  bench.steps[1] = training('x', {params: wide});
  expect((await bench.build()).outcomes.get(trained)).toEqual({at: 'done', how: 'restored'});
  const {[trained.replace('metrics.json', 'checkpoints/last.pt')]: last, ...others} = before;
  expect(last).toBe('to resume');
  expect(bench.filesIn('outputs/training')).toEqual(others);
});

test('a whole change of data and back restores searches and trainings, and the plan says so', async () => {
  const bench = new StudyBench([study('x', {params: wide}), training('x', {params: wide})]);
  await bench.build();
  const before = bench.filesIn('outputs');
  bench.steps = [study('x', {params: narrow}), training('x', {params: narrow})];
  await bench.build();
  bench.steps = [study('x', {params: wide}), training('x', {params: wide})];
  expect(bench.plan()).toEqual({[out]: 'be_restored', [metricsOf('x')]: 'be_restored'});
  expect((await bench.build()).summary).toMatchObject({ran: 0, restored: 2});
  Reflect.deleteProperty(before, metricsOf('x').replace('metrics.json', 'checkpoints/last.pt'));
  expect(bench.filesIn('outputs')).toEqual(before);
});

test('a training of another experiment serves too, and then names its own search', async () => {
  const bench = new StudyBench([study('x'), training('x'), study('y'), training('y')]);
  const built = await bench.build({jobs: 2});
  expect(bench.started).toEqual([out, metricsOf('x')]);
  expect(built.summary).toMatchObject({ran: 2, restored: 2});
  const [x, y] = ['x', 'y'].map((name) => JSON.parse(bench.disk.readText(metricsOf(name))!) as {identity: object; hpo: object});
  expect(y).toEqual({...x, identity: {...x!.identity, experiment: 'y'}, hpo: {...x!.hpo, path: bestOf('y'), key: bench.jobOf(out).key}});
});

const weightsOf = (name: string): string => metricsOf(name).replace('metrics.json', 'checkpoints/best.pt');

test('what is written into a copied checkpoint, instead of replacing it, changes no other result', async () => {
  const bench = new StudyBench([study('x'), training('x', {params: wide}), study('y'), training('y', {params: wide})]);
  await bench.build();
  const weights = bench.disk.readText(weightsOf('x'));
  bench.disk.append(weightsOf('y'), ' overwritten in place');
  expect(bench.disk.readText(weightsOf('x'))).toBe(weights);
});

test('links that an earlier version left are parted when a build finds the results fresh', async () => {
  const bench = new StudyBench([study('x'), training('x'), study('y'), training('y')]);
  await bench.build();
  const weights = bench.disk.readText(weightsOf('x'));
  bench.disk.link(weightsOf('x'), weightsOf('y'));
  expect((await bench.build()).summary).toMatchObject({ran: 0, restored: 0});
  bench.disk.append(weightsOf('y'), '+');
  expect(bench.disk.readText(weightsOf('x'))).toBe(weights);
});

test('and when they go into the cache or come out of it', async () => {
  const bench = new StudyBench([study('x'), training('x', {params: wide})]);
  await bench.build();
  const weights = bench.disk.readText(weightsOf('x'));
  bench.disk.link(weightsOf('x'), 'elsewhere/best.pt');
  bench.steps[1] = training('x', {params: narrow});
  await bench.build();
  bench.disk.append('elsewhere/best.pt', '+');
  const [cached = ''] = Object.keys(bench.filesIn('.ftsbuild/cache')).filter((path) => path.endsWith('best.pt'));
  expect(bench.disk.readText(cached)).toBe(weights);
  bench.disk.link(cached, 'elsewhere/best.pt');
  bench.steps[1] = training('x', {params: wide});
  expect((await bench.build()).summary).toMatchObject({restored: 1});
  bench.disk.append('elsewhere/best.pt', '+');
  expect(bench.disk.readText(weightsOf('x'))).toBe(weights);
});

test('a script that is rendered again for an undone change hides nothing: the plan says what will be restored', async () => {
  const steps = (subset: number): Step[] => [
    {
      out: 'x.py',
      params: {subset},
      makes: () => `# --- Experiment configuration ---\nSUBSET = ${String(subset)}\n# --- Data validation ---\nrun()\n`,
    },
    {...study('x', {params: {subset}}), in: [{path: 'x.py', part: {of: 'script_code'}}]},
  ];
  const bench = new StudyBench(steps(1));
  await bench.build();
  bench.steps = steps(0.3);
  await bench.build();
  bench.steps = steps(1);
  expect(bench.plan()).toEqual({'x.py': 'run', [out]: 'be_restored'});
  expect((await bench.build()).outcomes.get(out)).toEqual({at: 'done', how: 'restored'});
});

test('forced runs take nothing from the cache', async () => {
  const bench = new StudyBench([study('x'), study('y')]);
  await bench.build();
  await bench.build({always: true});
  expect(bench.started).toEqual([out, out, bestOf('y')]);
});

test('a data file of a person that lies where a builder writes is kept aside; one that was built is replaced', async () => {
  const path = projectPath('data/x.parquet');
  const step = (rows: number): Step => ({
    out: path,
    pool: 'cpu',
    params: {rows},
    job: {rule: 'data', output: path, logFile: projectPath('data/x.parquet.log')},
  });
  const bench = new StudyBench([step(800)]);
  bench.jobs.set(path, () => {
    const text = `prices ${String(bench.started.push(path))}`;
    const entry = {kind: 'dataset', path, sha256: createHash('sha256').update(text).digest('hex'), md5: 'm', rows: 9, columns: {}};
    return {
      progress: [{event: 'result', status: 'success', reason: null, message: null}],
      ending: {how: 'exited', status: 0},
      files: {[path]: text, [jobFilesOf(nodeId(path)).result]: JSON.stringify(entry)},
    };
  });
  bench.disk.write(path, 'my own prices');
  const kept = (await bench.build()).events.find((event) => event.type === 'node_kept');
  expect(kept).toMatchObject({path, isUnknown: true});
  expect(kept?.type === 'node_kept' && bench.disk.readText(kept.movedTo)).toBe('my own prices');
  bench.steps[0] = step(900);
  expect((await bench.build()).events.some((event) => event.type === 'node_kept')).toBe(false);
  expect(bench.started).toHaveLength(2);
});

test('what a data step says of its prices is told by the build, and kept in the manifest', async () => {
  const path = projectPath('data/x.parquet');
  const bench = new StudyBench([{out: path, pool: 'cpu', job: {rule: 'data', output: path, logFile: projectPath('data/x.parquet.log')}}]);
  const cautions = [{kind: 'gap', message: 'a gap of 701 days, from 2006-07-13 to 2008-06-13'}];
  const sha256 = createHash('sha256').update('prices').digest('hex');
  bench.jobs.set(path, () => ({
    progress: [{event: 'result', status: 'success', reason: null, message: null}],
    ending: {how: 'exited', status: 0},
    files: {
      [path]: 'prices',
      [jobFilesOf(nodeId(path)).result]: JSON.stringify({kind: 'dataset', path, sha256, md5: 'm', rows: 9, columns: {}, cautions}),
    },
  }));
  const told = (await bench.build()).events.flatMap((event) => (event.type === 'node_warned' ? [event.diagnostic] : []));
  expect(told).toEqual([{code: 'FTS607', severity: 'warning', message: `data/x.parquet: ${cautions[0]?.message ?? ''}`}]);
  expect(bench.session().world.findDataEntry(path)?.cautions).toEqual(cautions);
});

test('data that the manifest does not know any more is made again, and what was made of it stays', async () => {
  const path = projectPath('data/x.parquet');
  const data: Step = {out: path, pool: 'cpu', job: {rule: 'data', output: path, logFile: projectPath('data/x.parquet.log')}};
  const bench = new StudyBench([data, {...study('x'), in: [path]}]);
  const sha256 = createHash('sha256').update('prices').digest('hex');
  bench.jobs.set(path, () => ({
    progress: [{event: 'result', status: 'success', reason: null, message: null}],
    ending: {how: 'exited', status: 0},
    files: {[path]: 'prices', [jobFilesOf(nodeId(path)).result]: JSON.stringify({path, sha256, md5: 'm', rows: 9, columns: {}})},
  }));
  await bench.build();
  const manifest = bench.session().study.paths.manifest;
  for (const lose of [() => bench.disk.remove(manifest), () => bench.disk.write(manifest, '{"schema_version": 1, "files": []}')]) {
    expect((await bench.build()).ran).toEqual([]);
    lose();
    expect(bench.forecastOf(path)).toMatchObject({will: 'run', verdict: {reason: {because: 'unrecorded'}}});
    expect((await bench.build()).ran).toEqual([path]);
  }
});
