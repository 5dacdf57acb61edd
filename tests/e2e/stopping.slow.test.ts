// Builds that are stopped, suspended, killed or cut short go on where they were, with the numbers of an undisturbed one.
import type {ChildProcess} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {afterAll, beforeAll, expect, onTestFinished, test, vi} from 'vitest';
import {Workspace, changed, tinyStudy, type Ran} from '../support/command-line.ts';

// A training of some seconds, so that it can be killed in the middle.
const text = changed(tinyStudy, 'training: {seeds: [42]}', 'training: {seeds: [42], epochs: 40}');
const study = new Workspace({'experiments.yaml': text});

const folder = 'outputs/hpo/tiny_3K_h3_up1';
const trained = 'outputs/training/tiny_3K_h3_up1';
const metrics = `${trained}/seed42/metrics.json`;

beforeAll(async () => {
  expect((await study.ftsbuild(['hpo'])).status).toBe(0);
});

afterAll(() => {
  study.discard();
});

function trialsOf(workspace: Workspace): readonly unknown[] {
  const lines = workspace.read(`${folder}/trials.jsonl`).trimEnd().split('\n');
  return lines.map((line) => {
    const {seconds: _seconds, epochs, ...trial} = JSON.parse(line) as {seconds: number; epochs: {seconds?: number}[]};
    return {...trial, epochs: epochs.map(({seconds: _epochSeconds, ...epoch}) => epoch)};
  });
}

function metricsOf(workspace: Workspace): Record<string, unknown> {
  const {duration_seconds: _seconds, provenance: _provenance, ...numbers} = workspace.json(metrics);
  return numbers;
}

async function endOf(pid: number): Promise<void> {
  await study.run(['tail', '-s', '0.05', '-f', '/dev/null', '--pid', String(pid)]);
}

test('a search that Ctrl-C stops has its row, leaves nothing running, and ends as one that was never stopped', async () => {
  const undisturbed = study.copyForTest();
  undisturbed.edit('trials: 2', 'trials: 14');
  expect((await undisturbed.ftsbuild([folder])).status).toBe(0);

  const stopped = study.copyForTest();
  stopped.edit('trials: 2', 'trials: 14');
  let isStopping = false;
  const ran = await stopped.ftsbuild([folder], {
    onOutput: (out, child) => {
      if (isStopping || !out.includes('trial 5 of 14')) return;
      isStopping = true;
      child.kill('SIGINT');
    },
  });
  expect([isStopping, ran.status]).toEqual([true, 130]);
  expect(ran.err).toContain('Stopping: running jobs save what they have and end.');
  expect(stopped.processes()).toEqual([]);
  expect(stopped.has('.ftsbuild/lock')).toBe(false);
  expect(stopped.log().at(-1)).toMatchObject({run_type: 'hpo', status: 'interrupted', reason: 'signal', attempt: 2});
  expect(trialsOf(stopped).length).toBeLessThan(14);

  expect((await stopped.ftsbuild([folder])).status).toBe(0);
  expect(stopped.log().at(-1)).toMatchObject({status: 'success', attempt: 3});
  expect(trialsOf(stopped)).toEqual(trialsOf(undisturbed));
  expect(stopped.json(`${folder}/best_params.json`)['params']).toEqual(undisturbed.json(`${folder}/best_params.json`)['params']);
});

/** What the system says of a process: `T` is stopped. */
function stateOf(pid: number): string | undefined {
  return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1];
}

function cpuOf(pids: readonly number[]): number {
  return pids
    .map(
      (pid) =>
        readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
          .split(') ')[1]
          ?.split(' ') ?? [],
    )
    .reduce((sum, fields) => sum + Number(fields[11]) + Number(fields[12]), 0);
}

test('a build that Ctrl-Z suspends takes its jobs along, and goes on with them to the same numbers', async () => {
  const [undisturbed, suspended] = [study.copyForTest(), study.copyForTest()];
  for (const copy of [undisturbed, suspended]) copy.edit('trials: 2', 'trials: 60');
  expect((await undisturbed.ftsbuild([folder])).status).toBe(0);
  let spentMeanwhile: Promise<number> | undefined;
  const ran = await suspended.ftsbuild([folder], {
    onOutput: (out, child) => {
      if (!out.includes('trial 3 of 60')) return;
      spentMeanwhile ??= suspendFor(2000, suspended, child);
    },
  });
  // Of some two hundred: a job that stands still looks for its word now and then.
  expect(await spentMeanwhile).toBeLessThan(20);
  expect([ran.status, suspended.log().at(-1)?.status]).toEqual([0, 'success']);
  expect(trialsOf(suspended)).toEqual(trialsOf(undisturbed));
});

test('a build whose workspace is renamed ends, with its jobs, and makes nothing anew at the old place', async () => {
  const renamed = study.copyForTest();
  renamed.edit('trials: 2', 'trials: 60');
  const elsewhere = `${renamed.root}-elsewhere`;
  onTestFinished(() => rmSync(elsewhere, {recursive: true, force: true}));
  const ran = await renamed.ftsbuild([folder], {
    onOutput: (out) => {
      if (out.includes('trial 3 of 60') && !existsSync(elsewhere)) renameSync(renamed.root, elsewhere);
    },
  });
  expect([ran.status, existsSync(renamed.root)]).toEqual([3, false]);
  expect(ran.err).toContain('was renamed, moved or removed meanwhile');
  expect(renamed.processes(elsewhere)).toEqual([]);
});

/** In clock ticks: what all processes of the workspace computed while the builder was suspended. */
async function suspendFor(ms: number, workspace: Workspace, builder: ChildProcess): Promise<number> {
  const pid = builder.pid ?? 0;
  builder.kill('SIGTSTP');
  await vi.waitFor(() => expect(stateOf(pid)).toBe('T'), {timeout: 20_000, interval: 20});
  const processes = workspace.processes();
  const before = cpuOf(processes);
  await sleep(ms);
  const spent = cpuOf(processes) - before;
  builder.kill('SIGCONT');
  return spent;
}

test('more trials go on with the study, in the same folder and under the same key; fewer are nothing to run', async () => {
  const copy = study.copyForTest();
  copy.edit('trials: 2', 'trials: 4');
  expect((await copy.ftsbuild([folder])).out).toContain('trial 3 of 4');
  expect(trialsOf(copy).slice(0, 2)).toEqual(trialsOf(study));
  expect(copy.json(`${folder}/best_params.json`)['key']).toBe(study.json(`${folder}/best_params.json`)['key']);
  copy.edit('trials: 4', 'trials: 3');
  await copy.ftsbuild([folder]);
  expect(copy.ran()).toEqual(['experiments/tiny/hpo_3K_h3_up1.py']);
});

test('an engine that is killed takes its training along; the next build writes one interrupted row and finishes with the same numbers', async () => {
  const undisturbed = study.copyForTest();
  expect((await undisturbed.ftsbuild([trained])).status).toBe(0);

  const killed = study.copyForTest();
  let isKilled = false;
  let jobs: readonly number[] = [];
  await killed.ftsbuild(['-v', trained], {
    onOutput: (out, child) => {
      if (isKilled || !out.includes('epoch 5 of 40')) return;
      isKilled = true;
      jobs = killed.processes().filter((pid) => pid !== child.pid);
      child.kill('SIGKILL');
    },
  });
  expect(isKilled).toBe(true);
  for (const pid of jobs) await endOf(pid);
  expect(killed.processes()).toEqual([]);
  expect(killed.has(metrics)).toBe(false);

  expect((await killed.ftsbuild([trained])).status).toBe(0);
  const rows = killed.log().filter(({run_type}) => run_type === 'training');
  expect(rows.map(({status, attempt}) => `${status} ${String(attempt)}`)).toEqual(['interrupted 1', 'success 2']);
  expect(metricsOf(killed)).toEqual(metricsOf(undisturbed));
});

test('a training that ends after its engine has died is not trained again, and has one row, of success', async () => {
  const copy = study.copyForTest();
  let dying: Promise<void> | undefined;
  await copy.ftsbuild(['-v', trained], {
    onOutput: (out, child) => {
      if (!out.includes('epoch 5 of 40')) return;
      dying ??= dieAfter(() => copy.has(metrics), child);
    },
  });
  await dying;
  expect((await copy.ftsbuild([trained])).out).toContain('1 recognised');
  expect(copy.read(`${trained}/seed42/train.log`).match(/Epoch 1\/40/g)).toHaveLength(1);
  expect(copy.log().filter(({run_type}) => run_type === 'training')).toMatchObject([{status: 'success', attempt: 1}]);
  expect(copy.log().at(-1)?.val_loss).toBe((copy.json(metrics)['val'] as {loss: number}).loss);
});

/** As on a machine that stalls: the engine hears nothing any more, and is gone when its job has ended. */
async function dieAfter(isOver: () => boolean, engine: ChildProcess): Promise<void> {
  engine.kill('SIGSTOP');
  await vi.waitFor(() => expect(isOver()).toBe(true), {timeout: 60_000});
  engine.kill('SIGKILL');
}

test('started cold or warm, a search and a training give the same numbers', async () => {
  const [warm, cold] = [study.copyForTest(), study.copyForTest()];
  for (const copy of [warm, cold]) copy.edit('trials: 2', 'trials: 3');
  expect((await warm.ftsbuild([folder, trained])).status).toBe(0);
  expect((await cold.ftsbuild(['--cold', folder, trained])).status).toBe(0);
  expect(trialsOf(cold)).toEqual(trialsOf(warm));
  expect(metricsOf(cold)).toEqual(metricsOf(warm));
});

test('a study that its timeout cuts is partial and blocks its trainings; each build goes on with it', async () => {
  const copy = study.copyForTest();
  copy.edit('trials: 2', 'trials: 4000\n      timeout: 1s');
  const ran = await copy.ftsbuild([trained]);
  expect(ran.status).toBe(1);
  expect(ran.out).toMatch(/Z partial hpo tiny_3K_h3_up1: cut by its timeout after \d+ of 4000 trials/m);
  expect(ran.out).toContain('1 blocked by hpo tiny_3K_h3_up1');
  expect(copy.log().at(-1)).toMatchObject({run_type: 'hpo', status: 'partial', reason: 'timeout'});
  expect(copy.json(`${folder}/best_params.json`)).toMatchObject({status: 'partial'});
  const before = trialsOf(copy);
  expect((await copy.ftsbuild(['status', folder])).out).toContain('1 partial');
  expect((await copy.ftsbuild([folder])).status).toBe(1);
  expect(trialsOf(copy).slice(0, before.length)).toEqual(before);
  expect(trialsOf(copy).length).toBeGreaterThan(before.length);
});

test('where the phase accepts partial studies, the trainings run, and the exit status still says that it is partial', async () => {
  const copy = study.copyForTest();
  copy.edit('trials: 2', 'trials: 4000\n      timeout: 1s');
  copy.edit('    hpo:\n', '    accept_partial: true\n    hpo:\n');
  expect((await copy.ftsbuild([trained])).status).toBe(1);
  expect(copy.log().slice(-2)).toMatchObject([
    {run_type: 'hpo', status: 'partial'},
    {run_type: 'training', status: 'success'},
  ]);
  expect(copy.json(metrics)).toMatchObject({hpo: {status: 'partial'}});
});

test('a build that waited for another one runs only what that one left', async () => {
  const copy = study.copyForTest();
  copy.edit('trials: 2', 'trials: 3');
  let second: Promise<Ran> | undefined;
  const first = await copy.ftsbuild([folder], {
    onOutput: (out) => {
      if (out.includes('hpo tiny')) second ??= copy.ftsbuild(['--wait', folder, metrics]);
    },
  });
  expect(first.status).toBe(0);
  expect((await second)?.status).toBe(0);
  expect((await second)?.out).not.toContain('trial');
  expect(copy.ran()).toEqual([`experiments/tiny/train_3K_h3_up1.py`, metrics]);
});

/** Who works on a node, by what the engine noted. */
function processOf(workspace: Workspace, node: string): number {
  const jobs = readdirSync(join(workspace.root, '.ftsbuild/jobs'));
  const job = jobs.find((name) => workspace.json(`.ftsbuild/jobs/${name}/job.json`)['node'] === node) ?? '';
  return Number(workspace.json(`.ftsbuild/jobs/${job}/process.json`)['pid']);
}

test.each([
  ['warm', []],
  ['cold', ['--cold']],
] as const)(
  'a log and digests that cannot be written end a %s build: nothing runs on, and the next build writes the rows',
  async (_, how) => {
    const copy = study.copyForTest();
    copy.edit('training: {seeds: [42], epochs: 40}', 'training: {seeds: [42, 43], epochs: 4000}');
    const files = ['docs/experiment_results.csv', '.ftsbuild/digests'];
    const moveAll = (from: string, to: string): void => {
      for (const path of files) renameSync(join(copy.root, `${path}${from}`), join(copy.root, `${path}${to}`));
    };
    let isBroken = false;
    const ran = await copy.ftsbuild([...how, '-v', '-j', '2', trained], {
      onOutput: (out) => {
        if (isBroken || ![42, 43].every((seed) => out.includes(`seed ${String(seed)}: epoch 3 of`))) return;
        isBroken = true;
        moveAll('', '.kept');
        for (const path of files) mkdirSync(join(copy.root, path));
        process.kill(processOf(copy, metrics), 'SIGKILL');
      },
    });
    expect([isBroken, ran.status]).toEqual([true, 3]);
    const why = 'Cannot read docs/experiment_results.csv: it is a directory.';
    expect(ran.err).toBe(`${why} Stopping: running jobs save what they have and end. Ctrl-C ends them at once.\nerror: ${why}\n`);
    expect(copy.processes()).toEqual([]);
    expect(copy.has('.ftsbuild/lock')).toBe(false);
    expect(copy.has(`${trained}/seed43/checkpoints/last.pt`)).toBe(true);

    for (const path of files) copy.remove(path);
    moveAll('.kept', '');
    expect((await copy.ftsbuild([folder])).status).toBe(0);
    const rows = copy.log().filter(({run_type}) => run_type === 'training');
    expect(rows.map(({seed, status}) => `${String(seed)} ${status}`)).toEqual(['42 failed', '43 interrupted']);
  },
);
