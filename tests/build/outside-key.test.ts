// What a script really imports is in its key; what a run imports beside it is found out, and judged like any input from then on.
import {expect, test} from 'vitest';
import {createHash} from 'node:crypto';
import {nodeId} from '../../src/base/ids.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {trialContextOf, currentTrialContext} from '../../src/build/trial-cache.ts';
import type {Step} from '../support/bench.ts';
import {bestOf, study, StudyBench} from '../support/search-bench.ts';

const out = bestOf('x');
const script = 'experiments/p/hpo_x.py';

function scripted(name = 'x'): Step {
  return {...study(name), in: [{path: script, part: {of: 'script_code'}, role: 'script'}], code: ['fts.hpo_script']};
}

function bench(source: string, files: Readonly<Record<string, string>> = {}, steps: readonly Step[] = [scripted()]): StudyBench {
  const made = new StudyBench(steps);
  made.disk.write(script, source);
  made.disk.write('/package/fts/__init__.py', '');
  for (const name of ['hpo_script', 'run', 'trial', 'training', 'windows']) made.disk.write(`/package/fts/${name}.py`, 'A = 1\n');
  for (const [path, text] of Object.entries(files)) made.disk.write(path, text);
  return made;
}

function judgedOf(made: StudyBench): JsonObject {
  return (made.jobOf(out) as unknown as {judged: JsonObject}).judged;
}

test.each([
  ['of the package', 'import fts.patches\n', '/package/fts/patches.py'],
  ['beside the script', 'import helpers\n', 'experiments/p/helpers.py'],
  ['of the workspace', 'from lib.deep import labels\n', 'lib/deep/labels.py'],
])('a module %s that only the script imports is in the key', async (_, source, path) => {
  const made = bench(source, {[path]: 'EPS = 1\n'});
  await made.build();
  expect((await made.build()).ran).toEqual([]);
  made.disk.write(path, 'EPS = 1  # a comment\n');
  expect(made.plan()).toEqual({[out]: 'stay'});
  made.disk.write(path, 'EPS = 2\n');
  expect(made.plan()).toEqual({[out]: 'run'});
  expect(made.forecastOf(out).verdict).toMatchObject({reason: {because: 'changed', changes: [{name: expect.stringContaining('code ')}]}});
});

test('and so is what such a module imports in turn, from the package or from the workspace', async () => {
  const made = bench('import helpers\n', {
    'experiments/p/helpers.py': 'import fts.extra\nimport other\n',
    'experiments/p/other.py': '',
    '/package/fts/extra.py': '',
  });
  await made.build();
  expect(Object.keys(judgedOf(made)['workspace'] as object)).toEqual(['experiments/p/helpers.py', 'experiments/p/other.py']);
  expect(judgedOf(made)['modules']).toEqual(['fts/__init__.py', 'fts/extra.py', 'fts/hpo_script.py']);
});

test('what Python finds beside the script comes before the same name at the root', async () => {
  const made = bench('import helpers\n', {'experiments/p/helpers.py': '1', 'helpers.py': '2'});
  await made.build();
  made.disk.write('helpers.py', '3');
  expect(made.plan()).toEqual({[out]: 'stay'});
});

test('trials of a search whose script imports more are not those of one that does not', () => {
  const usual = bench('import fts.hpo_script\n');
  const more = bench('import fts.hpo_script\nimport fts.patches\n', {'/package/fts/patches.py': 'EPS = 1\n'});
  const contextOf = (made: StudyBench): string => trialContextOf(made.session(), made.forecastOf(out).verdict.manifest);
  const [first, second] = [contextOf(usual), contextOf(more)];
  expect(second).not.toBe(first);
  more.disk.write('/package/fts/patches.py', 'EPS = 2\n');
  expect(contextOf(more)).not.toBe(second);
});

function importsLate(made: StudyBench, path: string, ran?: string, name = out): void {
  made.succeed(name);
  saysLate(made, path, ran, name);
}

/** The job is as it was set before. */
function saysLate(made: StudyBench, path: string, ran?: string, name = out): void {
  const run = made.jobs.get(name);
  made.jobs.set(name, (command) => {
    const {progress = [], ...rest} = run?.(command) ?? {};
    const text = ran ?? made.disk.readText(path.startsWith('fts/') ? `/package/${path}` : path) ?? '';
    const sha256 = createHash('sha256').update(text).digest('hex');
    return {...rest, progress: progress.map((event) => ({...event, discovered: [{module: 'extra', path, sha256}]}))};
  });
}

test.each(['fts/extra.py', 'lib/extra.py'])('%s, imported late, keeps the result, and makes it stale from then on', async (path) => {
  const at = path.startsWith('fts/') ? `/package/${path}` : path;
  const made = bench('import fts.hpo_script\n', {[at]: 'EPS = 1\n'});
  importsLate(made, path);
  const built = await made.build();
  expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'ran'});
  expect(built.events.filter(({type}) => type === 'node_warned')).toMatchObject([{diagnostic: {code: 'FTS516'}}]);
  const first = made.forecastOf(out).verdict.key;
  expect((await made.build()).ran).toEqual([]);
  made.disk.write(at, 'EPS = 2\n');
  expect(made.forecastOf(out)).toMatchObject({will: 'run', verdict: {reason: {changes: [{name: `code ${path}`}]}}});
  expect(made.forecastOf(out).verdict.key).not.toBe(first);
  // Now it is in the key: it is told to the job as judged, and is no news.
  made.succeed(out);
  await made.build();
  const judged = judgedOf(made);
  expect([...(judged['modules'] as string[]), ...Object.keys(judged['workspace'] as object)]).toContain(path);
  expect(made.plan()).toEqual({[out]: 'stay'});
  made.disk.write(at, 'EPS = 1\n');
  expect(made.plan()).toEqual({[out]: 'be_restored'});
  expect((await made.build()).outcomes.get(out)).toEqual({at: 'done', how: 'restored'});
  expect(made.forecastOf(out)).toMatchObject({will: 'stay', verdict: {key: first}});
});

test('results of a key are not taken over for another experiment where the module that they were made with has changed', async () => {
  const made = bench('', {'lib/extra.py': 'EPS = 1\n'});
  importsLate(made, 'lib/extra.py');
  await made.build();
  made.steps = [scripted(), scripted('y')];
  made.succeed(bestOf('y'));
  expect(made.forecastOf(bestOf('y')).will).toBe('be_restored');
  made.disk.write('lib/extra.py', 'EPS = 2\n');
  expect(made.forecastOf(bestOf('y')).will).toBe('run');
});

test('trials that were run with it are looked up no more by studies that know nothing of it', async () => {
  const made = bench('', {'lib/extra.py': 'EPS = 1\n'});
  const {manifest} = made.forecastOf(out).verdict;
  const before = currentTrialContext(made.session(), manifest);
  importsLate(made, 'lib/extra.py');
  await made.build();
  expect(currentTrialContext(made.session(), manifest)).not.toBe(before);
});

test('a late module whose file changed while the run went on makes the result refused, and is known from then on', async () => {
  const made = bench('', {'lib/extra.py': 'EPS = 2\n'});
  importsLate(made, 'lib/extra.py', 'EPS = 1\n');
  const outcome = (await made.build()).outcomes.get(out);
  expect(outcome).toMatchObject({at: 'failed', reason: 'outside_key', message: expect.stringContaining('code: [extra]')});
  expect(made.disk.stat(out)).toBe('missing');
  expect(made.forecastOf(out).verdict.manifest.map(([name]) => name)).toContain('code lib/extra.py');
});

test('a module of the key that was imported when it had been edited spoils the run: it is kept aside, and made anew under the key of now', async () => {
  const made = bench('import helpers\n', {'experiments/p/helpers.py': 'EPS = 1\n'});
  const {manifest} = made.forecastOf(out).verdict;
  const before = currentTrialContext(made.session(), manifest);
  const run = made.jobs.get(out);
  let runs = 0;
  made.jobs.set(out, (command) => {
    const {progress = [], ...job} = run?.(command) ?? {};
    runs += 1;
    if (runs > 1) return {progress, ...job};
    made.disk.write('experiments/p/helpers.py', 'EPS = 2\n');
    const edited = [{module: 'helpers', path: 'experiments/p/helpers.py', sha256: 's'}];
    const said = progress.map((event) => ({...event, status: 'failed', reason: 'changed_underway', message: 'edited', edited}));
    return {...job, progress: said, ending: {how: 'exited', status: 1}};
  });
  const built = await made.build();
  expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'ran'});
  expect(runs).toBe(2);
  expect(built.events.filter(({type}) => type === 'node_kept')).toMatchObject([
    {path: 'outputs/hpo/x', movedTo: expect.stringContaining('/kept/rejected-')},
  ]);
  expect(currentTrialContext(made.session(), manifest)).not.toBe(before);
  made.disk.write('experiments/p/helpers.py', 'EPS = 1\n');
  expect(made.forecastOf(out)).toMatchObject({will: 'run'});
  expect(made.forecastOf(out)).not.toHaveProperty('resumes');
});

test('what is known survives an interruption and a new start of the engine', async () => {
  const made = bench('', {'lib/extra.py': 'EPS = 1\n'});
  importsLate(made, 'lib/extra.py');
  const run = made.jobs.get(out);
  made.jobs.set(out, (command) => ({...run?.(command), ending: {how: 'exited', status: 75}}));
  await made.build();
  made.disk.write('lib/extra.py', 'EPS = 2\n');
  const session = made.session();
  session.store.compact();
  expect(session.store.standingOf(nodeId(out)).discovered).toEqual([['lib/extra.py', expect.any(String)]]);
  expect(made.forecastOf(out).verdict.manifest.map(([name]) => name)).toContain('code lib/extra.py');
});

test('unfinished work does not come back where the module that it was made with has changed', async () => {
  const edited = {...scripted(), params: {edit: 1}};
  const made = bench('', {'lib/extra.py': 'EPS = 1\n'}, [edited]);
  await made.build();
  made.steps = [scripted()];
  made.cut(out);
  saysLate(made, 'lib/extra.py');
  await made.build();
  made.steps = [edited];
  expect((await made.build()).outcomes.get(out)).toEqual({at: 'done', how: 'restored'});
  made.steps = [scripted()];
  expect(made.forecastOf(out)).toMatchObject({will: 'run', resumes: {trials: 2}});
  made.disk.write('lib/extra.py', 'EPS = 2\n');
  expect(made.forecastOf(out)).not.toHaveProperty('resumes');
  // Back at its place it is known again what it was made with.
  made.disk.write('lib/extra.py', 'EPS = 1\n');
  made.cut(out, 3);
  await made.build();
  expect(made.session().store.standingOf(nodeId(out)).discovered).toEqual([['lib/extra.py', expect.any(String)]]);
});
