// A real training on a machine whose temperature a file tells: it stands still, goes on, is given up, and what comes out is the same. And what
// a person asks from another terminal.
import {readFileSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {afterAll, beforeAll, expect, test} from 'vitest';
import {Workspace, changed, tinyStudy, type Ran} from '../support/command-line.ts';

const longTraining = changed(tinyStudy, 'training: {seeds: [42]}', 'training: {seeds: [42], epochs: 30}');
const text = `${longTraining}thermal: {sensor: "file:temperature.txt", sample: 100ms}\n`;
const study = new Workspace({'experiments.yaml': text, 'temperature.txt': '60\n'});

const trained = 'outputs/training/tiny_3K_h3_up1';
const metrics = `${trained}/seed42/metrics.json`;
const patience = {timeout: 60_000, interval: 20};

beforeAll(async () => {
  expect((await study.ftsbuild(['hpo', 'scripts'])).status).toBe(0);
});

afterAll(() => {
  study.discard();
});

/** What the numbers of a training are, without what differs from run to run. */
function metricsOf(workspace: Workspace): unknown {
  const {duration_seconds: _duration, provenance: _provenance, ...rest} = workspace.json(metrics);
  return rest;
}

interface Line {
  readonly time: string;
  readonly type: string;
  readonly by?: string;
  readonly progress?: {readonly event: string};
}

function linesOf(workspace: Workspace): readonly Line[] {
  const folder = join(workspace.root, '.ftsbuild/events');
  const last = readdirSync(folder).toSorted().at(-1) ?? '';
  const whole = readFileSync(join(folder, last), 'utf8').split('\n').slice(0, -1);
  return whole.map((line) => JSON.parse(line) as Line);
}

/** Waits until the last build of the workspace has told this. */
async function told(workspace: Workspace, what: (line: Line) => boolean): Promise<void> {
  await expect.poll(() => linesOf(workspace).some(what), patience).toBe(true);
}

let undisturbed: unknown;

/** The numbers of a training that nothing disturbed. */
async function expected(): Promise<unknown> {
  if (undisturbed !== undefined) return undisturbed;
  const copy = study.copyForTest();
  expect((await copy.ftsbuild([trained])).status).toBe(0);
  return (undisturbed = metricsOf(copy));
}

/** A build of the training, once its fifth epoch is done. */
async function running(): Promise<{workspace: Workspace; ended: Promise<Ran>}> {
  const workspace = study.copyForTest();
  let isUnderWay: () => void = () => undefined;
  const underWay = new Promise<void>((resolve) => {
    isUnderWay = resolve;
  });
  const ended = workspace.ftsbuild(['-v', trained], {
    onOutput: (out) => {
      if (out.includes('epoch 5 of 30')) isUnderWay();
    },
  });
  await Promise.race([underWay, ended.then(({out, err}) => Promise.reject(new Error(`it ended first: ${out}${err}`)))]);
  return {workspace, ended};
}

const isPaused = ({progress}: Line): boolean => progress?.event === 'paused';

test('a training stands still while the machine is hot, and comes out as if it had not', async () => {
  const {workspace, ended} = await running();
  workspace.write('temperature.txt', '88.5\n');
  await told(workspace, isPaused);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  workspace.write('temperature.txt', '79\n');
  const {status, out} = await ended;
  expect(status, out).toBe(0);
  expect(out).toMatch(/temperature: at most 88\.5 °C, paused for [3-9]s/);
  expect(metricsOf(workspace)).toEqual(await expected());
  const row = workspace.log().at(-1);
  expect(row).toMatchObject({status: 'success', attempt: 1, thermal_max_temp: 88.5, thermal_state: 'warning'});
  const [begun, end] = ['node_started', 'node_ended'].map((type) =>
    Date.parse(linesOf(workspace).findLast((line) => line.type === type)!.time),
  );
  expect(row!.duration_seconds).toBeLessThan((end! - begun!) / 1000 - 2.9);
});

test('a training on a critical machine saves and ends: exit status 3; the next build goes on with it', async () => {
  const {workspace, ended} = await running();
  workspace.write('temperature.txt', '96\n');
  const {status, out} = await ended;
  expect(status, out).toBe(3);
  expect(workspace.log().at(-1)).toMatchObject({status: 'thermal_abort', reason: 'heat', thermal_max_temp: 96, thermal_state: 'critical'});
  expect(workspace.processes()).toEqual([]);
  expect(workspace.has(metrics)).toBe(false);
  expect(workspace.has('docs/experiment_results.md')).toBe(false);
  expect((await workspace.ftsbuild([trained])).status).toBe(3);
  expect(workspace.log().at(-1)).toMatchObject({status: 'thermal_abort'});
  workspace.write('temperature.txt', '60\n');
  expect((await workspace.ftsbuild([trained])).status).toBe(0);
  expect(workspace.read(`${trained}/seed42/train.log`)).toMatch(/^Training resumed after epoch \d+$/m);
  expect(metricsOf(workspace)).toEqual(await expected());
});

test('pause, resume and stop work from another terminal', async () => {
  const {workspace, ended} = await running();
  const asked = await workspace.ftsbuild(['pause']);
  expect(asked).toMatchObject({status: 0, out: expect.stringContaining('The build pauses')});
  await told(workspace, isPaused);
  expect(linesOf(workspace).filter(({type}) => type === 'paused')).toMatchObject([{by: 'person'}]);
  const count = linesOf(workspace).filter(({progress}) => progress?.event === 'epoch').length;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(linesOf(workspace).filter(({progress}) => progress?.event === 'epoch').length).toBe(count);
  expect((await workspace.ftsbuild(['resume'])).status).toBe(0);
  await told(workspace, ({progress}) => progress?.event === 'resumed');
  expect((await workspace.ftsbuild(['stop'])).status).toBe(0);
  expect((await ended).status).toBe(130);
  expect(workspace.log().at(-1)).toMatchObject({status: 'interrupted'});
  expect(workspace.processes()).toEqual([]);
  expect((await workspace.ftsbuild([trained])).status).toBe(0);
  expect(metricsOf(workspace)).toEqual(await expected());
});

test('without a build there is nobody to ask, and what was asked of a dead one counts for none', async () => {
  const workspace = study.copyForTest();
  expect(await workspace.ftsbuild(['pause'])).toMatchObject({status: 1, err: 'no build runs in this workspace\n'});
  const dead = {host: 'elsewhere', pid: 4711, start: 'long ago', ask: 'stop'};
  workspace.write('.ftsbuild/requests/000000000000001-dead.json', `${JSON.stringify(dead)}\n`);
  expect((await workspace.ftsbuild([trained])).status).toBe(0);
  expect(workspace.has('.ftsbuild/requests/000000000000001-dead.json')).toBe(false);
});
