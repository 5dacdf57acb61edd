// A first study from nothing to a report, as a person begins: init in an empty folder, then its smoke profile.
import {expect, test} from 'vitest';
import {changed, Workspace} from '../support/command-line.ts';
import {testPython} from '../support/python-interpreter.ts';

/** The environment of the tests instead of one of its own, which would be downloaded. */
function withInterpreter(workspace: Workspace): void {
  workspace.edit('version: 1\n', `version: 1\npython: {interpreter: ${testPython()}}\n`);
}

test('what init writes runs at once under its smoke profile, and then there is nothing to do', async () => {
  const workspace = Workspace.forTest();
  expect((await workspace.ftsbuild(['init', '--yes'])).status).toBe(0);
  withInterpreter(workspace);
  const {status, err, out} = await workspace.ftsbuild(['--profile', 'smoke', 'all']);
  expect(status, err + out).toBe(0);
  expect(workspace.has('outputs/smoke/docs/experiment_results.md')).toBe(true);
  expect(workspace.has('outputs/hpo')).toBe(false);
  expect((await workspace.ftsbuild(['--profile', 'smoke', 'all'])).out).toContain('Nothing to do');
});

test("so does a study of raw prices of one's own", async () => {
  const workspace = Workspace.forTest();
  const days = Array.from({length: 1500}, (_, row) => {
    const close = 100 + 10 * Math.sin(row / 9) + row / 50;
    const prices = [close - 0.5, close + 1 + (row % 5), close - 1.5, close].map((price) => price.toFixed(4));
    return [new Date(Date.UTC(2015, 0, 1 + row)).toISOString().slice(0, 10), ...prices, 1000 + ((row * 37) % 400)].join(',');
  });
  workspace.write('raw/prices.csv', `${['Date,Open,High,Low,Close,Volume', ...days].join('\n')}\n`);
  expect((await workspace.ftsbuild(['init', '--yes', '--data', 'raw/prices.csv', '--budgets', '6K,18K'])).status).toBe(0);
  withInterpreter(workspace);
  const {status, err, out} = await workspace.ftsbuild(['--profile', 'smoke', 'all']);
  expect(status, err + out).toBe(0);
});

test('a build renews the names that an editor knows', async () => {
  const workspace = Workspace.forTest();
  await workspace.ftsbuild(['init', '--yes']);
  withInterpreter(workspace);
  workspace.write(
    'experiments.yaml',
    changed(workspace.read('experiments.yaml'), 'threshold_3pct: {', 'threshold_7pct: {kind: threshold, pct: 7}\n  threshold_3pct: {'),
  );
  await workspace.ftsbuild(['scripts', '--dry-run']);
  expect(workspace.read('.ftsbuild/schema.json')).not.toContain('threshold_7pct');
  await workspace.ftsbuild(['scripts']);
  expect(workspace.read('.ftsbuild/schema.json')).toContain('threshold_7pct');
});
