// An environment that a person made is used and never written into; one that a build began is still known as ours when the build died.
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test, vi} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import {environmentMaker} from '../../src/build/make-environment.ts';
import {beginEnvironment, withOwnEnvironment} from '../../src/build/own-environment.ts';
import {systemClock} from '../../src/host/clock.ts';
import type {Disk} from '../../src/host/disk.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';

const choice = {kind: 'venv', directory: projectPath('.venv')} as const;
const foreign = {kind: 'interpreter', path: '.venv/bin/python'};
const options = {logFile: '.ftsbuild/log', say: () => undefined};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ftsbuild-venv-'));
  mkdirSync(join(root, 'here'));
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, {recursive: true});
});

function machineOf(disk: Disk): Parameters<typeof environmentMaker>[0] {
  const rest = {clock: systemClock, processes: machineProcesses(), cacheFolder: join(root, 'cache')};
  return {disk, packageRoot: '/package', resources: {hasDevice: () => false}, ...rest};
}

function chosen(): unknown {
  return withOwnEnvironment(workspaceDisk(join(root, 'here')), choice);
}

function put(path: string, text = ''): void {
  mkdirSync(join(root, path, '..'), {recursive: true});
  writeFileSync(join(root, path), text);
}

test('an environment is ours where nothing lies yet, in an empty folder, and with the record or the marker of a build', () => {
  expect(chosen()).toEqual(choice);
  mkdirSync(join(root, 'here/.venv'));
  expect(chosen()).toEqual(choice);
  put('here/.venv/ftsbuild.json', '{}');
  expect(chosen()).toEqual(choice);
});

test("one without either is a person's: it is an interpreter to look at", () => {
  put('here/.venv/pyvenv.cfg');
  expect(chosen()).toEqual(foreign);
  rmSync(join(root, 'here/.venv'), {recursive: true});
  put('here/.venv', 'a file');
  expect(chosen()).toEqual(foreign);
});

test('so is one behind a link, be it whole and of another workspace, be the link to itself or to nothing', () => {
  mkdirSync(join(root, 'other'));
  beginEnvironment(workspaceDisk(join(root, 'other')), '.venv');
  put('other/.venv/ftsbuild.json', '{}');
  symlinkSync('../other/.venv', join(root, 'here/.venv'));
  expect(chosen()).toEqual(foreign);
  for (const target of ['nowhere', '.venv']) {
    rmSync(join(root, 'here/.venv'));
    symlinkSync(target, join(root, 'here/.venv'));
    expect(chosen()).toEqual(foreign);
  }
});

test('behind a link to an empty folder of a larger disk it is ours from its first file on', () => {
  mkdirSync(join(root, 'large'));
  symlinkSync('../large', join(root, 'here/.venv'));
  expect(chosen()).toEqual(choice);
  beginEnvironment(workspaceDisk(join(root, 'here')), '.venv');
  put('large/pyvenv.cfg');
  expect(chosen()).toEqual(choice);
});

test('an environment whose making was cut is made again, not taken for one of a person', async () => {
  const disk = workspaceDisk(join(root, 'here'));
  put('here/.venv/ftsbuild.json', '{}');
  put('here/.venv/bin/python', 'broken');
  fakePython('exit 1');
  const make = environmentMaker(machineOf(disk));
  const work = {
    requirements: 'r.txt',
    asksForCuda: false,
    directory: choice.directory,
    interpreter: undefined,
    record: projectPath('.venv/ftsbuild.json'),
  };
  expect(await make(work, options)).toMatchObject({ok: false});
  expect(readdirSync(join(root, 'here/.venv'))).toEqual(['ftsbuild-made.json']);
  expect(chosen()).toEqual(choice);
});

test('an environment of a person that lacks something is told with what to do, and stays as it is', async () => {
  fakePython('exit 1');
  put('here/.venv/pyvenv.cfg');
  put('here/.venv/bin/python', '#!/bin/sh\necho "missing packages: torch" >&2\nexit 1\n');
  chmodSync(join(root, 'here/.venv/bin/python'), 0o755);
  const disk = workspaceDisk(join(root, 'here'));
  const work = {
    requirements: 'r.txt',
    asksForCuda: false,
    directory: undefined,
    interpreter: foreign.path,
    record: projectPath('.ftsbuild/interpreter.json'),
  };
  const made = await environmentMaker(machineOf(disk))(work, options);
  const told = 'missing packages: torch; ftsbuild did not make .venv, and writes nothing into it. Install into it what is missing';
  expect(made).toMatchObject({ok: false, message: expect.stringContaining(told)});
  expect(readdirSync(join(root, 'here/.venv'))).toEqual(['bin', 'pyvenv.cfg']);
});

test('two workspaces of one lock share the packages, which are installed once; each keeps an environment of its own', async () => {
  fakePython('mkdir -p "$3/bin" "$3/lib/python3.13/site-packages" && cp "$0" "$3/bin/python"');
  put('bin/uv', `#!/bin/sh\necho "$*" >> ${root}/asked\n`);
  chmodSync(join(root, 'bin/uv'), 0o755);
  put('r.txt', 'torch==2.15.0\nnumpy==2.4.6\n');
  const make = async (name: string, packages: 'shared' | undefined): Promise<void> => {
    mkdirSync(join(root, name), {recursive: true});
    const work = {requirements: join(root, 'r.txt'), asksForCuda: true, directory: choice.directory, interpreter: undefined, packages};
    const made = await environmentMaker(machineOf(workspaceDisk(join(root, name))))({...work, record: projectPath('r')}, options);
    expect(made).toMatchObject({ok: true});
  };
  const places = (name: string): readonly string[] => readdirSync(join(root, name, '.venv/lib/python3.13/site-packages'));
  await make('here', 'shared');
  await make('there', 'shared');
  const installs = readFileSync(join(root, 'asked'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('pip install'));
  const [folder = ''] = readdirSync(join(root, 'cache/ftsbuild/environments'));
  const shared = join(root, 'cache/ftsbuild/environments', folder);
  expect(installs).toEqual([expect.stringContaining(`--python ${shared}/bin/python`)]);
  for (const name of ['here', 'there']) {
    expect(places(name)).toEqual(['ftsbuild-shared.pth', 'ftsbuild.pth']);
    expect(readFileSync(join(root, name, '.venv/lib/python3.13/site-packages/ftsbuild-shared.pth'), 'utf8')).toBe(
      `${shared}/lib/python3.13/site-packages\n`,
    );
  }
  await make('there', undefined);
  expect(places('there')).toEqual(['ftsbuild.pth']);
});

/** The only Python of the machine: it tells its version, and does as the script says with everything else. */
function fakePython(script: string): void {
  const path = join(root, 'bin/python3.13');
  put('bin/python3.13', `#!/bin/sh\nif [ "$1" = -c ]; then printf '%s\\n3.13.1\\n' "${path}"; exit 0; fi\n${script}\n`);
  chmodSync(path, 0o755);
  vi.stubEnv('PATH', `${join(root, 'bin')}:/usr/bin:/bin`);
}
