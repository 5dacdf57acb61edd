// A plan knows the code of scripts that are not rendered yet, and with it what need not be made.
import {expect, test} from 'vitest';
import {nodeId, projectPath} from '../../src/base/ids.ts';
import {success, type Result} from '../../src/base/result.ts';
import {lookWith} from '../../src/build/conditions.ts';
import {priceOf} from '../../src/build/price.ts';
import {runInternal} from '../../src/build/run-internal.ts';
import type {StaleVerdict} from '../../src/build/runner.ts';
import {forecast} from '../../src/build/verdicts.ts';
import type {Rendered} from '../../src/graph/node.ts';
import {neededFor} from '../../src/graph/order.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import type {Step} from '../support/bench.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';
import {StudyBench as BuiltStudy} from '../support/study-bench.ts';

/** An experiment with scripts of its own: constants that differ by name, and the code given. */
function experiment(name: string, code = 'search()'): Step[] {
  const script = (kind: string): Step => ({
    out: `experiments/${kind}_${name}.py`,
    makes: () =>
      `# --- Experiment configuration ---\nEXPERIMENT = '${name}'\n# --- Data validation ---\n${kind === 'hpo' ? code : 'train()'}\n`,
  });
  const reads = (step: Step, kind: string): Step => {
    const input = {path: `experiments/${kind}_${name}.py`, part: {of: 'script_code'}, role: 'script'} as const;
    return {...step, in: [input, ...(step.in ?? [])], ms: 60_000};
  };
  return [script('hpo'), script('train'), reads(study(name), 'hpo'), reads(training(name), 'train')];
}

async function planOf(bench: StudyBench): Promise<{will: Record<string, string>; ms: number}> {
  const session = bench.session();
  const order = neededFor(session.graph, session.graph.nodes);
  const forecasts = await lookWith(session.conditions, () => forecast(session, order));
  const jobs = order.filter(({work}) => work.kind === 'job');
  const {sequential} = priceOf({session, order: jobs, forecasts, jobs: 1});
  return {will: Object.fromEntries(jobs.map(({id}) => [id, forecasts.get(id)!.will])), ms: sequential.ms};
}

test('the same experiment under another name is restored in the plan, and free, before its scripts are rendered', async () => {
  const bench = new StudyBench(experiment('x'));
  await bench.build();
  bench.steps.push(...experiment('y'));
  const stay = {[bestOf('x')]: 'stay', [metricsOf('x')]: 'stay'};
  const {will, ms} = await planOf(bench);
  expect([will, ms]).toEqual([{...stay, [bestOf('y')]: 'be_restored', [metricsOf('y')]: 'be_restored'}, 0]);
  expect(bench.disk.stat('experiments/hpo_y.py')).toBe('missing');
  await bench.build();
  expect(bench.started).toEqual([bestOf('x'), metricsOf('x')]);
});

test('a script with other code is another experiment, and is paid for', async () => {
  const bench = new StudyBench(experiment('x'));
  await bench.build();
  bench.steps.push(...experiment('y', 'search(2)'));
  const {will, ms} = await planOf(bench);
  expect([will[bestOf('y')], will[metricsOf('y')]]).toEqual(['run', 'follow']);
  expect(ms).toBeGreaterThan(0);
});

test('scripts that are rendered again with the same code stand in nobody’s way', async () => {
  const bench = new StudyBench(experiment('x'));
  await bench.build();
  bench.disk.remove('experiments/hpo_x.py');
  expect((await planOf(bench)).will).toEqual({[bestOf('x')]: 'stay', [metricsOf('x')]: 'stay'});
});

test('a script teaches what its rendering took, not how long the Python process took to warm up', async () => {
  const bench = new StudyBench(experiment('x'));
  const session = bench.session();
  const path = projectPath('experiments/hpo_x.py');
  const perform = (): Promise<Result<Rendered>> => {
    bench.clock.advance(20);
    return Promise.resolve(success({files: [{path, text: 'pass'}], holds: 'python', warnings: []}));
  };
  const node = {...session.graph.get(nodeId(path)), work: {kind: 'internal', perform} as const};
  const checkSyntax = (): Promise<[]> => {
    bench.clock.advance(8000);
    return Promise.resolve([]);
  };
  const verdict = forecast(session, [node]).get(node.id)!.verdict as StaleVerdict;
  await runInternal({session, listen: () => undefined, checkSyntax} as never, node, node.work, verdict);
  expect(session.store.standingOf(node.id).trace?.durationMs).toBe(20);
});

test('a script whose template is broken stands in the plan of a study that was built, and nothing else fails with it', async () => {
  const clock = handClock();
  const bench = new BuiltStudy({disk: memoryDisk({}, clock), clock, packageRoot: '/package'}, 'configs/quickstart.yaml');
  await bench.build();
  bench.templates.set('train.py.hbs', `{{nope}}\n${bench.templates.get('train.py.hbs') ?? ''}`);
  const session = bench.session();
  const forecasts = await lookWith(session.conditions, () => forecast(session, neededFor(session.graph, session.graph.nodes)));
  const wills = (rule: string): readonly string[] => [
    ...new Set([...forecasts].flatMap(([id, {will}]) => (session.graph.get(id).rule === rule ? [will] : []))),
  ];
  expect([wills('script').toSorted(), wills('hpo'), wills('training')]).toEqual([['run', 'stay'], ['stay'], ['follow']]);
});
