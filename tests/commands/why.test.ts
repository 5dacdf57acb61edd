// `why` over a real study: what changed, down to the function; where it comes from; what it costs; why something is fresh.
import {beforeEach, expect, test} from 'vitest';
import {explain, plainAnswer, type Answer} from '../../src/commands/why.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {describeChange, describeChanges} from '../../src/ui/changes.ts';
import {schemaProblems} from '../support/schemas.ts';
import {StudyBench} from '../support/study-bench.ts';

const file = 'configs/quickstart.yaml';
const search = 'hpo quickstart_6K_h5_threshold_1pct';
const training = 'training quickstart_6K_h5_threshold_1pct seed 42';
let disk: MemoryDisk;
let bench: StudyBench;

beforeEach(async () => {
  const clock = handClock();
  disk = memoryDisk({}, clock);
  bench = new StudyBench({disk, clock, packageRoot: '/package'}, file);
  await bench.build();
});

function why(label: string): Answer {
  const session = bench.session();
  const node = session.graph.nodes.find((candidate) => candidate.label === label);
  if (node === undefined) throw new Error(`there is no ${label}`);
  const [answer] = explain(session, [node], false);
  expect(schemaProblems('why', {schema_version: 1, targets: [JSON.parse(JSON.stringify(plainAnswer(answer!)))]})).toEqual([]);
  return answer!;
}

function texts(label: string): readonly string[] {
  return why(label).changes.map(describeChange);
}

test('a changed parameter is told as old -> new', () => {
  bench.edit(file, '      epochs: 5\n', '      epochs: 6\n');
  expect(texts(training)).toEqual(['epochs: 5 -> 6']);
});

test('of a search space the member that changed is told', () => {
  bench.edit(file, 'dropout: {uniform: [0.0, 0.3]}', 'dropout: {uniform: [0.0, 0.4]}');
  expect(texts(search)).toEqual(['search.dropout: {uniform: [0, 0.3]} -> {uniform: [0, 0.4]}']);
});

test('changed Python code is told as module and function, offline', () => {
  bench.editPackage('fts/model.py', 'return logits.squeeze(1)', 'return logits.squeeze(-1)');
  expect(texts(search)).toEqual(['fts/model.py: PatchTST.forward']);
  bench.editPackage('fts/model.py', 'import math\n', 'import math\n\nWIDTH = 1\n');
  expect(texts(search)).toEqual(['fts/model.py: top level, PatchTST.forward']);
});

test('definitions that only moved are told as such; where the old parts are unknown, the module is', () => {
  const text = disk.readText('/package/fts/model.py') ?? '';
  const at = text.indexOf('\n\n\ndef count_built');
  disk.write(
    '/package/fts/model.py',
    text.slice(0, at).replace('class PatchTST', () => `${text.slice(at).trim()}\n\n\nclass PatchTST`),
  );
  expect(texts(search)).toEqual(['fts/model.py: order of its definitions']);
  disk.remove('.ftsbuild/parts');
  expect(texts(search)).toEqual(['fts/model.py changed']);
});

test('changed columns are told by their names, together', () => {
  bench.columns.set('Close', '2').set('Open', '3');
  bench.writeData(bench.session(), bench.session().study.data[0]!.path);
  expect(describeChanges(why(search).changes)).toEqual(['data: 2 columns changed: Open, Close']);
});

test('versions of the environment are told as old -> new', () => {
  disk.write('.venv/ftsbuild.json', JSON.stringify({training: {python: '3.11', torch: '2.10'}, data: {python: '3.11', numpy: '2.4'}}));
  expect(texts(search)).toEqual(['environment: torch 2.9 -> 2.10']);
});

test('a stale producer is followed to the root causes, each once', () => {
  bench.editPackage('fts/search.py', '\nfrom ', '\nMORE = 1\nfrom ');
  const answer = why('borrow quickstart_6K_h5_threshold_2pct');
  expect(answer.entry.will).toBe('follow');
  expect(answer.because.map(({reason, nodes}) => [reason, nodes.length])).toEqual([['fts/search.py: top level', 8]]);
  expect(why('report outputs/quickstart/docs/experiment_results.md').because.map(({reason}) => reason)).toEqual([
    'fts/search.py: top level',
  ]);
});

test('the cost is that of the node and of all that is stale for the same reasons', () => {
  bench.edit(file, '      epochs: 5\n', '      epochs: 6\n');
  const answer = why(training);
  expect(answer.cost).toMatchObject({ms: 6000, from: 'file'});
  expect(answer.downstream).toMatchObject({nodes: 12 + 24 + 1, unknown: 0});
  expect(answer.downstream?.ms).toBe(12 * 50 + 6 * (6000 + 8000 + 10_000 + 16_000) + 1000);
});

test('a change of an input names who made it', () => {
  bench.edit(file, 'trials: 4', 'trials: 5');
  const session = bench.session();
  const path = session.graph.nodes.find(({label}) => label === search)!.outputs[0]!.path;
  disk.write(path, '{"params": {"learning_rate": "other"}}');
  const [text] = texts(training);
  expect(text).toMatch(/^best_params: learning_rate .* -> other \(made by hpo quickstart_6K_h5_threshold_1pct\)$/);
});

test('the parameters of a training hold what its search found, and say so', () => {
  const params = (label: string): Record<string, string> => {
    const session = bench.session();
    const node = session.graph.nodes.find((candidate) => candidate.label === label)!;
    return Object.fromEntries(
      explain(session, [node], true)[0]!.params.map(({name, value, from}) => [name, `${JSON.stringify(value)} ${from}`]),
    );
  };
  expect(params(training)).toMatchObject({
    learning_rate: expect.stringMatching(/^"[0-9a-f]{8}" found by its search$/),
    d_model: 'null found by its search',
    epochs: '5 phase quickstart',
  });
  bench.edit(file, 'dropout: {uniform: [0.0, 0.3]}', 'dropout: {uniform: [0.0, 0.4]}');
  expect(params(training)['learning_rate']).toMatch(/found by its search, which is to run again$/);
  expect(params('training quickstart_6K_h5_threshold_2pct seed 42')['learning_rate']).toContain(
    'borrowed (interpolate) from quickstart_6K_h5_threshold_1pct, ',
  );
});

test('a fresh target says how and when it was made, and how much was compared', () => {
  const answer = why(training);
  expect(answer.because).toEqual([]);
  expect(plainAnswer(answer)).toMatchObject({
    state: 'stay',
    fresh: {how: 'ran', dependencies: expect.any(Number)},
    estimate: null,
    downstream: null,
  });
});
