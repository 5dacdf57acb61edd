// Loads texts as studies in a process of its own, and prints what that took: node load-file.ts NAME | SEED COUNT.
import {loadStudy} from '../../src/config/load.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import {repositoryText} from '../support/studies.ts';
import {expensive, mutated} from './mutations.ts';

const [name = '', count] = process.argv.slice(2);
const tiers = parseTiers(repositoryText('python/fts/data/tiers.json'));
if (!tiers.ok) throw new Error('the tiers are a table');

let slowestMs = 0;
let slowest = '';
const codes = new Set<string>();

function load(label: string, text: string): void {
  const begun = performance.now();
  const loaded = loadStudy(
    {readText: (path) => (path === 'experiments.yaml' ? text : undefined)},
    {file: 'experiments.yaml', tiers: tiers.ok ? tiers.value : new Map()},
  );
  const ms = performance.now() - begun;
  if (ms > slowestMs) [slowestMs, slowest] = [ms, label];
  for (const {code} of loaded.ok ? loaded.value.warnings : loaded.error) codes.add(code);
}

if (count === undefined) load(name, expensive[name]?.() ?? '');
else for (let seed = Number(name); seed < Number(name) + Number(count); seed += 1) load(String(seed), mutated(seed));

process.stdout.write(`${JSON.stringify({slowestMs, slowest, megabytes: process.resourceUsage().maxRSS / 1024, codes: [...codes]})}\n`);
