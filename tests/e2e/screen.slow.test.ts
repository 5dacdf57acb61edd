// The live view in a real terminal (tmux): while a build runs, through a resize, after Ctrl-C, and when it is closed.
import {execFileSync} from 'node:child_process';
import {setTimeout as sleep} from 'node:timers/promises';
import {expect, onTestFinished, test, vi} from 'vitest';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';

class Terminal {
  readonly #socket = `ftsbuild-${String(process.pid)}`;
  #isClosed = false;

  constructor(folder: string, environment: Readonly<Record<string, string>>) {
    const words = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    this.#tmux('-f', '/dev/null', 'new-session', '-d', '-s', 'test', '-x', '100', '-y', '20', '-c', folder, 'env', ...words, 'sh');
    onTestFinished(() => {
      if (!this.#isClosed) this.close();
    });
  }

  /** As a person closes a window, or as a connection breaks. */
  close(): void {
    this.#isClosed = true;
    this.#tmux('kill-server');
  }

  type(text: string): void {
    this.#tmux('send-keys', '-t', 'test', text, 'Enter');
  }

  interrupt(): void {
    this.#tmux('send-keys', '-t', 'test', 'C-c');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-t', 'test', '-x', String(columns), '-y', String(rows));
  }

  get text(): string {
    return this.#tmux('capture-pane', '-p', '-t', 'test');
  }

  get showsCursor(): boolean {
    return this.#tmux('display-message', '-p', '-t', 'test', '#{cursor_flag}').trim() === '1';
  }

  async shows(pattern: RegExp): Promise<string> {
    for (let tries = 0; tries < 1200; tries++) {
      const {text} = this;
      if (pattern.test(text)) return text;
      await sleep(100);
    }
    throw new Error(`the terminal never showed ${String(pattern)}:\n${this.text}`);
  }

  #tmux(...words: readonly string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...words], {encoding: 'utf8'});
  }
}

test.each([
  ['C.UTF-8', /^ {2}hpo .*…/m],
  ['C', /^ {2}hpo .*~/m],
])('in a terminal of locale %s the view stays one block, follows its size, and Ctrl-C leaves a clean terminal', async (LANG, narrow) => {
  const long = changed(changed(tinyStudy, 'trials: 2', 'trials: 400'), 'epochs: 1', 'epochs: 50');
  const workspace = Workspace.forTest({'experiments.yaml': long});
  const terminal = new Terminal(workspace.root, {LANG, LC_ALL: '', NO_COLOR: '1', PS1: '$ '});
  terminal.type(`clear; ${process.execPath} ${repositoryRoot}/src/cli.ts hpo`);
  const running = await terminal.shows(/ of \d+ done .*\n {2}hpo \S+ {2}trial \d+.*epoch \d+ of 50/);
  expect(running.match(/elapsed/g)).toHaveLength(1);
  const told = await workspace.ftsbuild(['status']);
  expect(told.out).toMatch(/^running: ftsbuild hpo \(process \d+ .*\n\d+ of \d+ done .*\n {2}hpo \S+ {2}trial \d+/);
  terminal.resize(40, 12);
  const small = await terminal.shows(narrow);
  expect(small.match(/elapsed/g)).toHaveLength(1);
  terminal.resize(100, 12);
  expect((await terminal.shows(/^ {2}hpo tiny_3K_h3_up\d {2}trial/m)).match(/elapsed/g)).toHaveLength(1);
  terminal.interrupt();
  await terminal.shows(/Stopping: running jobs save what they have and end\./);
  const after = await terminal.shows(/exit status 130: interrupted.*\n\$/);
  expect(after).not.toContain('elapsed');
  expect(terminal.showsCursor).toBe(true);
});

test('a terminal that is closed stops the build as Ctrl-C does', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': changed(tinyStudy, 'trials: 2', 'trials: 400')});
  const terminal = new Terminal(workspace.root, {LANG: 'C.UTF-8', PS1: '$ '});
  terminal.type(`clear; ${process.execPath} ${repositoryRoot}/src/cli.ts hpo`);
  await terminal.shows(/trial \d+ of 400/);
  terminal.close();
  await vi.waitFor(() => expect(workspace.has('.ftsbuild/lock')).toBe(false), {timeout: 60_000});
  expect(workspace.log().at(-1)).toMatchObject({run_type: 'hpo', status: 'interrupted', reason: 'signal'});
  await vi.waitFor(() => expect(workspace.processes()).toEqual([]), {timeout: 10_000});
});
