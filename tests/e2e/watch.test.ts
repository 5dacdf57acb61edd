// `ftsbuild watch` as a person runs it: a child process beside which files are edited as editors do it.
import type {ChildProcess} from 'node:child_process';
import {appendFileSync, readdirSync, readFileSync, renameSync} from 'node:fs';
import {join} from 'node:path';
import {expect, onTestFinished, test, vi} from 'vitest';
import {changed, tinyStudy, Workspace, type Ran} from '../support/command-line.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';

class Watched {
  readonly workspace: Workspace;
  readonly #ended: Promise<Ran>;
  #out = '';
  #heard = 0;
  #err = '';
  #child: ChildProcess | undefined;

  constructor(workspace: Workspace, words: readonly string[] = []) {
    this.workspace = workspace;
    this.#ended = workspace.ftsbuild(['watch', ...words], {
      onOutput: (out, child) => {
        this.#out = out;
        this.#child = child;
      },
      onError: (err) => {
        this.#err = err;
      },
    });
    onTestFinished(async () => {
      await this.end();
    });
  }

  /** Waits until it says so, after all that it said before. */
  async says(text: string): Promise<void> {
    await vi.waitFor(() => expect(this.#out.slice(this.#heard)).toContain(text), {timeout: 20_000, interval: 20});
    this.#heard = this.#out.indexOf(text, this.#heard) + text.length;
  }

  async complains(text: string): Promise<void> {
    await vi.waitFor(() => expect(this.#err).toContain(text), {timeout: 20_000, interval: 20});
  }

  end(): Promise<Ran> {
    this.#child?.kill('SIGINT');
    return this.#ended;
  }

  /** Each build leaves a stream of its events. */
  builds(): number {
    return readdirSync(join(this.workspace.root, '.ftsbuild/events')).length;
  }
}

test('edits, renames, mistakes, a deleted folder and new rows of the log: each is one build, or none', {timeout: 90_000}, async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  expect((await workspace.ftsbuild(['environment', 'scripts'])).status).toBe(0);
  const watched = new Watched(workspace);
  await watched.says('stale, and not made here: 1 data, 2 hpo, 3 training');
  const before = watched.builds();

  workspace.edit('trials: 2', 'trials: 3');
  await watched.says(' ran, ');
  expect(workspace.read('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 3');
  expect(watched.builds()).toBe(before + 1);

  workspace.write('experiments.yaml~', changed(workspace.read('experiments.yaml'), 'trials: 3', 'trials: 4'));
  renameSync(join(workspace.root, 'experiments.yaml~'), join(workspace.root, 'experiments.yaml'));
  await watched.says(' ran, ');
  expect(workspace.read('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 4');
  expect(watched.builds()).toBe(before + 2);

  workspace.edit('trials: 4', 'trails: 4');
  await watched.complains('watching goes on');
  workspace.edit('trails: 4', 'trials: 4');
  await watched.says('valid again');
  expect(watched.builds()).toBe(before + 2);

  appendFileSync(join(workspace.root, 'docs/experiment_results.csv'), 'no row of the log\n');
  await watched.says('done report');
  await watched.says('1 ran, ');
  expect(watched.builds()).toBe(before + 3);

  workspace.remove('experiments');
  await watched.says('6 ran, ');
  expect(workspace.read('experiments/tiny/hpo_3K_h3_up1.py')).toContain('N_TRIALS = 4');
  expect(watched.builds()).toBe(before + 4);

  workspace.write('templates/hpo.py.hbs', `${readFileSync(`${repositoryRoot}/templates/hpo.py.hbs`, 'utf8')}# ours\n`);
  await watched.says('2 ran, ');
  expect(workspace.read('experiments/tiny/hpo_3K_h3_up1.py')).toMatch(/# ours\n$/);
  expect(watched.builds()).toBe(before + 5);

  // Whatever its own writes would start has had the time of all that came after them.
  const {status, err} = await watched.end();
  expect(status).toBe(0);
  expect(err).toMatch(/experiments\.yaml:\d+:7: error FTS110: unknown key "trails"/);
  expect(watched.builds()).toBe(before + 5);
});

test('what is wrong at the start is wrong usage, and nothing is written', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const {status, err} = await workspace.ftsbuild(['watch', 'traning']);
  expect([status, err]).toEqual([2, expect.stringContaining('did you mean training')]);
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
});
