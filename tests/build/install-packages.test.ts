// Which packages an environment gets, and by which program: a scripted uv and pip tell what they were asked.
import {expect, test} from 'vitest';
import {chooseBuild, installPackages, type Installer} from '../../src/build/install-packages.ts';
import type {Ran} from '../../src/host/run.ts';

const lock = {
  file: '/package/requirements.lock',
  text: `cuda-bindings==13.5.0 ; sys_platform == 'linux'
nvidia-cublas==13.4.1.3 ; sys_platform == 'linux'
numpy==2.4.6
torch==2.15.0
triton==3.9.0 ; sys_platform == 'linux'
`,
};
const cpuPart = 'numpy==2.4.6\ntorch==2.15.0\n';
const withoutTriton = lock.text.replace(/^triton.*\n/m, '');

const done: Ran = {how: 'exited', status: 0, stdout: '', stderr: ''};
const unreachable: Ran = {how: 'exited', status: 2, stdout: '', stderr: 'error: Failed to fetch the index\n'};

/** Answers by the first of these words that a command holds; everything else succeeds. */
function machine(answers: Readonly<Record<string, Ran>> = {}): {installer: Installer; asked: string[]; said: string[]; written: string[]} {
  const asked: string[] = [];
  const said: string[] = [];
  const written: string[] = [];
  const installer: Installer = {
    python: 'PYTHON',
    run: (argv) => {
      asked.push(argv.join(' '));
      const answer = Object.entries(answers).find(([word]) => argv.join(' ').includes(word));
      return Promise.resolve(answer?.[1] ?? done);
    },
    say: (what) => void said.push(what),
    write: (text) => {
      written.push(text);
      return 'PART';
    },
  };
  return {installer, asked, said, written};
}

const uvInstall = 'uv pip install --python PYTHON --compile-bytecode';

test('the CPU build is for a Linux without a device of NVIDIA, unless a run names one', () => {
  const linux = {platform: 'linux', hasNvidia: false, asksForCuda: false};
  expect(chooseBuild(linux)).toBe('cpu');
  expect(chooseBuild({...linux, hasNvidia: true})).toBe('whole');
  expect(chooseBuild({...linux, asksForCuda: true})).toBe('whole');
  expect(chooseBuild({...linux, platform: 'darwin'})).toBe('whole');
});

test('with a device the lock is installed as it is', async () => {
  const {installer, asked, written} = machine();
  expect(await installPackages(lock, 'whole', installer)).toBeUndefined();
  expect(asked).toEqual(['uv --version', `${uvInstall} --requirement /package/requirements.lock`]);
  expect(written).toEqual([]);
});

test("without one uv is asked for the CPU build, and for nothing of NVIDIA's", async () => {
  const {installer, asked, said, written} = machine();
  expect(await installPackages(lock, 'cpu', installer)).toBeUndefined();
  expect(asked).toEqual([
    'uv --version',
    `${uvInstall} --torch-backend=cpu --no-deps --dry-run torch==2.15.0`,
    `${uvInstall} --torch-backend=cpu --no-deps --requirement PART`,
  ]);
  expect(written).toEqual([cpuPart]);
  expect(said.at(-1)).toBe('installing 2 Python packages with uv, torch in its CPU build');
});

test("where the CPU build cannot be had, that is said, and the registry's comes without triton", async () => {
  const {installer, asked, said, written} = machine({'--dry-run': unreachable});
  expect(await installPackages(lock, 'cpu', installer)).toBeUndefined();
  expect(asked.slice(2)).toEqual([`${uvInstall} --no-deps --requirement PART`]);
  expect(written).toEqual([withoutTriton]);
  expect(said).toContain("the CPU build of torch cannot be had (error: Failed to fetch the index): taking the registry's, without triton");
});

test('the same where its index breaks off in the middle, and where there is no uv at all', async () => {
  const broken = machine({'--torch-backend=cpu --no-deps --requirement': unreachable});
  expect(await installPackages(lock, 'cpu', broken.installer)).toBeUndefined();
  expect(broken.asked.at(-1)).toBe(`${uvInstall} --no-deps --requirement PART`);
  expect(broken.written).toEqual([cpuPart, withoutTriton]);

  const missing: Ran = {how: 'not_started', message: 'Cannot start uv'};
  const none = machine({'uv --version': missing, 'install --quiet uv': unreachable});
  expect(await installPackages(lock, 'cpu', none.installer)).toBeUndefined();
  expect(none.asked.at(-1)).toBe('PYTHON -m pip install --no-deps --requirement PART');
  expect(none.written).toEqual([withoutTriton]);
});

test('an index that does not answer holds up nobody: it is asked once, for half a minute', async () => {
  const {installer, asked} = machine();
  const limits: unknown[] = [];
  const watched: Installer = {
    ...installer,
    run: (argv, options) => {
      if (argv.includes('--dry-run')) limits.push(options);
      return installer.run(argv, options);
    },
  };
  await installPackages(lock, 'cpu', watched);
  expect(limits).toEqual([{timeoutMs: 30_000, environment: {UV_HTTP_TIMEOUT: '10', UV_HTTP_RETRIES: '0'}}]);
  expect(asked).toHaveLength(3);
});

test('where uv and pip both fail the last word says why', async () => {
  const {installer} = machine({'--requirement': unreachable});
  expect(await installPackages(lock, 'whole', installer)).toBe('error: Failed to fetch the index');
});
