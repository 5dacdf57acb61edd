// Another version of a package in the Python environment: seen by every command, named, and never mixed with the old one in a study.
import {chmodSync} from 'node:fs';
import {expect, test} from 'vitest';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {testPython} from '../support/python-interpreter.ts';

const search = 'outputs/hpo/tiny_3K_h3_up1';

/** A study whose interpreter puts the folder `packages` before the packages of the real one. */
function studyWith(torch: string): Workspace {
  const workspace = Workspace.forTest();
  const python = `${workspace.root}/python`;
  workspace.write('python', `#!/bin/sh\nPYTHONPATH="${workspace.root}/packages:$PYTHONPATH" exec ${testPython()} "$@"\n`);
  chmodSync(python, 0o755);
  workspace.write('experiments.yaml', changed(tinyStudy, `interpreter: ${testPython()}`, `interpreter: ${python}`));
  install(workspace, 'torch', torch);
  return workspace;
}

function install(workspace: Workspace, name: string, version: string): void {
  workspace.write(`packages/${name}-1.dist-info/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nText.\n`);
}

function resultIn(workspace: Workspace): {torch: unknown; key: unknown; trials: unknown} {
  const {key, trials, provenance} = workspace.json(`${search}/best_params.json`);
  const {packages} = (provenance as {environment: {packages: Record<string, unknown>}}).environment;
  return {torch: packages['torch'], key, trials};
}

test('a study has trials of one torch only, whenever another one is installed', async () => {
  const study = studyWith('2.97.0');
  let isReplaced = false;
  const first = await study.ftsbuild([search], {
    onOutput: (out) => {
      if (isReplaced || !out.includes('] hpo tiny_3K_h3_up1')) return;
      isReplaced = true;
      install(study, 'torch', '2.98.0');
    },
  });
  expect([first.err, first.status]).toEqual(['', 0]);
  expect(study.log().map(({status, reason, error_message}) => [status, reason, error_message])).toEqual([
    ['interrupted', 'changed_underway', 'the Python environment (torch 2.97 -> 2.98.0) changed while the job started'],
    ['success', null, null],
  ]);
  const before = resultIn(study);
  expect(before).toMatchObject({torch: '2.98.0', trials: {complete: 2}});
  install(study, 'ipython', '9.9.0');
  expect((await study.ftsbuild([search])).out).toContain('Nothing to do');

  install(study, 'torch', '2.99.0');
  expect((await study.ftsbuild(['-q', search])).status).toBe(1);
  expect((await study.ftsbuild(['why', search])).out).toContain('environment: torch 2.98 -> 2.99');
  study.edit('trials: 2', 'trials: 3');
  const second = await study.ftsbuild([search]);
  expect([second.err, second.status]).toEqual(['', 0]);
  const after = resultIn(study);
  expect(after).toMatchObject({torch: '2.99.0', trials: {complete: 3, cached: 0}});
  expect(after.key).not.toBe(before.key);
}, 300_000);
