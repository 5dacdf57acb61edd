// Makes a golden workspace: the tiny study of the tests, built by the program as it is, packed with its state. Run it once a release:
//   node tests/golden/make.ts 2026-11
// What belongs to one machine (jobs, events, stats, the interpreter's place) is left out.
import {spawnSync} from 'node:child_process';
import {rmSync, writeFileSync, readFileSync} from 'node:fs';
import {Workspace, tinyStudy} from '../support/command-line.ts';
import {repositoryRoot, testPython} from '../support/python-interpreter.ts';

const name = process.argv[2];
if (name === undefined) throw new Error('name the release: node tests/golden/make.ts 2026-11');
const workspace = new Workspace({'experiments.yaml': tinyStudy});
const built = await workspace.ftsbuild(['all']);
if (built.status !== 0) throw new Error(built.err);
for (const path of ['jobs', 'events', 'logs', 'requests', 'hardware', 'fresh', 'digests', 'interpreter.json'])
  rmSync(`${workspace.root}/.ftsbuild/${path}`, {recursive: true, force: true});
for (const path of ['experiments.yaml', '.ftsbuild/journal', 'docs/tiny_runbook.md']) {
  const text = readFileSync(`${workspace.root}/${path}`, 'utf8');
  writeFileSync(`${workspace.root}/${path}`, text.replaceAll(testPython(), 'PYTHON').replaceAll(workspace.root, 'WORKSPACE'));
}
const archive = `${repositoryRoot}/tests/golden/${name}.tar.gz`;
const packed = spawnSync('tar', ['--owner=0', '--group=0', '--sort=name', '-C', workspace.root, '-czf', archive, '.'], {stdio: 'inherit'});
if (packed.status !== 0) throw new Error('tar failed');
workspace.discard();
