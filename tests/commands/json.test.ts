// What the reading commands print as JSON, held against the published schemas.
import {expect, test} from 'vitest';
import {build} from '../../src/commands/build.ts';
import {list} from '../../src/commands/list.ts';
import {status} from '../../src/commands/status.ts';
import {why} from '../../src/commands/why.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

function at(workspace: Workspace): {directory: string; targets: string[]; only: []; except: []; json: true} {
  return {directory: workspace.root, targets: ['all'], only: [], except: [], json: true};
}

const wholeBuild = {
  ...{dryRun: true, question: false, alwaysMake: false, failFast: false, level: 'normal' as const, cold: false, waitMs: 0, yes: false},
  askOverMs: 86_400_000,
} as const;

test('why, status, list and a dry run print what their schemas say', async () => {
  const workspace = new Workspace({'experiments.yaml': tinyStudy});
  const {terminal, said} = quietTerminal();
  expect(await why({...at(workspace), params: true}, terminal)).toBe(0);
  expect(await status(at(workspace), terminal)).toBe(0);
  expect(list({...at(workspace), scripts: false}, terminal)).toBe(0);
  expect(await build({...at(workspace), ...wholeBuild}, terminal)).toBe(0);
  for (const [place, name] of ['why', 'status', 'list', 'plan'].entries())
    expect([name, schemaProblems(name, JSON.parse(said[place] ?? 'null'))]).toEqual([name, []]);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});

test('--max-hours refuses a plan that costs more, with the figures, and nothing is written', async () => {
  const text = tinyStudy.replace('3K: {params: 3K}', '3K: {params: 3K, estimate: {trial: 2h, training: 1h}}');
  const workspace = new Workspace({'experiments.yaml': text});
  const {terminal, errors} = quietTerminal();
  const options = {...at(workspace), ...wholeBuild, json: false, dryRun: false, maxHours: 10};
  expect(await build(options, terminal)).toBe(3);
  expect(errors.join()).toMatch(/11\.0 hours of compute \(5\.5 to 22\.0\), more than --max-hours 10/);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});
