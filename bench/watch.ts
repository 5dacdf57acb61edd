// How long it takes from a saved change to a regenerated report under `ftsbuild watch`, beside the report's own time: a real workspace with
// results (built first, some 20 s), and a log of 1,000 rows.
//
//   node bench/watch.ts [RUNS]
import {spawn} from 'node:child_process';
import {appendFileSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {repositoryRoot} from '../tests/support/python-interpreter.ts';
import {tinyStudy, Workspace} from '../tests/support/command-line.ts';

const runs = Number(process.argv[2] ?? 10);
const rows = 1000;
const workspace = new Workspace({'experiments.yaml': `project: bench_0\n${tinyStudy}`});
const report = join(workspace.root, 'docs/experiment_results.md');
const log = join(workspace.root, 'docs/experiment_results.csv');

interface Times {
  /** Milliseconds from the save to the new report. */
  readonly all: number;
  /** The report's own. */
  readonly own: number;
}

async function measure(change: (run: number) => void): Promise<readonly Times[]> {
  const times: Times[] = [];
  for (let run = 1; run <= runs; run++) {
    // Until the look after the last build is over.
    await sleep(1500);
    const before = statSync(report).mtimeMs;
    const saved = performance.now();
    change(run);
    while (statSync(report).mtimeMs === before) await sleep(1);
    const all = performance.now() - saved;
    let own = findReportTime();
    for (; own === undefined; own = findReportTime()) await sleep(100);
    times.push({all, own});
  }
  return times;
}

// By the events of the last build; undefined while it is not over.
function findReportTime(): number | undefined {
  const folder = join(workspace.root, '.ftsbuild/events');
  const last = readdirSync(folder).toSorted().at(-1) ?? '';
  const events = readFileSync(join(folder, last), 'utf8').trimEnd().split('\n');
  const ended = events.map((line) => JSON.parse(line) as {type: string; node?: string; duration_seconds?: number});
  if (!ended.some(({type}) => type === 'build_ended')) return undefined;
  const seconds = ended.find(({type, node}) => type === 'node_ended' && node === 'docs/experiment_results.md')?.duration_seconds;
  return seconds === undefined ? undefined : seconds * 1000;
}

function show(what: string, times: readonly Times[]): void {
  const median = (values: readonly number[]): string =>
    `${String(Math.round(values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0))} ms`;
  const beside = times.map(({all, own}) => all - own);
  process.stdout.write(
    `${what}: ${median(times.map(({all}) => all))} to the new report, ${median(times.map(({own}) => own))} of it the report's own; ` +
      `beside that ${median(beside)}, at most ${String(Math.round(Math.max(...beside)))} ms (${String(runs)} runs)\n`,
  );
}

const built = await workspace.ftsbuild(['all']);
if (built.status !== 0) throw new Error(built.out + built.err);
const [header = '', ...lines] = readFileSync(log, 'utf8').trimEnd().split('\n');
writeFileSync(log, `${[header, ...Array.from({length: rows}, (_, at) => lines[at % lines.length])].join('\n')}\n`);
const watching = spawn(process.execPath, [`${repositoryRoot}/src/cli.ts`, 'watch'], {cwd: workspace.root, stdio: 'ignore'});
try {
  await sleep(5000);
  show(`a row more in a log of ${String(rows)}`, await measure(() => appendFileSync(log, `${lines[0] ?? ''}\n`)));
  show(
    'a changed title in experiments.yaml',
    await measure((run) => workspace.edit(`project: bench_${String(run - 1)}`, `project: bench_${String(run)}`)),
  );
} finally {
  watching.kill('SIGINT');
  await new Promise((resolve) => watching.once('close', resolve));
  workspace.discard();
}
