// `list --orphans`, `gc --orphans` and the line of `status`: what they say, and print as JSON.
import {expect, test} from 'vitest';
import {key, nodeId, projectPath} from '../../src/base/ids.ts';
import {collect, listOrphans} from '../../src/commands/orphans.ts';
import {status} from '../../src/commands/status.ts';
import {systemClock} from '../../src/host/clock.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {openStore} from '../../src/state/store.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

const script = 'experiments/old/hpo_3K.py';

async function said(ask: (terminal: ReturnType<typeof quietTerminal>['terminal']) => number | Promise<number>): Promise<string> {
  const {terminal, said: lines, errors} = quietTerminal();
  await ask(terminal);
  return [...lines, ...errors].join('\n');
}

test('what dropped experiments left is named, counted, and moved when a person agrees', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy, [script]: 'x = 1\n'});
  const directory = workspace.root;
  const disk = workspaceDisk(directory);
  const store = openStore(disk);
  if (!store.ok) throw new Error('no store');
  store.value.record({
    ...{kind: 'done', node: nodeId(script), key: key('a'.repeat(64)), how: 'ran', at: 1, durationMs: 1, manifest: [], extent: {}},
    outputs: [[projectPath(script), openDigests(disk, systemClock, 'none').digestOf(script)]],
  });
  const before = workspace.listing();
  expect(await said((terminal) => listOrphans({directory, json: false}, terminal))).toMatch(
    /^script +experiments\/old\/hpo_3K\.py .*\n1, 6 B$/,
  );
  const listed: unknown = JSON.parse(await said((terminal) => listOrphans({directory, json: true}, terminal)));
  expect(schemaProblems('list', listed)).toEqual([]);
  expect(listed).toMatchObject({orphans: [{path: script, rule: 'script', bytes: 6, moved_to: null}]});
  const all = {directory, targets: [], only: [], except: []};
  expect(await said((terminal) => status({...all, json: false}, terminal))).toContain(
    '1 result or script is of experiments that the study no longer has',
  );
  const counted: unknown = JSON.parse(await said((terminal) => status({...all, json: true}, terminal)));
  expect(schemaProblems('status', counted)).toEqual([]);
  expect(counted).toMatchObject({orphans: {count: 1, bytes: 6}});
  expect(await said((terminal) => collect({directory, json: false, yes: false, dryRun: false}, terminal))).toContain('Nothing was moved');
  expect(workspace.listing()).toEqual(before);
  workspace.write('configs/broken.yaml', 'version: 1\n');
  expect(await said((terminal) => collect({directory, json: false, yes: true, dryRun: false}, terminal))).toContain(
    'configs/broken.yaml does not load',
  );
  disk.remove('configs');
  const collected: unknown = JSON.parse(await said((terminal) => collect({directory, json: true, yes: true, dryRun: false}, terminal)));
  expect(schemaProblems('gc', collected)).toEqual([]);
  expect(collected).toMatchObject({orphans: [{moved_to: expect.stringMatching(/^\.ftsbuild\/cache\//)}]});
  expect(workspace.has(script)).toBe(false);
  expect(await said((terminal) => listOrphans({directory, json: false}, terminal))).toBe(
    'Everything on record belongs to an experiment of the study.',
  );
});
