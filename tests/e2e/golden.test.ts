// What an earlier release computed stays: its workspace opens under today's program, is up to date, and its numbers come out again.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {Workspace} from '../support/command-line.ts';
import {repositoryRoot, testPython} from '../support/python-interpreter.ts';

/** The workspaces that tests/golden/make.ts packed, one a release. */
const releases = ['2026-11'];

function unpack(release: string): Workspace {
  const workspace = Workspace.forTest();
  const unpacked = spawnSync('tar', ['-C', workspace.root, '-xzf', `${repositoryRoot}/tests/golden/${release}.tar.gz`]);
  if (unpacked.status !== 0) throw new Error(String(unpacked.stderr));
  workspace.edit('PYTHON', testPython());
  return workspace;
}

const results = ['up1', 'up3'].map((task) => `outputs/hpo/tiny_3K_h3_${task}/best_params.json`);
const metrics = ['up1', 'up2', 'up3'].map((task) => `outputs/training/tiny_3K_h3_${task}/seed42/metrics.json`);

test.each(releases)('a workspace of %s is up to date: no search or training runs', async (release) => {
  const workspace = unpack(release);
  const before = [...results, ...metrics].map((path) => workspace.read(path));
  const built = await workspace.ftsbuild(['all']);
  expect([built.status, built.err]).toEqual([0, '']);
  // The data step says more than it did, of the same columns; borrowed parameters are keyed by less. Both take moments.
  const borrowed = 'outputs/hpo/tiny_3K_h3_up2/best_params.json';
  expect(workspace.ran().filter((node) => node.startsWith('outputs/') && node !== borrowed)).toEqual([]);
  expect([...results, ...metrics].map((path) => workspace.read(path))).toEqual(before);
  expect((await workspace.ftsbuild(['all'])).out).toContain('Nothing to do');
});

test.each(releases)('the numbers of %s come out again when everything is made anew', async (release) => {
  const workspace = unpack(release);
  const before = new Map([...results, ...metrics].map((path) => [path, numbersOf(workspace.json(path))]));
  for (const path of ['outputs', 'data', '.ftsbuild']) workspace.remove(path);
  expect((await workspace.ftsbuild(['all', '--yes'])).status).toBe(0);
  for (const [path, numbers] of before) expect([path, numbersOf(workspace.json(path))]).toEqual([path, closeTo(numbers)]);
});

/** What decides nothing, and what a later release may add, aside. */
function numbersOf(result: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const names = ['params', 'value', 'epoch', 'best_epoch', 'train_loss', 'val', 'test', 'param_count', 'samples'];
  return Object.fromEntries(names.flatMap((name) => (name in result ? [[name, result[name]]] : [])));
}

// Processors differ in the last bits of a sum; another method differs in the first.
function closeTo(value: unknown): unknown {
  if (typeof value === 'number' && !Number.isInteger(value)) return expect.closeTo(value, 5) as unknown;
  if (Array.isArray(value)) return value.map(closeTo);
  if (typeof value !== 'object' || value === null) return value;
  return expect.objectContaining(Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, closeTo(inner)]))) as unknown;
}
