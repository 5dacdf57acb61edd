// Work that was stopped is partial, whatever stopped it, with what is done of what is wanted.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import {nodeStateOf} from '../../src/build/node-state.ts';
import {forecast, showAll} from '../../src/build/verdicts.ts';
import type {JobScript} from '../support/bench.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const out = bestOf('x');
const trials = {'outputs/hpo/x/study.db': 'half', 'outputs/hpo/x/trials.jsonl': '{}\n'.repeat(2)};

const stops: readonly [string, Omit<JobScript, 'files'>, RegExp][] = [
  [
    'its timeout',
    {progress: [{event: 'result', status: 'partial', reason: 'timeout', message: 'cut'}], ending: {how: 'exited', status: 4}},
    /^2\/6: cut$/,
  ],
  ['an interrupt', {ending: {how: 'exited', status: 75}}, /^2\/6: interrupted: /],
  ['SIGKILL', {ending: {how: 'signalled', signal: 'SIGKILL'}}, /^2\/6: interrupted: /],
];

function howItStands(bench: StudyBench, target = out): unknown[] {
  const session = bench.session();
  const node = session.graph.get(nodeId(target));
  const entry = forecast(session, session.graph.nodes).get(node.id)!;
  const shown = showAll(session, {...node, collects: [node.id]}).get(node.id)!;
  return [nodeStateOf(session, node, entry), shown.at, 'reason' in shown ? shown.reason : ''];
}

test.each(stops)('a search that %s stopped is partial, and what needs it waits', async (_, script, reason) => {
  const bench = new StudyBench([study('x', {trials: 6}), training('x')]);
  bench.jobs.set(out, () => ({...script, files: trials}));
  expect((await bench.build()).outcomes.get(metricsOf('x'))).toMatchObject({at: 'blocked'});
  expect(howItStands(bench)).toEqual(['partial', 'partial', expect.stringMatching(reason)]);
});

test('so is one whose engine died while it ran', () => {
  const bench = new StudyBench([study('x', {trials: 6})]);
  for (const [path, text] of Object.entries(trials)) bench.disk.write(path, text);
  const session = bench.session();
  const {key} = forecast(session, session.graph.nodes).get(nodeId(out))!.verdict;
  session.store.record({kind: 'began', node: nodeId(out), key, at: 0, attempt: 1, row: null});
  expect(howItStands(bench)).toEqual(['partial', 'partial', '2/6: interrupted: the engine ended while it ran']);
});

test('a search that failed by itself, or has not ended a trial, is not partial', async () => {
  const bench = new StudyBench([study('x', {trials: 6})]);
  bench.jobs.set(out, () => ({ending: {how: 'exited', status: 1}, files: trials}));
  await bench.build();
  expect(howItStands(bench).slice(0, 2)).toEqual(['failed', 'failed']);
  const other = new StudyBench([study('x', {trials: 6})]);
  other.jobs.set(out, () => ({ending: {how: 'exited', status: 75}}));
  await other.build();
  expect(howItStands(other)[0]).toBe('stale');
});
