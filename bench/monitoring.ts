// What the engine costs while a job runs that needs nothing of it: CPU time of the program and all that it keeps running, scaled to an hour.
//
//   node bench/monitoring.ts [MINUTES] [PYTHON]        (Linux; default 5 minutes, .venv/bin/python)
//
// The job is a sleeping child in place of a search; heat is sampled and the hardware logged at the usual intervals.
import {spawn, type ChildProcess} from 'node:child_process';
import {chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, resolve} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {findErrorCode} from '../src/host/disk-failure.ts';

const minutes = Number(process.argv[2] ?? 5);
const python = resolve(process.argv[3] ?? '.venv/bin/python');
const settleMs = 5000;
/** Of the clock that /proc counts in; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

const folder = mkdtempSync(join(tmpdir(), 'ftsbuild-monitoring-'));
try {
  writeWorkspace();
  const engine = spawn(process.execPath, [resolve('src/cli.ts'), '-C', folder, '--cold', '-j', '1', 'hpo'], {stdio: 'ignore'});
  const ended = new Promise((done) => engine.once('exit', done));
  await jobStarted(engine);
  await sleep(settleMs);
  const before = cpuSeconds(engine);
  const startedAt = performance.now();
  await sleep(minutes * 60_000);
  const hours = (performance.now() - startedAt) / 3_600_000;
  const used = cpuSeconds(engine) - before;
  engine.kill('SIGINT');
  await ended;
  const perHour = (used / hours).toFixed(1);
  process.stdout.write(`${used.toFixed(2)} s CPU in ${String(minutes)} min: ${perHour} s in an hour (wanted: under 10)\n`);
} finally {
  rmSync(folder, {recursive: true});
}

// A generated script sleeps; everything else is what Python makes of it.
function writeWorkspace(): void {
  const interpreter = join(folder, 'python');
  writeFileSync(interpreter, `#!/bin/sh\ncase "$1" in */experiments/*) exec sleep 86400;; esac\nexec ${python} "$@"\n`);
  chmodSync(interpreter, 0o755);
  writeFileSync(join(folder, 'experiments.yaml'), study(interpreter));
}

function study(interpreter: string): string {
  return `version: 1
python: {interpreter: ${interpreter}}
data:
  prices: {builder: {source: arch.sp500, tiers: [a20]}, rows: {keep: 700}}
budgets:
  3K: {params: 3K, estimate: {trial: 1m, training: 1m}}
tasks:
  up1: {kind: threshold, pct: 1}
defaults: {tier: a20, horizon: 3, context: 20, patch: {length: 10, stride: 5}, split: {block: 40, min_windows: 10, min_positives: 1}}
phases:
  asleep:
    matrix: {budget: [3K], task: [up1]}
    hpo: {trials: 2, search: {architecture: {d_model: [8, 16], n_layers: [1, 2], n_heads: [2], ff_ratio: [2]}}}
`;
}

async function jobStarted(engine: ChildProcess): Promise<void> {
  while (!eventLines().some((line) => line.includes('"type":"node_started"') && line.includes('outputs/hpo/'))) {
    if (engine.exitCode !== null) throw new Error(`the build ended with status ${String(engine.exitCode)}: ${eventLines().at(-2) ?? ''}`);
    await sleep(200);
  }
}

function eventLines(): readonly string[] {
  const events = join(folder, '.ftsbuild/events');
  try {
    return readdirSync(events).flatMap((name) => readFileSync(join(events, name), 'utf8').split('\n'));
  } catch (error) {
    if (findErrorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Of the process, of what it has waited for, and of all that descends from it now. */
function cpuSeconds({pid}: ChildProcess): number {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (readProcess(name) ?? []) : []));
  const family = new Set([pid ?? 0]);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const process of all) if (family.has(process.parent)) family.add(process.pid);
  }
  const ticks = all.filter((process) => family.has(process.pid)).reduce((sum, process) => sum + process.ticks, 0);
  return ticks / ticksPerSecond;
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

function readProcess(name: string): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    // The name in parentheses may hold anything. Behind it: state, parent, ..., and from the twelfth on user, system, and both of ended children.
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return {pid: Number(name), parent: fields[1] ?? 0, ticks: fields.slice(11, 15).reduce((sum, ticks) => sum + ticks, 0)};
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes(findErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
