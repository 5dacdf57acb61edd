// Holds our reading of Python against CPython's, over edited files of its standard library. Knows nothing of how many.
import {spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';
import {importsOf} from '../../src/state/python-imports.ts';
import {meaningOf} from '../../src/state/python-source.ts';
import {testPython} from '../support/python-interpreter.ts';

interface Version {
  readonly edit: string;
  readonly kind: 'harmless' | 'risky';
  readonly source: string;
  readonly tree: string | null;
}

interface Case {
  readonly path: string;
  readonly imports: readonly (readonly [number, string, readonly string[]])[];
  readonly versions: readonly Version[];
}

export interface Agreement {
  readonly files: number;
  readonly versions: number;
  /** Edited versions that are still Python, with another tree than the file had. */
  readonly changed: number;
  readonly problems: readonly string[];
}

/** `files` 0 means all of them. */
export async function compareWithPython(size: {files: number; harmless: number; risky: number; seed: number}): Promise<Agreement> {
  const script = fileURLToPath(new URL('python_edits.py', import.meta.url));
  const args = [size.files, size.harmless, size.risky, size.seed].map(String);
  const child = spawn(testPython(), [script, ...args], {stdio: ['ignore', 'pipe', 'inherit']});
  const total = {files: 0, versions: 0, changed: 0, problems: [] as string[]};
  for await (const line of createInterface({input: child.stdout})) {
    const found: Case = JSON.parse(line);
    total.files += 1;
    total.versions += found.versions.length;
    total.changed += found.versions.filter(({tree}) => tree !== null && tree !== found.versions[0]?.tree).length;
    total.problems.push(...problemsOf(found));
  }
  return total;
}

function problemsOf(found: Case): string[] {
  return [...collisions(found), ...lostHarmless(found), ...importDifferences(found)].map((text) => `${found.path}: ${text}`);
}

/** Equal digests of different trees: a change that a build would not see. */
function collisions({versions}: Case): string[] {
  const trees = new Map<string, Version>();
  const problems: string[] = [];
  for (const version of versions) {
    if (version.tree === null) continue;
    const {digest} = meaningOf(version.source);
    const known = trees.get(digest);
    if (known !== undefined && known.tree !== version.tree) problems.push(`${version.edit} and ${known.edit} have one digest`);
    trees.set(digest, version);
  }
  return problems;
}

function lostHarmless({versions}: Case): string[] {
  const first = meaningOf(versions[0]?.source ?? '');
  const parts = JSON.stringify([...first.parts]);
  return versions
    .filter(({kind}) => kind === 'harmless')
    .filter(({source}) => meaningOf(source).digest !== first.digest || JSON.stringify([...meaningOf(source).parts]) !== parts)
    .map(({edit}) => `${edit} changes the digest`);
}

function importDifferences({path, imports, versions}: Case): string[] {
  const above = path.split('/').slice(0, -1);
  const theirs = imports.flatMap(([level, module, names]) => {
    const kept = above.length - (level - 1);
    if (level > 0 && kept < 1) return [];
    const steps = level === 0 ? [module] : [...above.slice(0, kept), ...(module === '' ? [] : [module])];
    return [JSON.stringify({module: steps.join('.'), names})];
  });
  const ours = importsOf(versions[0]?.source ?? '', path).map((entry) => JSON.stringify(entry));
  return ours.toSorted().join('\n') === theirs.toSorted().join('\n') ? [] : ['its imports are read differently'];
}
