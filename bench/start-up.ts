// Start-up against an empty Node, in CPU time, medians of paired runs: `ftsbuild --version`, and an up-to-date `all` on the quickstart.
//
//   node bench/start-up.ts [RUNS]        (after `npm run quickstart`)
import {spawnSync} from 'node:child_process';

const runs = Number(process.argv[2] ?? 20);
const program = 'dist/ftsbuild.js';
const empty = [process.execPath, '-e', '0'];
const cases: readonly {readonly name: string; readonly words: readonly string[]; readonly limit: number}[] = [
  {name: 'ftsbuild --version', words: [process.execPath, program, '--version'], limit: 1.3},
  {name: 'ftsbuild all, up to date', words: [process.execPath, program, '-f', 'configs/quickstart.yaml', 'all'], limit: 2.5},
];

for (const {name, words, limit} of cases) {
  const own: number[] = [];
  const base: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const pair = [cpuMs(empty), cpuMs(words)] as const;
    // The first pair fills the compile cache and the file cache.
    if (run > 0) {
      base.push(pair[0]);
      own.push(pair[1]);
    }
  }
  const ratio = median(own) / median(base);
  process.stdout.write(
    `${name}: ${median(own).toFixed(0)} ms against ${median(base).toFixed(0)} ms, ratio ${ratio.toFixed(2)} (wanted: at most ${limit})\n`,
  );
}

// User and system time of the whole process, as bash's own `time` counts it: Node tells nothing of its children.
function cpuMs(words: readonly string[]): number {
  const timed = spawnSync('bash', ['-c', 'TIMEFORMAT="%3U %3S"; time "$@" >/dev/null', 'bash', ...words], {encoding: 'utf8'});
  if (timed.status !== 0) throw new Error(`${words.join(' ')} ended with ${String(timed.status)}: ${timed.stderr}`);
  const [user = NaN, system = NaN] = (timed.stderr.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return (user + system) * 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
