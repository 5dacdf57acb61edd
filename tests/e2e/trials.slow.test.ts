// What a trial or an epoch has cost is not paid again: by another study, by a top-up, or after a kill at any moment.
import {afterAll, beforeAll, expect, test} from 'vitest';
import {Workspace, changed, tinyStudy} from '../support/command-line.ts';

// The second phase is the first one under other names, with another space around its forced trials.
const twin = `  twin:
    matrix: {budget: [3K], task: [up1]}
    hpo:
      trials: 2
      startup_trials: 2
      pruner: none
      search:
        architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4], n_heads: [2], ff_ratio: [2, 4]}
        learning_rate: {log: [1.0e-4, 1.0e-3]}
    training: {seeds: [42]}
`;
// The first phase again, with more trials.
const more = `  more:
    matrix: {budget: [3K], task: [up1]}
    hpo:
      trials: 5
      startup_trials: 1
      search:
        architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4], n_heads: [2], ff_ratio: [2, 4]}
        learning_rate: {log: [1.0e-4, 1.0e-3]}
    training: {seeds: [42]}
`;
const text = `${changed(tinyStudy, 'training: {seeds: [42]}', 'training: {seeds: [42], epochs: 40}')}${twin}${more}`;
const study = new Workspace({'experiments.yaml': text});
// What else kills a job is met by one more attempt in the same build; here it ends the build, so that another one has to go on.
const endsWithItsJob = 'retry: {killed: 0}\n';
const folder = 'outputs/hpo/tiny_3K_h3_up1';
const trained = 'outputs/training/tiny_3K_h3_up1';

beforeAll(async () => {
  expect((await study.ftsbuild([folder])).status).toBe(0);
});

afterAll(() => {
  study.discard();
});

interface Trial {
  readonly cached: boolean;
  readonly told: unknown;
}

function trialsOf(workspace: Workspace, directory = folder): readonly Trial[] {
  const lines = workspace.read(`${directory}/trials.jsonl`).trimEnd().split('\n');
  return lines.map((line) => {
    const {seconds: _seconds, study: _study, cached, ...told} = JSON.parse(line) as {seconds: number; study: string; cached: boolean};
    return {cached, told};
  });
}

const told = (workspace: Workspace, directory = folder): readonly unknown[] => trialsOf(workspace, directory).map((trial) => trial.told);

function bestOf(workspace: Workspace): unknown {
  const {params, value, epoch, trial, key} = workspace.json(`${folder}/best_params.json`);
  return {params, value, epoch, trial, key};
}

/** The job that runs, as the engine noted it. */
function jobOf(workspace: Workspace): number {
  const noted = Object.keys(workspace.listing()).filter((path) => /^\.ftsbuild\/jobs\/[^/]+\/process\.json$/u.test(path));
  const running = workspace.processes();
  const pid = noted.map((path) => Number(workspace.json(path)['pid'])).find((candidate) => running.includes(candidate));
  if (pid === undefined) throw new Error('no job is running');
  return pid;
}

test('an experiment of another phase that is the same but for its name costs a lookup a trial', async () => {
  const copy = study.copyForTest();
  const ran = await copy.ftsbuild(['outputs/hpo/twin_3K_h3_up1']);
  expect(ran.status).toBe(0);
  expect(ran.out).toContain('trials: 1 evaluated, 1 from the cache (50 % of 2)');
  expect(copy.events().at(-1)).toMatchObject({type: 'build_ended', trials: {evaluated: 1, cached: 1, hit_rate: 0.5}});
  const [first] = trialsOf(copy, 'outputs/hpo/twin_3K_h3_up1');
  expect(first).toEqual({cached: true, told: told(study)[0]});
  expect(copy.json('outputs/hpo/twin_3K_h3_up1/best_params.json')['trials']).toMatchObject({ended: 2, cached: 1});
  expect((await copy.ftsbuild(['-q', 'outputs/hpo/twin_3K_h3_up1'])).status).toBe(0);
});

test('the same experiment in another phase with more trials goes on from the study that is there, and is the study that had all from the start', async () => {
  const [copy, whole] = [study.copyForTest(), Workspace.forTest({'experiments.yaml': changed(text, 'trials: 2', 'trials: 5')})];
  const further = 'outputs/hpo/more_3K_h3_up1';
  copy.remove('.ftsbuild/trials');
  expect((await copy.ftsbuild(['scripts'])).status).toBe(0);
  expect((await copy.ftsbuild([further, '-nv'])).out).toContain('goes on with 2 trials from hpo tiny_3K_h3_up1');
  const ran = await copy.ftsbuild([further]);
  expect([ran.status, ran.out]).toEqual([0, expect.stringContaining('trials: 3 evaluated, 0 from the cache')]);
  expect((await whole.ftsbuild([folder])).status).toBe(0);
  expect(trialsOf(copy, further)).toEqual(trialsOf(whole));
  expect(copy.json(`${further}/best_params.json`)['identity']).toMatchObject({experiment: 'more_3K_h3_up1'});
  expect(trialsOf(copy)).toEqual(trialsOf(study));
});

test('a topped-up study is the study that had all its trials from the start; fewer trials run nothing', async () => {
  const [topped, whole] = [study.copyForTest(), Workspace.forTest({'experiments.yaml': changed(text, 'trials: 2', 'trials: 5')})];
  topped.edit('trials: 2', 'trials: 5');
  expect((await topped.ftsbuild([folder])).status).toBe(0);
  expect((await whole.ftsbuild([folder])).status).toBe(0);
  expect(trialsOf(topped)).toEqual(trialsOf(whole));
  expect(bestOf(topped)).toEqual(bestOf(whole));
  expect(topped.json(`${folder}/best_params.json`)['trials']).toMatchObject({expected: 5, ended: 5});
  expect(topped.log().map(({status, attempt}) => `${status} ${String(attempt)}`)).toEqual(['success 1', 'success 2']);
  topped.edit('trials: 5', 'trials: 3');
  expect((await topped.ftsbuild([folder])).status).toBe(0);
  expect(topped.ran()).not.toContain(`${folder}/best_params.json`);
  expect(told(topped)).toHaveLength(5);
});

test('a search whose job and whose engine are killed at several trials ends with the same trials, and its time adds up', async () => {
  const [killed, whole] = [study.copyForTest(), study.copyForTest()];
  for (const copy of [killed, whole]) copy.edit('trials: 2', 'trials: 14');
  killed.edit('version: 1\n', `version: 1\n${endsWithItsJob}`);
  expect((await whole.ftsbuild([folder])).status).toBe(0);
  for (const [at, victim] of [
    [4, 'job'],
    [7, 'engine'],
    [10, 'job'],
  ] as const) {
    let isKilled = false;
    await killed.ftsbuild([folder], {
      onOutput: (out, child) => {
        if (isKilled || !out.includes(`trial ${String(at)} of 14`)) return;
        isKilled = true;
        process.kill(victim === 'job' ? jobOf(killed) : (child.pid ?? 0), 'SIGKILL');
      },
    });
    expect(isKilled).toBe(true);
  }
  expect((await killed.ftsbuild([folder])).status).toBe(0);
  expect(trialsOf(killed)).toEqual(trialsOf(whole));
  expect(bestOf(killed)).toEqual(bestOf(whole));
  const rows = killed.log().slice(1);
  expect(rows.map(({status}) => status)).toEqual(['failed', 'interrupted', 'failed', 'success']);
  const seconds = rows.map(({duration_seconds}) => duration_seconds ?? -1);
  expect(seconds).toEqual(seconds.toSorted((left, right) => left - right));
});

test.each([
  ['as soon as an epoch is told', 0],
  ['within an epoch', 25],
])('a training whose job is killed %s ends with the same weights', async (_, laterMs) => {
  const [killed, whole] = [study.copyForTest(), study.copyForTest()];
  expect((await whole.ftsbuild([trained])).status).toBe(0);
  killed.edit('version: 1\n', `version: 1\n${endsWithItsJob}`);
  let isKilled = false;
  await killed.ftsbuild(['-v', trained], {
    onOutput: (out) => {
      if (isKilled || !out.includes('epoch 7 of 40')) return;
      isKilled = true;
      const pid = jobOf(killed);
      setTimeout(() => process.kill(pid, 'SIGKILL'), laterMs);
    },
  });
  expect(isKilled).toBe(true);
  expect(killed.has(`${trained}/seed42/metrics.json`)).toBe(false);
  expect((await killed.ftsbuild([trained])).status).toBe(0);
  expect(killed.read(`${trained}/seed42/train.log`)).toContain('Training resumed after epoch');
  for (const name of ['predictions.parquet', 'checkpoints/best.pt'])
    expect(killed.listing()[`${trained}/seed42/${name}`]).toBe(whole.listing()[`${trained}/seed42/${name}`]);
});
