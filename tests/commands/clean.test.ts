// `ftsbuild clean`: what it shows, whom it asks, what it prints as JSON.
import {expect, test} from 'vitest';
import {key, nodeId} from '../../src/base/ids.ts';
import {clean, type CleanOptions} from '../../src/commands/clean.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {openStore} from '../../src/state/store.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

const best = 'outputs/hpo/tiny_3K_h3_up1/best_params.json';

async function run(workspace: Workspace, options: Partial<CleanOptions> = {}): Promise<{said: string[]; status: number}> {
  const {terminal, said} = quietTerminal();
  const flags = {targets: ['all'], only: [], except: [], dryRun: false, yes: false, json: false};
  const status = await clean({directory: workspace.root, ...flags, ...options}, terminal);
  return {said, status};
}

test('clean shows what would go, asks, and prints what its schema says', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy, [best]: '{}', 'outputs/mine.txt': 'my own'});
  const before = workspace.listing();
  expect((await run(workspace)).said).toEqual([
    expect.stringMatching(/^outputs\/hpo\/tiny_3K_h3_up1 /),
    '1, 2 B',
    expect.stringMatching(/^Nothing was moved/),
  ]);
  expect((await run(workspace, {dryRun: true, yes: true})).status).toBe(0);
  const shown: unknown = JSON.parse((await run(workspace, {json: true})).said.join(''));
  expect(schemaProblems('clean', shown)).toEqual([]);
  expect(shown).toMatchObject({results: [{path: 'outputs/hpo/tiny_3K_h3_up1', bytes: 2, moved_to: null}]});
  expect(workspace.listing()).toEqual(before);
  const done = JSON.parse((await run(workspace, {json: true, yes: true})).said.join('')) as {results: [{moved_to: string}]};
  expect(schemaProblems('clean', done)).toEqual([]);
  expect(workspace.read(`${done.results[0].moved_to}/best_params.json`)).toBe('{}');
  expect(workspace.has(best)).toBe(false);
  expect(workspace.read('outputs/mine.txt')).toBe('my own');
  expect((await run(workspace, {yes: true})).said).toEqual(['There is no result of these targets.']);
});

test('a build that ran while a person thought about the question is not undone by what was seen before it', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy, [best]: '{}'});
  const {terminal, errors} = quietTerminal();
  const confirm = (): Promise<boolean> => {
    const store = openStore(workspaceDisk(workspace.root));
    if (!store.ok) throw new Error('no store');
    store.value.record({kind: 'began', node: nodeId(best), key: key('a'.repeat(64)), at: 1, attempt: 1, row: null});
    return Promise.resolve(true);
  };
  const flags = {targets: ['all'], only: [], except: [], dryRun: false, yes: false, json: false};
  expect(await clean({directory: workspace.root, ...flags}, {...terminal, confirm})).toBe(3);
  expect(errors).toEqual([expect.stringContaining('Another build has run since this command looked')]);
  expect(workspace.read(best)).toBe('{}');
});
