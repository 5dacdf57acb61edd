// How long `ftsbuild check` takes on the root file, by the clock and in CPU time, medians: without any Python, and with it.
//
//   node bench/check.ts [RUNS]        (after `npm run build`)
import {spawnSync} from 'node:child_process';
import {copyFileSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';

const runs = Number(process.argv[2] ?? 5);
const program = resolve('dist/ftsbuild.js');
// Without the repository's .venv and with nothing on the path there is no Python to be found.
const bare = mkdtempSync(join(tmpdir(), 'check-'));
copyFileSync('experiments.yaml', join(bare, 'experiments.yaml'));
const cases = [
  {name: 'without Python', directory: bare, path: bare, limit: 1},
  {name: 'with Python', directory: '.', path: process.env['PATH'] ?? '', limit: 3},
];

for (const {name, directory, path, limit} of cases) {
  const taken = Array.from({length: runs + 1}, () => timed(directory, path)).slice(1);
  const [wall, cpu] = [median(taken.map(([seconds]) => seconds)), median(taken.map(([, seconds]) => seconds))];
  process.stdout.write(`check ${name}: ${wall.toFixed(2)} s by the clock, ${cpu.toFixed(2)} s CPU (wanted: under ${limit} s)\n`);
}
rmSync(bare, {recursive: true});

function timed(directory: string, path: string): readonly [number, number] {
  const words = [process.execPath, program, '-C', directory, 'check'];
  const script = 'TIMEFORMAT="%3R %3U %3S"; time PATH="$0" "$@" >/dev/null';
  const ran = spawnSync('bash', ['-c', script, path, ...words], {encoding: 'utf8'});
  if (ran.status !== 0) throw new Error(`check ended with ${String(ran.status)}: ${ran.stderr}`);
  const [wall = NaN, user = NaN, system = NaN] = (ran.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return [wall, user + system];
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
