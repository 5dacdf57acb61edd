// Borrowing: which value each searched parameter gets from which source, and which sources are refused.
import {expect, test} from 'vitest';
import type {JsonObject} from '../../src/base/json.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {keyOf, manifestOf} from '../../src/state/manifest.ts';
import {openWorld} from '../../src/state/world.ts';
import {validateResult} from '../../src/config/results.ts';
import type {Identity, Scale} from '../../src/config/study.ts';
import type {Node} from '../../src/graph/node.ts';
import {borrowParams} from '../../src/rules/borrow.ts';
import {get, replaced, small} from '../config/texts.ts';
import {sampleBestParams} from '../support/samples.ts';
import {key} from '../../src/base/ids.ts';
import {borrowToCome} from '../../src/build/texts-to-come.ts';
import {nodeOf, performed, studyFromText} from '../support/studies.ts';

const identity: Identity = {experiment: 'x', phase: 'p', budget: '2M', task: 't', horizon: 1, timescale: 'daily', tier: 'a20', data: 'd'};

interface Given {
  readonly weight: number;
  readonly distance?: number;
  readonly params: JsonObject;
}

function borrowed(searched: Readonly<Record<string, Scale>>, ...given: readonly Given[]): JsonObject {
  const sources = given.map(({weight, distance = 1 - weight, params}, at) => ({
    source: {experiment: `source${at}`, weight, distance, identity},
    params,
  }));
  return borrowParams({from: sources.map(({source}) => source), searched: new Map(Object.entries(searched))}, sources);
}

const half = (...all: readonly JsonObject[]): readonly Given[] => all.map((params) => ({weight: 1 / all.length, params}));

test('a parameter that was searched on a log scale is interpolated on it', () => {
  const {learning_rate} = borrowed({learning_rate: 'log'}, ...half({learning_rate: 1e-4}, {learning_rate: 1e-2}));
  expect(learning_rate).toBeCloseTo(1e-3, 12);
});

test('one that was searched evenly is interpolated evenly, by the weights', () => {
  const {dropout} = borrowed({dropout: 'linear'}, {weight: 0.75, params: {dropout: 0.1}}, {weight: 0.25, params: {dropout: 0.3}});
  expect(dropout).toBeCloseTo(0.15, 12);
});

const whole: Scale = {low: 1, high: 100, step: 1};

test('whole numbers stay whole', () => {
  expect(borrowed({epochs: whole}, ...half({epochs: 50}, {epochs: 75}))).toEqual({epochs: 63});
});

test.each([
  [2, 12, 12],
  [2, 22, 12],
  [12, 22, 22],
  [2, 2, 2],
  [13, 13, 12],
  [90, 90, 22],
  [1, 1, 2],
])('a whole number lies on a step of its range: from %i and %i comes %i', (one, other, between) => {
  const steps = {low: 2, high: 25, step: 10};
  expect(borrowed({epochs: steps}, ...half({epochs: one}, {epochs: other}))).toEqual({epochs: between});
});

test('equal values stay exactly what they are', () => {
  const third = (params: JsonObject): Given => ({weight: 1 / 3, params});
  const params = {learning_rate: 0.0003, dropout: 0.1};
  expect(borrowed({learning_rate: 'log', dropout: 'linear'}, third(params), third(params), third(params))).toEqual(params);
});

const architecture = {d_model: 'architecture', n_layers: 'architecture', n_heads: 'architecture', ff_ratio: 'architecture'} as const;

test('the architecture and every choice come whole from the nearest source', () => {
  const near = {d_model: 16, n_layers: 2, n_heads: 4, ff_ratio: 2, batch_size: 32};
  const far = {d_model: 8, n_layers: 6, n_heads: 2, ff_ratio: 4, batch_size: 64};
  expect(borrowed({...architecture, batch_size: 'choice'}, {weight: 0.4, params: far}, {weight: 0.6, params: near})).toEqual(near);
});

test('a mean takes them from the nearest source as well, wherever that stands in the file', () => {
  const [far, near, middle] = [8, 16, 32].map((d_model) => ({d_model, n_layers: 1, n_heads: 2, ff_ratio: 2, dropout: d_model / 100}));
  const given = [
    {weight: 1 / 3, distance: 0.9, params: far!},
    {weight: 1 / 3, distance: 0.1, params: near!},
    {weight: 1 / 3, distance: 0.7, params: middle!},
  ];
  expect(borrowed({...architecture, dropout: 'linear'}, ...given)).toEqual({...near, dropout: expect.closeTo(0.56 / 3, 12)});
});

test('on a tie the first source in the file counts', () => {
  expect(borrowed({loss: 'choice'}, ...half({loss: 'focal'}, {loss: 'bce'}))).toEqual({loss: 'focal'});
});

test('a conditional parameter that one source lacks comes from the other; one that none has stays away', () => {
  const searched = {loss: 'choice', focal_gamma: 'linear', patience: whole} as const;
  expect(borrowed(searched, ...half({loss: 'bce'}, {loss: 'focal', focal_gamma: 2}))).toEqual({loss: 'bce', focal_gamma: 2});
});

test('a mean is the same with equal weights, over any number of sources', () => {
  const {learning_rate, dropout} = borrowed(
    {learning_rate: 'log', dropout: 'linear'},
    ...half({learning_rate: 1e-2, dropout: 0.1}, {learning_rate: 1e-3, dropout: 0.2}, {learning_rate: 1e-4, dropout: 0.3}),
  );
  expect(learning_rate).toBeCloseTo(1e-3, 12);
  expect(dropout).toBeCloseTo(0.2, 12);
});

test('a source of no weight gives nothing, as long as the other has the parameter', () => {
  const searched = {learning_rate: 'log', dropout: 'linear'} as const;
  const nearest = {weight: 1, params: {learning_rate: 0.001}};
  const other = {weight: 0, params: {learning_rate: 0.1, dropout: 0.2}};
  expect(borrowed(searched, nearest, other)).toEqual({learning_rate: 0.001, dropout: 0.2});
});

// From here on the node: its sources' files read, checked, and named in the result.

const loaded = studyFromText(small);
const target = 'outputs/hpo/first_6K_h1_up2/best_params.json';

function sourceFile(experiment: string, change: JsonObject = {}): string {
  const found = get(loaded.study, experiment);
  const params = {d_model: 8, n_layers: 3, n_heads: 2, ff_ratio: 4, learning_rate: 0.0004};
  return JSON.stringify({...sampleBestParams('a'.repeat(64)), identity: found.identity, params, ...change});
}

function sources(changes: Readonly<Record<string, JsonObject>> = {}): Record<string, string> {
  return Object.fromEntries(
    ['first_6K_h1_up1', 'first_6K_h1_up3'].map((name) => [`outputs/hpo/${name}/best_params.json`, sourceFile(name, changes[name])]),
  );
}

test('the result is a whole best_params file that names its sources with keys and weights', async () => {
  const text = (await performed(nodeOf(loaded, target), sources({first_6K_h1_up3: {key: 'b'.repeat(64)}})))[target] ?? '';
  const result = JSON.parse(text) as JsonObject;
  expect(validateResult('best_params', result)).toEqual([]);
  expect(result).toMatchObject({
    method: 'borrow:interpolate',
    identity: {experiment: 'first_6K_h1_up2', task: 'up2'},
    params: {d_model: 8, n_layers: 3, n_heads: 2, ff_ratio: 4, learning_rate: 0.0004},
    value: null,
    sources: [
      {experiment: 'first_6K_h1_up1', key: 'a'.repeat(64), path: 'outputs/hpo/first_6K_h1_up1/best_params.json', weight: 0.5},
      {experiment: 'first_6K_h1_up3', key: 'b'.repeat(64), path: 'outputs/hpo/first_6K_h1_up3/best_params.json', weight: 0.5},
    ],
  });
});

test('what is borrowed from adopted results says so, with their names', async () => {
  const adopted = {trials: 3, reason: 'from elsewhere'};
  const [text = ''] = Object.values(await performed(nodeOf(loaded, target), sources({first_6K_h1_up3: {adopted}})));
  const result = JSON.parse(text) as JsonObject;
  expect(result['adopted']).toEqual({trials: 3, reason: 'borrowed from what was adopted, first_6K_h1_up3: from elsewhere'});
  expect(validateResult('best_params', result)).toEqual([]);
  const [plain = ''] = Object.values(await performed(nodeOf(loaded, target), sources()));
  expect(JSON.parse(plain)).not.toHaveProperty('adopted');
});

test.each([
  ['interpolate', '{task: up1}, {task: up3}', {up1: 0.5, up3: 0.5}],
  ['mean', '{task: up1}, {task: up3}', {up1: 0.5, up3: 0.5}],
  ['copy', '{task: up3}', {up3: 1}],
  ['nearest', '{task: up3}, {task: up1}', {up3: 1, up1: 0}],
])('`%s` weighs its sources by the file', (method, from, weights) => {
  const {study} = studyFromText(replaced('from: [{task: up1}, {task: up3}], method: interpolate', `from: [${from}], method: ${method}`));
  const {source} = get(study, 'first_18K_h1_up2');
  const weighed = source.kind === 'borrow' ? source.from.filter(({weight}) => weight > 0) : [];
  expect(Object.fromEntries(weighed.map(({identity: {task}, weight}) => [task, weight]))).toEqual(
    Object.fromEntries(Object.entries(weights).filter(([, weight]) => weight > 0)),
  );
});

test('how near a source is follows from the percentages of the tasks, and is in the key', () => {
  const {study, graph} = studyFromText(replaced('pct: 2}', 'pct: 2.9}', replaced('method: interpolate', 'method: mean')));
  const {source} = get(study, 'first_6K_h1_up2');
  expect(source.kind === 'borrow' && source.from.map(({distance, weight}) => [distance, weight])).toEqual([
    [1.9, 0.5],
    [0.1, 0.5],
  ]);
  expect(nodeOf({graph}, target).params.get('from')).toMatchObject([{distance: 1.9}, {distance: 0.1}]);
});

test('its key rests on what it reads, not on when and from which commit a source was made', () => {
  const keyWith = (change: JsonObject): string => {
    const disk = memoryDisk(sources({first_6K_h1_up3: change}));
    const digests = openDigests(disk, handClock(), '.ftsbuild/digests');
    const world = openWorld({disk, digests, packageRoot: '/none', dataManifest: 'data/manifest.json'});
    return keyOf(manifestOf(nodeOf(loaded, target), world));
  };
  const key = keyWith({});
  for (const same of [{duration_seconds: 99}, {provenance: {git_commit: 'c'.repeat(40)}}, {value: 0.1}, {trials: null}])
    expect([same, keyWith(same)]).toEqual([same, key]);
  for (const other of [
    {params: {d_model: 16}},
    {key: 'c'.repeat(64)},
    {identity: {...identity}},
    {adopted: {trials: 3, reason: 'from elsewhere'}},
  ])
    expect([other, keyWith(other)]).not.toEqual([other, key]);
});

async function refusal(node: Node, files: Readonly<Record<string, string>>): Promise<string> {
  const outcome = await performed(node, files).then(
    () => 'it borrows',
    (error: unknown) => (error instanceof Error ? error.message : 'unknown'),
  );
  return outcome;
}

const first = 'outputs/hpo/first_6K_h1_up1/best_params.json';

test.each([
  ["of another experiment's", {identity: {...identity, experiment: 'other'}}, /cannot borrow from .*up1.*carries the identity .*"other"/],
  ['of a partial search', {status: 'partial'}, /its search is "partial", not complete/],
  ['without a status', {status: null}, /its search is null/],
  ['without params', {params: null}, /it is no result of a study/],
])('a source %s is refused', async (_, change, message) => {
  expect(await refusal(nodeOf(loaded, target), sources({first_6K_h1_up1: change}))).toMatch(message);
});

test.each([
  ['is corrupt', '{"schema_version": 1, "params": {'],
  ['is empty', ''],
  ['is a list', '[1]'],
])('a source that %s is refused by its path', async (_, text) => {
  expect(await refusal(nodeOf(loaded, target), {...sources(), [first]: text})).toMatch(
    /first_6K_h1_up2 cannot borrow from outputs\/hpo\/first_6K_h1_up1\/best_params\.json: it is no JSON object/,
  );
});

test('a partial source will do where the phase accepts it', async () => {
  const accepting = studyFromText(replaced('    matrix:', '    accept_partial: true\n    matrix:'));
  const files = await performed(nodeOf(accepting, target), sources({first_6K_h1_up1: {status: 'partial'}}));
  expect(Object.keys(files)).toEqual([target]);
});

test('what a borrow comes to is known before it runs, where its sources are: nothing after it has to wait to be judged', async () => {
  const files = sources();
  const node = nodeOf(loaded, target);
  const coming = borrowToCome(node, key('c'.repeat(64)), (path) => files[path]);
  const made = (await performed(node, files))[target] ?? '';
  expect(coming.map(([path, text]) => [path, JSON.parse(text) as object])).toEqual([
    [target, {...(JSON.parse(made) as object), key: 'c'.repeat(64)}],
  ]);
  expect(borrowToCome(node, key('c'.repeat(64)), () => undefined)).toEqual([]);
});
