// A whole tiny study with real Python: built, recognised when made by hand, and made again when somebody changed it.
import {parse} from 'csv-parse/sync';
import {readdirSync} from 'node:fs';
import {sorted} from '../../src/base/order.ts';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {Workspace, tinyStudy, type Ran} from '../support/command-line.ts';

const study = new Workspace({'experiments.yaml': tinyStudy});
let first: Ran;

beforeAll(async () => {
  first = await study.ftsbuild(['all']);
}, 120_000);

afterAll(() => {
  study.discard();
});

const best = (task: string): string => `outputs/hpo/tiny_3K_h3_${task}/best_params.json`;
const metrics = (task: string, seed = 42): string => `outputs/training/tiny_3K_h3_${task}/seed${seed}/metrics.json`;
const report = 'docs/experiment_results.md';

// What two runs of one key may differ in.
function numbersOf(result: Readonly<Record<string, unknown>>): unknown {
  const {key: _key, duration_seconds: _seconds, provenance: _provenance, hpo: _hpo, sources: _sources, ...numbers} = result;
  return numbers;
}

test('one command runs it from prices to a report', () => {
  expect([first.status, first.err]).toEqual([0, '']);
  expect(first.out).toMatch(/^15 ran in/m);
  expect(study.read(report)).toContain('tiny');
  // Two jobs run at a time, so a training may end before the second search.
  expect(sorted(study.log().map(({run_type, status}) => `${run_type} ${status}`))).toEqual([
    'hpo success',
    'hpo success',
    'training success',
    'training success',
    'training success',
  ]);
  expect(study.processes()).toEqual([]);
});

test('a build that runs jobs logs the hardware from its start to its end', () => {
  const [name = ''] = readdirSync(`${study.root}/.ftsbuild/hardware`);
  const rows: Record<string, string>[] = parse(study.read(`.ftsbuild/hardware/${name}`), {columns: true});
  expect(rows.length).toBeGreaterThanOrEqual(2);
  expect([Number(rows[0]?.['running']) > 0, rows.at(-1)?.['running']]).toEqual([true, '0']);
  expect(rows.every((row) => Number(row['cpu_percent']) <= 100 && Number(row['memory_percent']) > 0)).toBe(true);
});

test('a second build runs nothing and says so, in another place too', async () => {
  const copy = study.copyForTest();
  const builds = [await study.ftsbuild(['all']), await copy.ftsbuild(['all'])];
  expect(builds.map(({status, out}) => [status, out])).toEqual([
    [0, 'Nothing to do: 15 targets are up to date.\n'],
    [0, 'Nothing to do: 15 targets are up to date.\n'],
  ]);
  expect((await copy.ftsbuild(['-q', 'all'])).status).toBe(0);
});

test('a tier that is added to the data makes the data file anew, and nothing that does not read it', async () => {
  const copy = study.copyForTest();
  copy.edit('tiers: [a20]', 'tiers: [a20, a100]');
  const built = await copy.ftsbuild(['all']);
  expect([built.status, built.err]).toEqual([0, '']);
  const file = 'data/processed/v1/prices.parquet';
  expect(copy.ran()).toEqual([file]);
  const {files} = copy.json('data/manifest.json') as {files: {path: string; columns: object}[]};
  expect(Object.keys(files.find(({path}) => path === file)?.columns ?? {}).length).toBeGreaterThan(100);
});

describe('by hand', () => {
  test('a search by hand gives the same files and a row without a key, and is recognised', async () => {
    const copy = study.copyForTest();
    copy.remove('outputs/hpo/tiny_3K_h3_up1');
    const ran = await copy.byHand('experiments/tiny/hpo_3K_h3_up1.py');
    expect([ran.status, ran.err]).toEqual([0, '']);
    expect(ran.out).toMatch(
      /^Data validated: 700 rows, 20 features\nThermal: .*\nTrial 1\/2: .*\nTrial 2\/2: .*\nSUCCESS: val_loss=0\.\d+\n$/,
    );
    expect(copy.json(best('up1'))).toMatchObject({key: null, status: 'complete'});
    expect(numbersOf(copy.json(best('up1')))).toEqual(numbersOf(study.json(best('up1'))));
    expect(copy.log().at(-1)).toMatchObject({experiment: 'tiny_3K_h3_up1', run_type: 'hpo', status: 'success', key: null});

    expect((await copy.ftsbuild(['all', '-n'])).out).toContain('(1 found whole, and recognised)');
    const built = await copy.ftsbuild(['all']);
    expect(built.status).toBe(0);
    // What is borrowed from it is the same: its parameters, its key and whose they are.
    expect(copy.ran()).toEqual([report]);
    expect(copy.json(best('up1'))['key']).toBe(study.json(best('up1'))['key']);
    expect(copy.log()).toHaveLength(6);
    expect((await copy.ftsbuild(['all'])).out).toContain('Nothing to do');
  });

  test('a training by hand runs its seeds in turn, and each is recognised', async () => {
    const copy = study.copyForTest();
    copy.edit('seeds: [42]', 'seeds: [42, 7]');
    await copy.ftsbuild(['scripts']);
    copy.remove('outputs/training/tiny_3K_h3_up2');
    const ran = await copy.byHand('experiments/tiny/train_3K_h3_up2.py');
    expect([ran.status, ran.err]).toEqual([0, '']);
    expect(ran.out.match(/^SUCCESS: val_loss=/gm)).toHaveLength(2);
    expect(numbersOf(copy.json(metrics('up2')))).toEqual(numbersOf(study.json(metrics('up2'))));
    expect(copy.log().slice(-2)).toMatchObject([
      {run_type: 'training', status: 'success', seed: 42, key: null},
      {run_type: 'training', status: 'success', seed: 7, key: null},
    ]);

    expect((await copy.ftsbuild(['outputs/training/tiny_3K_h3_up2'])).status).toBe(0);
    expect(copy.ran()).toEqual([]);
    expect(copy.json(metrics('up2', 7))['key']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('a training by hand of other parameters is not taken for this one', async () => {
    const copy = study.copyForTest();
    const original = copy.read(best('up3'));
    const {params, ...rest} = copy.json(best('up3'));
    copy.write(best('up3'), JSON.stringify({...rest, params: {...(params as object), learning_rate: 0.00042}}));
    copy.remove('outputs/training/tiny_3K_h3_up3');
    expect((await copy.byHand('experiments/tiny/train_3K_h3_up3.py')).status).toBe(0);
    copy.write(best('up3'), original);
    const plan = (await copy.ftsbuild(['outputs/training/tiny_3K_h3_up3', '-n'])).out;
    expect(plan).toMatch(/^1 to run \(1 training\)/m);
  });

  test.each([
    ['is corrupt', '{"schema_version": 1, "par', /best_params\.json cannot be read/],
    ['is another experiment’s', '', /belongs to 'tiny_3K_h3_up1'.*not to 'tiny_3K_h3_up3'/],
  ])('a training by hand refuses best parameters whose file %s', async (_, text, message) => {
    const copy = study.copyForTest();
    copy.write(best('up3'), text === '' ? copy.read(best('up1')) : text);
    copy.remove('outputs/training/tiny_3K_h3_up3');
    const ran = await copy.byHand('experiments/tiny/train_3K_h3_up3.py');
    expect(ran.status).toBe(1);
    expect(ran.out).toMatch(new RegExp(`^FAILED: .*${message.source}`, 'm'));
    expect(copy.has(metrics('up3'))).toBe(false);
    expect(copy.log().at(-1)).toMatchObject({run_type: 'training', status: 'failed', reason: 'bad_input', key: null});
  });
});

describe('what somebody changed', () => {
  test("another experiment's best_params.json and a corrupt one are made again from their studies, and nothing is trained", async () => {
    const copy = study.copyForTest();
    copy.write(best('up1'), copy.read(best('up3')));
    copy.write(best('up3'), '{"schema_version": 1, "par');
    expect((await copy.ftsbuild(['all'])).status).toBe(0);
    expect(sorted(copy.ran().filter((node) => !node.startsWith('docs/')))).toEqual([best('up1'), best('up3')]);
    for (const task of ['up1', 'up3']) {
      expect(numbersOf(copy.json(best(task)))).toEqual(numbersOf(study.json(best(task))));
      expect(copy.json(best(task))['key']).toBe(study.json(best(task))['key']);
    }
  });

  test('an edited script is kept aside and rendered again; what it made stays fresh', async () => {
    const copy = study.copyForTest();
    const path = 'experiments/tiny/hpo_3K_h3_up1.py';
    copy.write(path, `${copy.read(path)}print("mine")\n`);
    expect((await copy.ftsbuild(['all'])).status).toBe(0);
    expect(copy.ran()).toEqual([path]);
    expect(copy.read(path)).toBe(study.read(path));
    const kept = copy.events().find(({type}) => type === 'node_kept');
    expect(kept).toMatchObject({path});
    expect(copy.read(kept?.moved_to ?? '')).toContain('print("mine")');
  });

  test('a changed parameter keeps the old results aside, and why names it', async () => {
    const copy = study.copyForTest();
    copy.edit('batch_size: 64', 'batch_size: 32');
    const why = await copy.ftsbuild(['why', '--json', metrics('up3')]);
    const [answer] = (JSON.parse(why.out) as {targets: {changes: {name: string; text: string}[]}[]}).targets;
    expect(answer?.changes.map(({text}) => text)).toEqual(['batch_size: 64 -> 32']);
    const before = copy.json(metrics('up3'));
    expect((await copy.ftsbuild([metrics('up3')])).status).toBe(0);
    expect(copy.json(metrics('up3'))['key']).not.toBe(before['key']);
    const key = String(before['key']);
    expect(copy.json(`.ftsbuild/cache/${key.slice(0, 2)}/${key}/output/metrics.json`)).toEqual(before);
  });
});
