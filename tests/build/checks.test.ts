// Checks are in no key: a result on which one fails is neither used nor paid for twice, and new checks count for results that are there.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import {invalidate} from '../../src/build/invalidate.ts';
import {forecast, showAll} from '../../src/build/verdicts.ts';
import type {JobWork} from '../../src/graph/node.ts';
import {describeForecast} from '../../src/ui/reasons.ts';
import {bestOf, metricsOf, study, StudyBench, training, type StudyOptions} from '../support/search-bench.ts';

const out = bestOf('x');
const trained = metricsOf('x');
const check = (expression: string, severity: 'fail' | 'warn' = 'fail'): JobWork['checks'] =>
  [{expression, severity, span: undefined}] as never;
// Every search of the bench comes to a validation loss of 0.5.
const strict = check('val_loss < 0.1');
const loose = check('val_loss < 0.9');

function bench(options: StudyOptions): StudyBench {
  return new StudyBench([study('x', options), training('x')]);
}

function describe(of: StudyBench, target = out): string {
  const session = of.session();
  const entry = forecast(session, session.graph.nodes).get(nodeId(target));
  return entry === undefined ? '' : describeForecast(entry);
}

test('a search whose check failed is not run again, and is reported as failed by every build', async () => {
  const of = bench({checks: strict});
  const first = await of.build();
  expect(first.outcomes.get(out)).toMatchObject({at: 'failed', status: 'failed', reason: 'check'});
  expect(of.disk.stat(out)).toBe('missing');
  const again = await of.build();
  expect(again.ran).toEqual([]);
  expect(of.started).toEqual([out]);
  expect(of.rows()).toBe(1);
  expect(again.outcomes.get(out)).toMatchObject({
    at: 'failed',
    status: 'failed',
    message: 'its check failed: the check `val_loss < 0.1` does not hold (val_loss = 0.5); nothing changed since',
  });
  expect(again.outcomes.get(trained)?.at).toBe('blocked');
  expect(of.plan()).toEqual({[out]: 'fail', [trained]: 'be_blocked'});
  expect(describe(of)).toMatch(/^failed: its check failed: .*nothing changed since$/);
  expect(describe(of, trained)).toBe(`blocked: ${out} has failed`);
});

test('a training is as sticky as a search', async () => {
  const of = bench({});
  of.steps[1] = training('x', {checks: check('accuracy > 2')});
  await of.build();
  await of.build();
  expect(of.started).toEqual([out, trained]);
  of.steps[1] = training('x');
  expect((await of.build()).outcomes.get(trained)).toEqual({at: 'done', how: 'restored'});
  expect(of.started).toEqual([out, trained]);
});

test('changed checks are asked of the kept results: where they hold, these come back without a job', async () => {
  const of = bench({checks: strict});
  await of.build();
  of.steps[0] = study('x', {checks: check('val_loss < 0.2')});
  expect((await of.build()).outcomes.get(out)).toMatchObject({
    at: 'failed',
    message: 'a check of today fails on its results: the check `val_loss < 0.2` does not hold (val_loss = 0.5)',
  });
  of.steps[0] = study('x', {checks: loose});
  expect(of.plan()).toEqual({[out]: 'be_restored', [trained]: 'run'});
  const built = await of.build();
  expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'restored'});
  expect(of.started).toEqual([out, trained]);
  expect((await of.build()).summary).toMatchObject({fresh: 2, failed: []});
});

test('--always-make runs it again', async () => {
  const of = bench({checks: strict});
  await of.build();
  await of.build({always: true, targets: [out]});
  expect(of.started).toEqual([out, out]);
});

test('what failed its check is remembered over a change and its undoing', async () => {
  const of = bench({checks: strict});
  await of.build();
  of.steps[0] = study('x', {params: {subset: 1}});
  await of.build({targets: [out]});
  of.steps[0] = study('x', {checks: strict});
  expect(of.plan(out)).toEqual({[out]: 'fail'});
  expect((await of.build({targets: [out]})).outcomes.get(out)).toMatchObject({at: 'failed', reason: 'check'});
  of.steps[0] = study('x', {params: {subset: 1}});
  expect((await of.build({targets: [out]})).outcomes.get(out)).toEqual({at: 'done', how: 'fresh'});
  expect(of.started).toEqual([out, out]);
});

test('a search whose check failed goes on where more trials are wanted', async () => {
  const of = bench({checks: strict, trials: 3});
  await of.build();
  of.steps[0] = study('x', {checks: strict, trials: 5});
  let found: string | undefined;
  of.jobs.set(out, () => {
    found = of.disk.readText('outputs/hpo/x/study.db');
    return {ending: {how: 'exited', status: 1}};
  });
  expect(of.plan(out)).toEqual({[out]: 'run'});
  await of.build();
  expect(found).toMatch(/with 3 trials$/);
});

test('a failed check without its kept results is still not paid for again', async () => {
  const of = bench({checks: strict});
  await of.build();
  of.disk.remove('.ftsbuild/cache');
  expect(of.plan(out)).toEqual({[out]: 'fail'});
  of.steps[0] = study('x', {checks: loose});
  expect(of.plan(out)).toEqual({[out]: 'run'});
});

test('results that were rejected and then declared wrong never come back', async () => {
  const of = bench({checks: strict});
  await of.build();
  const session = of.session();
  invalidate(session, [session.graph.get(nodeId(out))], 'faulty memory');
  of.steps[0] = study('x', {checks: loose});
  expect(of.plan(out)).toEqual({[out]: 'run'});
});

test('a check that is added later fails results that are fresh, and they are set aside without a job', async () => {
  const of = bench({});
  await of.build();
  const before = of.filesIn('outputs/hpo');
  of.steps[0] = study('x', {checks: strict});
  expect(of.plan()).toEqual({[out]: 'fail', [trained]: 'be_blocked'});
  expect(describe(of)).toMatch(/a check of today fails on its results: the check `val_loss < 0.1`/);
  const shown = showAll(of.session(), {...of.session().graph.get(nodeId(out)), collects: [nodeId(out), nodeId(trained)]});
  expect([...shown.values()].map(({at}) => at)).toEqual(['failed', 'refused']);
  const built = await of.build();
  expect(built.outcomes.get(out)).toMatchObject({at: 'failed', status: 'failed', reason: 'check'});
  expect(built.outcomes.get(trained)?.at).toBe('blocked');
  expect(of.disk.stat(out)).toBe('missing');
  expect(of.started).toHaveLength(2);
  expect((await of.build()).outcomes.get(out)).toMatchObject({at: 'failed', message: expect.stringMatching(/nothing changed since$/)});
  of.steps[0] = study('x');
  const undone = await of.build();
  expect(undone.summary).toMatchObject({ran: 0, restored: 1, fresh: 1, failed: []});
  expect(of.filesIn('outputs/hpo')).toEqual(before);
});

test('a check that is added later and holds, or only warns, leaves results fresh; it is asked once', async () => {
  const of = bench({});
  await of.build();
  of.steps[0] = study('x', {checks: [...loose, ...check('val_loss < 0.1', 'warn')]});
  expect(of.plan()).toEqual({[out]: 'stay', [trained]: 'stay'});
  expect(describe(of)).toBe('fresh; warning: the check `val_loss < 0.1` does not hold (val_loss = 0.5)');
  const built = await of.build();
  expect(built.summary).toMatchObject({fresh: 2, ran: 0});
  expect(built.events.filter(({type}) => type === 'node_warned')).toHaveLength(1);
  const again = await of.build();
  expect(again.events.filter(({type}) => type === 'node_warned')).toHaveLength(0);
  expect(describe(of)).toMatch(/^fresh; warning/);
  of.steps[0] = study('x', {checks: loose});
  await of.build();
  expect(describe(of)).toBe('fresh');
});

test('results of an experiment with other checks are asked this one’s before they are copied', async () => {
  const of = new StudyBench([study('x'), study('y', {checks: strict})]);
  await of.build();
  expect(of.plan()).toEqual({[out]: 'stay', [bestOf('y')]: 'fail'});
  const again = await of.build();
  expect(again.outcomes.get(bestOf('y'))).toMatchObject({at: 'failed', reason: 'check'});
  expect(again.events.filter(({type}) => type === 'node_kept')).toEqual([]);
  expect(of.started).toEqual([out]);
});

test('an engine that dies while it sets a failed result aside pays for nothing twice', async () => {
  for (const dying of ['move', 'append'] as const) {
    for (let step = 1; step <= 3; step++) {
      const of = bench({checks: strict});
      const whole = of.disk[dying].bind(of.disk) as (...args: [string, string]) => never;
      let count = 0;
      of.disk[dying] = (...args: [string, string]) => {
        if (of.started.length > 0 && ++count === step) throw new Error('power cut');
        return whole(...args);
      };
      await of.build().catch(() => undefined);
      Reflect.deleteProperty(of.disk, dying);
      for (let build = 0; build < 2; build++) expect((await of.build()).outcomes.get(out)).toMatchObject({at: 'failed', reason: 'check'});
      expect([dying, step, of.started]).toEqual([dying, step, [out]]);
    }
  }
});
