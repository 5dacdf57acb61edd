// Gates from the command line: all that is wrong at once, exit code 3, and nothing is written.
import {expect, test} from 'vitest';
import {Workspace, changed, tinyStudy} from '../support/command-line.ts';

test('a machine that lacks what the plan needs is told so at once, and nothing is spent', async () => {
  const text = changed(tinyStudy, 'device: cpu', 'device: mps');
  const workspace = Workspace.forTest({'experiments.yaml': `gates: {disk: 900TB, memory: 900TB}\n${text}`});
  const before = workspace.listing();
  const plan = await workspace.ftsbuild(['all', '--dry-run']);
  expect([plan.status, plan.out]).toEqual([0, expect.stringContaining('gates would refuse this plan')]);
  expect(workspace.listing()).toEqual(before);

  const {status, err} = await workspace.ftsbuild(['all']);
  expect(status).toBe(3);
  expect(err).toMatch(/error FTS601: .* on the disk of outputs; 900 TB must be/);
  expect(err).toMatch(/error FTS602: .* of memory are free; `gates.memory` asks for 900 TB/);
  if (process.platform === 'linux') expect(err).toMatch(/error FTS603: .*`device: mps` is asked for, and this machine has none/);
  expect(err.match(/ {2}help: /g)?.length).toBeGreaterThanOrEqual(2);
  const written = Object.keys(workspace.listing()).filter((path) => !path.startsWith('.ftsbuild'));
  expect(written).toEqual(['experiments.yaml']);
});
