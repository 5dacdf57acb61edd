// How long it takes from a request to pause until the running job says that it has paused: over many requests, on the quickstart's models.
//
//   node bench/pause.ts [REQUESTS]        for each budget, half of them in a search and half in a training (some minutes)
import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {sendRequest, type Ask} from '../src/build/requests.ts';
import {systemClock} from '../src/host/clock.ts';
import {machineProcesses} from '../src/host/processes.ts';
import {workspaceDisk} from '../src/host/real-disk.ts';
import {findHolder, lockPath} from '../src/state/lock.ts';
import {repositoryRoot, testPython} from '../tests/support/python-interpreter.ts';

const requests = Number(process.argv[2] ?? 20);
const pollMs = 2;
const patienceMs = 120_000;

/** Epochs of the one trial: long enough to be paused many times, by models of very different sizes. */
const searchEpochs: Readonly<Record<string, number>> = {'6K': 60, '18K': 30, '54K': 20, '160K': 10};

const text = readFileSync(`${repositoryRoot}/configs/quickstart.yaml`, 'utf8')
  .replace('project: quickstart\n', `project: quickstart\npython: {interpreter: ${testPython()}}\n`)
  .replace('trials: 4', 'trials: 1')
  .replace('epochs: 5\n', 'epochs: 2000\n');

const all: number[] = [];
for (const budget of ['6K', '18K', '54K', '160K']) {
  const times = await measure(budget);
  all.push(...times);
  print(budget, times);
}
print('all', all);

async function measure(budget: string): Promise<readonly number[]> {
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-pause-'));
  mkdirSync(join(root, 'configs'));
  writeFileSync(join(root, 'configs/quickstart.yaml'), text.replace('epochs: 3 ', `epochs: ${String(searchEpochs[budget] ?? 20)} `));
  const words = [
    '-s',
    '-f',
    'configs/quickstart.yaml',
    'training',
    '--only',
    `budget=${budget}`,
    '--only',
    'task=threshold_1pct',
    '-j',
    '1',
  ];
  const build = spawn(process.execPath, [`${repositoryRoot}/src/cli.ts`, ...words], {cwd: root, stdio: 'inherit'});
  const ended = new Promise((resolve) => build.once('close', resolve));
  try {
    const inSearch = await ask(root, 'trial_started', Math.floor(requests / 2));
    const inTraining = await ask(root, 'epoch', Math.ceil(requests / 2));
    return [...inSearch, ...inTraining];
  } finally {
    build.kill('SIGTERM');
    await ended;
    rmSync(root, {recursive: true});
  }
}

/** Pauses and resumes so many times, from the event on that says that the work has begun. */
async function ask(root: string, begin: string, times: number): Promise<number[]> {
  const isBegun = ({event, node}: Said): boolean => event === begin && (begin !== 'epoch' || node.includes('/training/'));
  await until(() => saidIn(root).some(isBegun));
  const waits: number[] = [];
  for (let time = 0; time < times; time++) {
    await sleep(100 + Math.random() * 500);
    waits.push(await answer(root, 'pause', 'paused'));
    await answer(root, 'resume', 'resumed');
  }
  return waits;
}

async function answer(root: string, request: Ask, event: string): Promise<number> {
  const disk = workspaceDisk(root);
  const builder = findHolder({disk, clock: systemClock, processes: machineProcesses(), path: lockPath});
  if (builder === undefined) throw new Error('the build has ended');
  const count = (): number => saidIn(root).filter((said) => said.event === event).length;
  const before = count();
  const askedAt = performance.now();
  sendRequest({disk, clock: systemClock}, builder, request);
  await until(() => count() > before);
  return performance.now() - askedAt;
}

interface Said {
  readonly event: string;
  readonly node: string;
}

/** What the build's jobs have said so far. */
function saidIn(root: string): readonly Said[] {
  const folder = join(root, '.ftsbuild/events');
  const [name] = existsSync(folder) ? readdirSync(folder) : [];
  if (name === undefined) return [];
  const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const {node = '', progress} = JSON.parse(line) as {node?: string; progress?: {event: string}};
    return progress === undefined ? [] : [{event: progress.event, node}];
  });
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('nothing happened for two minutes');
    await sleep(pollMs);
  }
}

function print(name: string, times: readonly number[]): void {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): string =>
    `${(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(0)} ms`;
  process.stdout.write(
    `${name.padEnd(5)} ${String(times.length)} requests, from the request to the job's word: median ${at(0.5)}, 90 % within ${at(0.9)}, most ${at(1)} (wanted: median under 1000 ms)\n`,
  );
}
