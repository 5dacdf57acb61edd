// What was adopted stays marked: in the files, through top-ups and a lost journal, in what is borrowed from it, and in all that is told of it.
import {expect, test} from 'vitest';
import {nodeId} from '../../src/base/ids.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {adopt, type Adoption} from '../../src/build/adopt.ts';
import {adoptedTrialsOf} from '../../src/build/adopted.ts';
import {forecast, showAll} from '../../src/build/verdicts.ts';
import {validateResult} from '../../src/config/results.ts';
import {journalPath} from '../../src/state/store.ts';
import {describeForecast} from '../../src/ui/reasons.ts';
import type {Step} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';
import {bestOf, identityOf, study, StudyBench} from '../support/search-bench.ts';

const out = bestOf('x');
const lines = 'outputs/hpo/x/trials.jsonl';
const reason = 'made on the big machine';
const params = {learning_rate: 0.001};

function search(trials = 3): Step {
  return {...study('x', {trials}), volatile: ['outputs/hpo/x/study.db', lines]};
}

function trialLine(trial: number, value: number, change: JsonObject = {}): JsonObject {
  const epochs = [{epoch: 1, train_loss: 0.6, val_loss: value, val_auc: 0.5}];
  const told = {schema_version: 1, trial, state: 'complete', value, params, param_count: 9, epoch: 1, epochs, seconds: 1, reason: null};
  return {...told, cached: false, ...change};
}

/** A search of `x` that came from somewhere else: three trials, of which the first is the best. */
function found(change: JsonObject = {}): StudyBench {
  const bench = new StudyBench([search()]);
  const result = {...sampleBestParams('a'.repeat(64)), identity: identityOf('x'), params, value: 0.5, ...change};
  bench.disk.write(out, JSON.stringify(result));
  bench.disk.write('outputs/hpo/x/study.db', 'a database from elsewhere');
  const values = [0.5, 0.6, 0.7].map((value, trial) => trialLine(trial, value, {params: {learning_rate: 0.001 * (trial + 1)}}));
  bench.disk.write(lines, values.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return bench;
}

function adoptIn(bench: StudyBench): Promise<Adoption> {
  const session = bench.session();
  return adopt(session, session.graph.get(nodeId(out)), reason);
}

function told(bench: StudyBench): {readonly why: string; readonly report: string | undefined} {
  const session = bench.session();
  const node = session.graph.get(nodeId(out));
  const entry = forecast(session, [node]).get(node.id)!;
  const shown = showAll(session, {...node, collects: [node.id]}).get(node.id);
  return {why: describeForecast(entry), report: shown?.at === 'current' ? shown.adopted : undefined};
}

test('adopting marks the result and each of its trials, and both keep their schemas', async () => {
  const bench = found();
  expect(await adoptIn(bench)).toMatchObject({is: 'adopted'});
  const result = JSON.parse(bench.disk.readText(out)!) as JsonObject;
  expect(result['adopted']).toEqual({trials: 3, reason});
  expect(validateResult('best_params', result)).toEqual([]);
  const trials = bench.disk.readText(lines)!.trimEnd().split('\n');
  expect(trials).toHaveLength(3);
  for (const line of trials) {
    const trial = JSON.parse(line) as JsonObject;
    expect(trial['adopted']).toBe(true);
    expect(validateResult('trial', trial)).toEqual([]);
  }
});

test('a top-up is told how many trials were adopted, and its result is called adopted in part', async () => {
  const bench = found();
  await adoptIn(bench);
  for (const trials of [4, 5]) {
    bench.steps[0] = search(trials);
    // As the job writes it: fts/hpo_script.py.
    bench.succeed(out, {adopted: {trials: 3, reason}});
    await bench.build();
    expect(bench.jobOf(out)).toMatchObject({takes_over: trials === 4, adopted: {trials: 3, reason}});
    expect(told(bench)).toEqual({why: `fresh; adopted: 3 of its trials: ${reason}`, report: `3 of its trials: ${reason}`});
  }
});

test('what ran under its own key from the first trial on is told nothing of the kind', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  bench.steps[0] = study('x', {trials: 4});
  await bench.build();
  expect(bench.jobOf(out)).not.toHaveProperty('adopted');
  expect(told(bench)).toEqual({why: 'fresh', report: undefined});
});

test('the mark goes with the files where the journal is lost', async () => {
  const bench = found();
  await adoptIn(bench);
  bench.disk.remove(journalPath);
  await bench.build();
  expect(bench.started).toEqual([]);
  expect(told(bench)).toEqual({
    why: `fresh: found whole at its place, and recognised; adopted: 3 of its trials: ${reason}`,
    report: `3 of its trials: ${reason}`,
  });
  bench.steps[0] = search(4);
  bench.succeed(out, {adopted: {trials: 3, reason}});
  await bench.build();
  expect(bench.jobOf(out)).toMatchObject({takes_over: true, adopted: {trials: 3, reason}});
});

test('the mark comes back with superseded results', async () => {
  const bench = found();
  await adoptIn(bench);
  bench.steps[0] = search(4);
  bench.succeed(out, {adopted: {trials: 3, reason}});
  await bench.build();
  const before = told(bench).report;
  bench.steps[0] = {...search(4), params: {subset: 0.3}};
  bench.succeed(out);
  await bench.build();
  expect(told(bench).report).toBeUndefined();
  bench.steps[0] = search(4);
  expect((await bench.build()).summary.restored).toBe(1);
  expect(told(bench).report).toBe(before);
});

test('a journal of an earlier version says of a whole adopted search how many trials it has', () => {
  const trace = {kind: 'done', node: nodeId(out), how: 'adopted', at: 1, durationMs: 1, manifest: [], outputs: [], reason} as const;
  const key = 'a'.repeat(64) as never;
  expect(adoptedTrialsOf({...trace, key, extent: {trials: 7}})).toEqual({trials: 7, reason});
  expect(adoptedTrialsOf({...trace, key, how: 'ran', extent: {trials: 7}})).toBeUndefined();
});

test.each<[string, JsonObject]>([
  ['parameters that no trial had', {params: {learning_rate: 0.0015}}],
  ['the value of another trial', {value: 0.6}],
])('a result with %s is neither adopted nor recognised', async (_, change) => {
  const bench = found(change);
  const before = bench.disk.texts();
  expect(await adoptIn(bench)).toEqual({is: 'refused', problems: [expect.stringMatching(/params with a value that no trial/)]});
  expect(bench.disk.texts()).toEqual(before);
  const {key} = bench.forecastOf(out).verdict;
  bench.disk.write(out, JSON.stringify({...(JSON.parse(bench.disk.readText(out)!) as JsonObject), key}));
  expect(bench.plan()).toEqual({[out]: 'run'});
});
