// Renews the table of code that gives the same results (python/fts/same_results.json) from a golden workspace, after an edit that moves no bit:
//   node tests/golden/rows.ts 2026-11 && npx vitest run --project fast tests/e2e/golden.test.ts
// It claims what the test then has to show. Modules that were moved or split need a row by hand, since old and new ones go together.
import {spawnSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {meaningOf} from '../../src/state/python-source.ts';
import {reachableModules, importsOf, type Import} from '../../src/state/python-imports.ts';
import {packageRoot, repositoryRoot} from '../support/python-interpreter.ts';

const release = process.argv[2] ?? '';
const table = `${packageRoot}/fts/same_results.json`;
const before = digestsOf(release);
const now = new Map(reached().map((path) => [path, meaningOf(readFileSync(`${packageRoot}/${path}`)).digest]));
const changed = [...now].filter(([path, digest]) => before.get(path) !== digest);
const rows = changed.map(([path, digest]) => {
  const old = before.get(path);
  return {now: {[path]: digest}, counts_as: old === undefined ? {} : {[path]: old}};
});
const {about} = JSON.parse(readFileSync(table, 'utf8')) as {about: string};
writeFileSync(table, `${JSON.stringify({about, rows}, null, 2)}\n`);
console.log(rows.length === 0 ? 'every module is as it was' : changed.map(([path]) => path).join('\n'));
const gone = [...before.keys()].filter((path) => !now.has(path));
if (gone.length > 0) console.log(`gone, and to be told by hand: ${gone.join(', ')}`);

/** What searches and trainings of that release were made with: code entries of their manifests in its journal. */
function digestsOf(name: string): ReadonlyMap<string, string> {
  const archive = `${repositoryRoot}/tests/golden/${name}.tar.gz`;
  const journal = spawnSync('tar', ['-xzOf', archive, './.ftsbuild/journal'], {encoding: 'utf8', maxBuffer: 1 << 26});
  if (journal.status !== 0) throw new Error(journal.stderr);
  const results = journal.stdout.split('\n').filter((line) => /"kind":"done","node":"outputs\/(?:hpo|training)\//.test(line));
  const entries = results.flatMap((line) => [...line.matchAll(/\["code (?<path>[^"]+)","(?<digest>[0-9a-f]{64})"\]/g)]);
  return new Map(entries.map(({groups}) => [groups?.['path'] ?? '', groups?.['digest'] ?? '']));
}

/** The modules that searches and trainings reach today. */
function reached(): readonly string[] {
  const entries = ['fts.hpo_script', 'fts.training_script'].map((module) => ({module, names: []}));
  return reachableModules(entries, (path) => importsAt(path));
}

function importsAt(path: string): readonly Import[] | undefined {
  try {
    return importsOf(readFileSync(`${packageRoot}/${path}`, 'utf8'), path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
