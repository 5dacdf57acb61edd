// The dry run for a person: a line for each phase and budget, what is refused by its cause, totals last; node by node with -v.
import {beforeEach, expect, test} from 'vitest';
import {mergeAlike} from '../../src/build/plan-gates.ts';
import {priceOf} from '../../src/build/price.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {problem} from '../../src/base/diagnostic.ts';
import {neededFor} from '../../src/graph/order.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {plainPaint} from '../../src/ui/paint.ts';
import {describePlan, plainPlan, type PricedPlan} from '../../src/ui/plan.ts';
import {StudyBench} from '../support/study-bench.ts';

const file = 'configs/quickstart.yaml';
let bench: StudyBench;

beforeEach(() => {
  const clock = handClock();
  bench = new StudyBench({disk: memoryDisk({}, clock), clock, packageRoot: '/package'}, file);
});

function plan(): PricedPlan {
  const session = bench.session();
  const order = neededFor(session.graph, session.graph.nodes);
  const of = {session, order, forecasts: forecast(session, order), jobs: 2};
  return {...of, price: priceOf(of), askOverMs: 24 * 3_600_000};
}

const lines = (by: 'groups' | 'nodes' = 'groups'): readonly string[] => describePlan(plan(), by, plainPaint);

test('a study that was never built is a line for each phase and budget with counts, price and cause, and what its searches vary', () => {
  const shown = lines();
  expect(shown.map((line) => line.split(/ {2,}/)[0])).toEqual([
    ...['study', 'quickstart 6K', '', 'quickstart 18K', '', 'quickstart 54K', '', 'quickstart 160K', ''],
    ...[
      '',
      expect.stringMatching(/^60 to run/),
      expect.stringMatching(/^one after the other/),
      expect.stringMatching(/^with the pools/),
      'Node by node: -v',
    ],
  ]);
  expect(shown[1]).toMatch(/^quickstart 6K {3} +\S.* {2}2 searches, 1 borrow, 6 trainings, 5 scripts {2}never built$/);
  expect(shown[2]?.trim()).toBe('each search varies 10 architectures (5 shapes), dropout, learning_rate');
});

test('the totals are the last lines, after what gates would refuse', () => {
  const gates = [problem('FTS601', 'no room')];
  const shown = describePlan({...plan(), gates}, 'groups', plainPaint);
  expect(shown.findIndex((line) => line.includes('no room'))).toBeLessThan(shown.findIndex((line) => line.startsWith('60 to run')));
});

test('-v lists the nodes', () => {
  const shown = lines('nodes');
  expect(shown.filter((line) => /hpo quickstart_/.test(line) && line.includes('varies')).length).toBe(8);
  expect(shown.some((line) => line.includes('-v'))).toBe(false);
});

test('a plan of a few steps is listed step by step', async () => {
  await bench.build();
  bench.site.disk.remove('outputs/quickstart/docs/experiment_results.md');
  expect(lines()).toEqual(lines('nodes'));
  expect(lines()[0]).toMatch(/ report .*experiment_results\.md /);
});

test('after an edit a line says what was edited, once, in the words of the YAML', async () => {
  await bench.build();
  expect(lines()).toEqual(['0 to run, 60 fresh']);
  bench.edit(file, '      epochs: 5\n', '      epochs: 6\n');
  const shown = lines();
  expect(shown.find((line) => line.startsWith('quickstart 54K'))).toMatch(/ {2}6 trainings, 3 scripts {2}epochs: 5 -> 6$/);
  expect(shown.join('\n')).not.toMatch(/\{"|"[a-z_.]+":/);
});

test('what is restored is said, and costs nothing', async () => {
  await bench.build();
  bench.edit(file, '      epochs: 5\n', '      epochs: 6\n');
  await bench.build();
  bench.edit(file, '      epochs: 6\n', '      epochs: 5\n');
  expect(lines().find((line) => line.startsWith('quickstart 54K'))).toContain('6 restored from the cache');
});

test('no rule gives its reasons as JSON, whatever is edited', async () => {
  await bench.build();
  const edits = [
    ['dropout: {uniform: [0.0, 0.3]}', 'dropout: {uniform: [0.0, 0.4]}'],
    ['seeds: [42, 43]', 'seeds: [42, 44]'],
    ['trials: 4', 'trials: 6'],
    ['horizon: 5', 'horizon: 3'],
    ['title: ', 'title: Another '],
  ] as const;
  for (const [from, to] of edits) {
    if (!(bench.site.disk.readText(file) ?? '').includes(from)) continue;
    bench.edit(file, from, to);
    const {targets} = plainPlan(plan()) as {targets: readonly {reason: string; rule: string}[]};
    expect(targets.length).toBeGreaterThan(0);
    for (const {reason} of targets) expect(reason).not.toMatch(/[{[]"|"[A-Za-z_.]+":/);
    bench.edit(file, to, from);
  }
});

test('what the same cause refuses is one line, with what waits for it', async () => {
  bench.edit(file, '    training:', '    assert: ["val.windows >= 100000"]\n    training:');
  await bench.build();
  const session = bench.session();
  const order = neededFor(session.graph, session.graph.nodes);
  const forecasts = new Map(forecast(session, order));
  for (const node of order) {
    const entry = forecasts.get(node.id);
    const by = order.find(({rule, experiment}) => rule === 'hpo' && experiment === node.experiment);
    if (entry === undefined) continue;
    if (node.rule === 'hpo') {
      const verdict = {
        is: 'refused',
        key: entry.verdict.key,
        manifest: [],
        message: `validation holds ${String(order.indexOf(node))} windows of at least 100000`,
      } as const;
      forecasts.set(node.id, {will: 'be_refused', verdict});
    } else if (node.rule === 'training' && by !== undefined)
      forecasts.set(node.id, {will: 'be_blocked', by, because: 'refused', verdict: entry.verdict} as never);
  }
  const of = {session, order, forecasts, jobs: 2};
  const shown = describePlan({...of, price: priceOf(of), askOverMs: 1e9}, 'groups', plainPaint);
  const refused = shown.filter((line) => line.includes('refused: '));
  expect(refused).toHaveLength(1);
  expect(refused[0]).toMatch(
    /^hpo \S+, hpo \S+, hpo \S+ and 5 more {2}refused: validation holds \d+ windows of at least 100000 \(and alike\); 16 targets that need it are blocked$/,
  );
});

test('gates that fail for the same reason are one sentence', () => {
  const nodes = bench.session().graph.nodes.filter(({rule}) => rule === 'hpo');
  const failures = nodes.map((node, at) => ({
    node,
    diagnostic: problem('FTS602', `${node.label}: it needs about ${String(at + 1)} GB`, {help: 'End other programs.'}),
  }));
  const other = {node: nodes[0]!, diagnostic: problem('FTS601', 'no room on the disk')};
  expect(mergeAlike([other, ...failures]).map(({message}) => message)).toEqual([
    'no room on the disk',
    expect.stringMatching(/^hpo \S+, hpo \S+, hpo \S+ and 5 more: it needs about 1 GB$/),
  ]);
});

test('a search that has one configuration is priced at one trial: the others are that one again, and are looked up', () => {
  bench.edit(file, '[6K, 18K, 54K, 160K]', '[6K]');
  const costs = (): readonly (number | undefined)[] => {
    const {price, order} = plan();
    return order.filter(({rule}) => rule === 'hpo').map(({id}) => price.of.get(id)?.ms);
  };
  expect(costs()).toEqual([12_000, 12_000]);
  const grid = {d_model: '[8, 16, 32, 64]', n_layers: '[1, 2, 3, 4, 6]', n_heads: '[2, 4]', ff_ratio: '[2, 4]'};
  const only = {d_model: '[16]', n_layers: '[1]', n_heads: '[2]', ff_ratio: '[2]'};
  for (const name of ['d_model', 'n_layers', 'n_heads', 'ff_ratio'] as const)
    bench.edit(file, `${name}: ${grid[name]}`, `${name}: ${only[name]}`);
  expect(lines()[2]?.trim()).toBe('each search varies 1 architecture (1 shape), dropout, learning_rate');
  expect(costs()).toEqual([12_000, 12_000]);
  bench.edit(file, '{log: [3.0e-4, 3.0e-3]}', '{choice: [0.001]}');
  bench.edit(file, 'dropout: {uniform: [0.0, 0.3]}', 'dropout: {choice: [0.1]}');
  expect(costs()).toEqual([3000, 3000]);
});
