// The program as a person runs it: a child process in a folder of its own. The folder of a failed test stays for inspection.
import {spawn, type ChildProcess} from 'node:child_process';
import {createHash} from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';
import {parseLog} from '../../src/results/parse-log.ts';
import type {LogRow} from '../../src/results/log.ts';
import {repositoryRoot, testPython} from './python-interpreter.ts';

export interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** Relative to the workspace. */
  readonly from?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with all of the standard output so far, whenever there is more. */
  readonly onOutput?: (out: string, child: ChildProcess) => void;
  /** The same of the error stream. */
  readonly onError?: (err: string) => void;
}

/** One line of a build's event stream, as far as tests look at it. */
export interface BuildLine {
  readonly type: string;
  readonly node?: string;
  readonly outcome?: {readonly at: string; readonly how?: string; readonly status?: string; readonly message?: string};
  readonly path?: string;
  readonly moved_to?: string;
}

export class Workspace {
  readonly root: string;

  constructor(files: Readonly<Record<string, string>> = {}) {
    this.root = mkdtempSync(join(realpathSync(tmpdir()), 'ftsbuild-'));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** A workspace for one test: it goes with it, unless the test fails. */
  static forTest(files: Readonly<Record<string, string>> = {}): Workspace {
    const workspace = new Workspace(files);
    onTestFinished(({task}) => {
      if (task.result?.state !== 'fail') workspace.discard();
    });
    return workspace;
  }

  /** The same files elsewhere, for one test. */
  copyForTest(): Workspace {
    const copy = Workspace.forTest();
    cpSync(this.root, copy.root, {recursive: true, preserveTimestamps: true});
    return copy;
  }

  discard(): void {
    rmSync(this.root, {recursive: true, force: true});
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** Changes the study's text. */
  edit(from: string, to: string): void {
    this.write('experiments.yaml', changed(this.read('experiments.yaml'), from, to));
  }

  /** What happened in the last build: its events, in order. */
  events(): readonly BuildLine[] {
    const last = readdirSync(join(this.root, '.ftsbuild/events')).toSorted().at(-1) ?? '';
    const lines = this.read(`.ftsbuild/events/${last}`).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as BuildLine);
  }

  /** Nodes that ran in the last build, in the order in which they began. */
  ran(): readonly string[] {
    return this.events().flatMap(({type, node}) => (type === 'node_stale' && node !== undefined ? [node] : []));
  }

  /** Processes that work in this folder, or where it is by now (where the system tells). */
  processes(root = this.root): readonly number[] {
    if (!existsSync('/proc/self/cwd')) return [];
    return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) && folderOf(name) === root ? [Number(name)] : []));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), {recursive: true});
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  json(path: string): Record<string, unknown> {
    return JSON.parse(this.read(path)) as Record<string, unknown>;
  }

  remove(path: string): void {
    rmSync(join(this.root, path), {recursive: true});
  }

  /** Every path with the digest of its bytes: what a command that writes nothing leaves as it was. */
  listing(): Record<string, string> {
    const entries = readdirSync(this.root, {recursive: true, withFileTypes: true});
    return Object.fromEntries(
      entries.map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [
          path.slice(this.root.length + 1),
          entry.isFile() ? createHash('sha256').update(readFileSync(path)).digest('hex') : 'folder',
        ];
      }),
    );
  }

  log(path = 'docs/experiment_results.csv'): readonly LogRow[] {
    return parseLog(this.read(path)).rows;
  }

  /** The program, with these words. */
  ftsbuild(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return this.run([process.execPath, `${repositoryRoot}/src/cli.ts`, ...words], options);
  }

  /** A generated script, as a person runs it: the environment that the program makes finds the package by itself, this one by PYTHONPATH. */
  byHand(script: string): Promise<Ran> {
    return this.run([testPython(), script], {environment: {PYTHONPATH: `${repositoryRoot}/python`}});
  }

  run([program = '', ...args]: readonly string[], {from = '.', environment = {}, onOutput, onError}: RunOptions = {}): Promise<Ran> {
    const child = spawn(program, args, {cwd: join(this.root, from), env: {...process.env, NO_COLOR: '1', ...environment}, stdio: 'pipe'});
    child.stdin.end();
    const said = {out: '', err: ''};
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      said.out += piece;
      onOutput?.(said.out, child);
    });
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said.err += piece;
      onError?.(said.err);
    });
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({status, ...said}));
    });
  }
}

// Other people's processes, and those that just ended, do not tell.
function folderOf(process: string): string | undefined {
  try {
    return readlinkSync(`/proc/${process}/cwd`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'EACCES', 'ESRCH', 'EPERM'].includes(String(error.code))) return undefined;
    throw error;
  }
}

/** A study of the smallest size that is still whole: two searches and a borrow over the last rows of real prices, in seconds. */
export const tinyStudy = `version: 1
python: {interpreter: ${testPython()}}
data:
  prices:
    builder: {source: arch.sp500, tiers: [a20]}
    rows: {keep: 700}
budgets:
  3K: {params: 3K, estimate: {trial: 1s, training: 1s}}
tasks:
  up1: {kind: threshold, pct: 1}
  up2: {kind: threshold, pct: 2}
  up3: {kind: threshold, pct: 3}
defaults:
  tier: a20
  horizon: 3
  context: 20
  patch: {length: 10, stride: 5}
  split: {block: 40, min_windows: 10, min_positives: 1}
  batch_size: 64
  device: cpu
  epochs: 1
phases:
  tiny:
    matrix: {budget: [3K], task: [up1, up2, up3]}
    hpo:
      skip: {task: up2}
      borrow: [{for: {task: up2}, from: [{task: up1}, {task: up3}], method: interpolate}]
      trials: 2
      startup_trials: 1
      search:
        architecture: {d_model: [8, 16], n_layers: [1, 2, 3, 4], n_heads: [2], ff_ratio: [2, 4]}
        learning_rate: {log: [1.0e-4, 1.0e-3]}
    training: {seeds: [42]}
`;

export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the text holds no ${JSON.stringify(from)}`);
  return text.replace(from, () => to);
}
