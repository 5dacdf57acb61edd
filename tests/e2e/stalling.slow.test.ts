// A job that hangs for real: it is stopped, goes on once from what it has saved, and nothing is left running.
import {expect, test} from 'vitest';
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {Workspace, changed, tinyStudy} from '../support/command-line.ts';

const watched = `watchdog: {factor: 2, at_least: 12s}\n${changed(tinyStudy, 'trials: 2', 'trials: 12')}`;
const folder = 'outputs/hpo/tiny_3K_h3_up1';

/** The process that works on a node, as the engine has noted it. */
function jobOf(workspace: Workspace): number {
  const jobs = readdirSync(join(workspace.root, '.ftsbuild/jobs')).flatMap((name) => {
    const path = `.ftsbuild/jobs/${name}/process.json`;
    return workspace.has(path) && workspace.read(`.ftsbuild/jobs/${name}/job.json`).includes('"rule": "hpo"') ? [path] : [];
  });
  return Number(workspace.json(jobs[0] ?? '')['pid']);
}

test('a study whose process stands still is stopped, and goes on with the trials that it has', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': watched});
  let stopped: number | undefined;
  const ran = await workspace.ftsbuild([folder], {
    onOutput: (out) => {
      if (stopped !== undefined || !out.includes('trial 2 of 12')) return;
      stopped = jobOf(workspace);
      process.kill(stopped, 'SIGSTOP');
    },
  });
  expect(stopped).toBeGreaterThan(1);
  expect(ran.out).toMatch(/stalled: hpo tiny_3K_h3_up1: not a word for \d+s, .*it is stopped and started once more/);
  expect(ran.status).toBe(0);
  expect(workspace.processes()).toEqual([]);
  expect(workspace.log().map(({status, reason}) => [status, reason])).toEqual([
    ['failed', 'stalled'],
    ['success', null],
  ]);
  expect(workspace.read(`${folder}/trials.jsonl`).trimEnd().split('\n')).toHaveLength(12);
});
