// Puts the locked packages into a virtual environment: by uv where it can be had, else by pip; without a device of NVIDIA's not what only such
// a device uses. Knows of the machine and of the programs only what it is given.
//
//   no NVIDIA device, uv:  the CPU build of torch --(its index is out of reach, or uv is too old)--> the registry's, without triton
//   everywhere:            uv --(fails)--> pip
import {hasSucceeded, lastLineOf, type Ran} from '../host/run.ts';

export type Words = readonly [string, ...string[]];

/** `cpu`: there is no NVIDIA device, and nothing asks for one. */
export type TorchBuild = 'cpu' | 'whole';

export interface Lock {
  /** Absolute path of the lock file. */
  readonly file: string;
  readonly text: string;
}

export interface Installer {
  /** The environment's own. */
  readonly python: string;
  run(argv: Words, options: {readonly timeoutMs: number; readonly environment?: Readonly<Record<string, string>>}): Promise<Ran>;
  readonly say: (what: string) => void;
  /** Keeps a part of the lock beside the environment; returns its absolute path. */
  write(text: string): string;
}

/** The packages of PyTorch for other systems hold nothing of NVIDIA's. */
export function chooseBuild({platform, hasNvidia, asksForCuda}: {platform: string; hasNvidia: boolean; asksForCuda: boolean}): TorchBuild {
  return platform === 'linux' && !hasNvidia && !asksForCuda ? 'cpu' : 'whole';
}

/** Returns why it could not be done. */
export async function installPackages(lock: Lock, build: TorchBuild, installer: Installer): Promise<string | undefined> {
  const uv = await findUv(installer);
  if (build === 'cpu' && (await installCpuBuild(lock, uv, installer)) === 'installed') return undefined;
  const wanted = build === 'cpu' ? partOf(lock, /^triton\b/) : lock.text;
  // A lock names everything that is needed; without this what was left out would come as what torch depends on.
  const file = build === 'cpu' ? ['--no-deps', '--requirement', installer.write(wanted)] : ['--requirement', lock.file];
  const count = countOf(wanted);
  // Where uv cannot (it trusts other certificates, say), pip tries.
  if (uv !== undefined) {
    installer.say(`installing ${count} Python packages with uv`);
    if (hasSucceeded(await installer.run([...uv, ...installWords(installer), ...file], {timeoutMs: installTimeoutMs}))) return undefined;
  }
  installer.say(`installing ${count} Python packages with pip (about 2 minutes)`);
  const ran = await installer.run([installer.python, '-m', 'pip', 'install', ...file], {timeoutMs: installTimeoutMs});
  return hasSucceeded(ran) ? undefined : lastLineOf(ran);
}

const installTimeoutMs = 30 * 60_000;
const probeTimeoutMs = 30_000;
/** One try: an index that does not answer must not hold up what the registry has. */
const impatient = {UV_HTTP_TIMEOUT: '10', UV_HTTP_RETRIES: '0'};

// Asked for torch alone first, downloading nothing: behind many firewalls the index of these builds is out of reach.
async function installCpuBuild(lock: Lock, uv: Words | undefined, installer: Installer): Promise<'installed' | 'not_there'> {
  const torch = /^torch==\S+/m.exec(lock.text)?.[0];
  if (torch === undefined) return 'not_there';
  const text = partOf(lock, /^(?:nvidia|cuda|triton)\b/);
  let why = 'uv cannot be had';
  if (uv !== undefined) {
    installer.say('no NVIDIA device: looking for the CPU build of torch');
    const install = [...uv, ...installWords(installer), '--torch-backend=cpu', '--no-deps'] as const;
    const probe = await installer.run([...install, '--dry-run', torch], {timeoutMs: probeTimeoutMs, environment: impatient});
    why = lastLineOf(probe);
    if (hasSucceeded(probe)) {
      installer.say(`installing ${countOf(text)} Python packages with uv, torch in its CPU build`);
      const ran = await installer.run([...install, '--requirement', installer.write(text)], {timeoutMs: installTimeoutMs});
      if (hasSucceeded(ran)) return 'installed';
      why = lastLineOf(ran);
    }
  }
  installer.say(`the CPU build of torch cannot be had (${why}): taking the registry's, without triton`);
  return 'not_there';
}

function installWords({python}: Installer): Words {
  return ['pip', 'install', '--python', python, '--compile-bytecode'];
}

// uv takes 15 s where pip takes two minutes; a machine without it gets it from the same registry as everything else.
async function findUv(installer: Installer): Promise<Words | undefined> {
  if (hasSucceeded(await installer.run(['uv', '--version'], {timeoutMs: 10_000}))) return ['uv'];
  installer.say('fetching the installer uv');
  const ran = await installer.run([installer.python, '-m', 'pip', 'install', '--quiet', 'uv'], {timeoutMs: 120_000});
  return hasSucceeded(ran) ? [installer.python, '-m', 'uv'] : undefined;
}

function partOf({text}: Lock, without: RegExp): string {
  return text
    .split('\n')
    .filter((line) => !without.test(line))
    .join('\n');
}

function countOf(requirements: string): number {
  return requirements.split('\n').filter((line) => /^[\w-]/.test(line)).length;
}
