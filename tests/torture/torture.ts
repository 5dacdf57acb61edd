// Builds that are killed again and again, at moments drawn from a seed, while what they are made from changes; and what must hold of them.
import {spawn} from 'node:child_process';
import {expect} from 'vitest';
import {parseLog} from '../../src/results/parse-log.ts';
import {Workspace} from '../support/command-line.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';
import {tortureSession} from '../support/torture-build.ts';

const program = `${repositoryRoot}/tests/support/torture-build.ts`;

/** A change of the source after so many kills: builds go on over several kills, and are overtaken by changes. */
const killsPerChange = 3;

export async function torture(workspace: Workspace, kills: number, seed: number): Promise<void> {
  const random = randomFrom(seed);
  let version = 0;
  const change = (): void => workspace.write('source.txt', `${String(++version)}\n`);
  change();
  const wholeMs = await timeOf(workspace, []);
  const idleMs = await timeOf(workspace, []);
  for (let killed = 0; killed < kills;) {
    if (killed % killsPerChange === 0) change();
    // From the loading of the program on to some time after a whole build, which is slower where several tests run.
    const afterMs = idleMs * 0.7 + random() * (wholeMs * 1.15 - idleMs * 0.7);
    if (random() < 0.15) await build(workspace, [String(random() * (wholeMs - idleMs))]);
    if (await killedBuild(workspace, afterMs)) killed++;
    else change();
    expectDoneIsWhole(workspace);
  }
  expect(await build(workspace, [])).toBe(0);
  await expectAsUndisturbed(workspace, version);
}

async function expectAsUndisturbed(workspace: Workspace, version: number): Promise<void> {
  const undisturbed = new Workspace({'source.txt': `${String(version)}\n`});
  expect(await build(undisturbed, [])).toBe(0);
  expect(filesOf(workspace)).toEqual(filesOf(undisturbed));
  expect(standingsOf(workspace)).toEqual(standingsOf(undisturbed));
  undisturbed.discard();
  expectOneRowPerAttempt(workspace);
}

/** At any moment: where the journal calls a node done, its files are the recorded ones or were moved aside, never others. */
function expectDoneIsWhole(workspace: Workspace): void {
  const {graph, store, world} = tortureSession(workspace.root);
  const wrong = graph.nodes.flatMap((node) =>
    (store.standingOf(node.id).trace?.outputs ?? []).filter(([path, digest]) => ![digest, 'missing'].includes(world.digestOf(path))),
  );
  expect(wrong).toEqual([]);
}

function standingsOf(workspace: Workspace): unknown {
  const {graph, store} = tortureSession(workspace.root);
  return graph.nodes.map((node) => {
    const {trace, unfinished, ended, lastKey} = store.standingOf(node.id);
    return {node: node.id, manifest: trace?.manifest, key: trace?.key, outputs: trace?.outputs, lastKey, unfinished, ended};
  });
}

function expectOneRowPerAttempt(workspace: Workspace): void {
  const {graph, store} = tortureSession(workspace.root);
  const {rows, problems} = parseLog(workspace.read('docs/experiment_results.csv'));
  expect(problems).toEqual([]);
  for (const node of graph.nodes) {
    if (node.work.kind !== 'job') continue;
    const {experiment} = node.work.job.identity ?? {};
    const attempts = rows.filter((row) => row.experiment === experiment).map(({attempt}) => attempt);
    expect(attempts).toEqual(Array.from({length: store.standingOf(node.id).attempts}, (_, index) => index + 1));
  }
}

/** All files but the log, whose times differ, and the engine's own. */
function filesOf(workspace: Workspace): Record<string, string> {
  const own = (path: string): boolean => path.startsWith('.ftsbuild') || path === 'docs/experiment_results.csv' || path.endsWith('.log');
  return Object.fromEntries(Object.entries(workspace.listing()).filter(([path]) => !own(path)));
}

async function timeOf(workspace: Workspace, words: readonly string[]): Promise<number> {
  const since = performance.now();
  expect(await build(workspace, words)).toBe(0);
  return performance.now() - since;
}

async function build(workspace: Workspace, words: readonly string[]): Promise<number | null> {
  const ran = await workspace.run([process.execPath, program, workspace.root, ...words]);
  expect(ran.err).toBe('');
  return ran.status;
}

/** Whether the kill came before the end. */
function killedBuild(workspace: Workspace, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, workspace.root], {stdio: ['ignore', 'ignore', 'inherit']});
  const timer = setTimeout(() => child.kill('SIGKILL'), afterMs);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      clearTimeout(timer);
      if (status !== null && status !== 0) reject(new Error(`a build ended with status ${String(status)}`));
      else resolve(signal === 'SIGKILL');
    });
  });
}

/** Mulberry32: the same seed, the same moments. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
