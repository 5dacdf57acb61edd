// `ftsbuild fsck`: what it says and prints as JSON, and its exit status.
import {readlinkSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect, test} from 'vitest';
import {projectPath, key, nodeId} from '../../src/base/ids.ts';
import {fsck} from '../../src/commands/fsck.ts';
import {systemClock} from '../../src/host/clock.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {openDigests} from '../../src/state/digests.ts';
import {openStore} from '../../src/state/store.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

const script = 'experiments/tiny/hpo_3K_h3_up1.py';

function withRecord(): Workspace {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy, [script]: 'x = 1\n', 'docs/gone.md': 'gone'});
  const disk = workspaceDisk(workspace.root);
  const store = openStore(disk);
  if (!store.ok) throw new Error('no store');
  const digest = (path: string): string => openDigests(disk, systemClock, 'none').digestOf(path);
  store.value.record({
    ...{kind: 'done', node: nodeId(script), key: key('a'.repeat(64)), how: 'ran', at: 1, durationMs: 1, manifest: [], extent: {}},
    outputs: [
      [projectPath(script), digest(script)],
      [projectPath('docs/gone.md'), digest('docs/gone.md')],
    ],
  });
  return workspace;
}

async function run(workspace: Workspace, flags: {dryRun?: boolean; json?: boolean} = {}): Promise<{said: string; status: number}> {
  const {terminal, said} = quietTerminal();
  const status = await fsck({directory: workspace.root, dryRun: false, json: false, ...flags}, terminal);
  return {said: said.join('\n'), status};
}

test('a sound workspace is exit status 0; what could not be mended is named, with status 1; a dry run changes nothing', async () => {
  const workspace = withRecord();
  expect(await run(workspace)).toMatchObject({status: 0, said: expect.stringMatching(/^2 files are as recorded, 0 mended, 0 not mended/)});
  writeFileSync(join(workspace.root, script), 'x = 2\n');
  workspace.write('.ftsbuild/.ftsbuild-0123456789ab.tmp', 'half');
  utimesSync(join(workspace.root, '.ftsbuild/.ftsbuild-0123456789ab.tmp'), 1, 1);
  const before = workspace.listing();
  const dry = await run(workspace, {dryRun: true, json: true});
  expect(dry.status).toBe(1);
  expect(schemaProblems('fsck', JSON.parse(dry.said))).toEqual([]);
  expect(JSON.parse(dry.said)).toMatchObject({
    dry_run: true,
    sound: 1,
    not_mended: [{path: script, is: 'damaged'}],
    torn: [expect.any(String)],
  });
  expect(workspace.listing()).toEqual(before);
  const wet = await run(workspace);
  expect(wet.status).toBe(1);
  expect(wet.said).toMatch(/damaged experiments\/tiny\/hpo_3K_h3_up1\.py .*the next build that needs it keeps it and makes it again/);
  expect(workspace.has('.ftsbuild/.ftsbuild-0123456789ab.tmp')).toBe(false);
  expect(schemaProblems('fsck', JSON.parse((await run(workspace, {json: true})).said))).toEqual([]);
});

test('a link at the place of a file that is not what was recorded stays a link', async () => {
  const workspace = withRecord();
  const [place, elsewhere] = [join(workspace.root, script), join(workspace.root, 'mine.py')];
  writeFileSync(elsewhere, 'x = 2\n');
  rmSync(place);
  symlinkSync(elsewhere, place);
  expect((await run(workspace)).status).toBe(1);
  expect(readlinkSync(place)).toBe(elsewhere);
});
