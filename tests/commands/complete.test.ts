// Completion: what the program offers for a line that is being written, and what real shells make of it.
import {spawnSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import {expect, test} from 'vitest';
import {complete} from '../../src/commands/complete.ts';
import {makeProgram} from '../../src/commands/main.ts';
import {completionScript, shells} from '../../src/ui/completion-scripts.ts';
import {changed, tinyStudy, Workspace} from '../support/command-line.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';
import {quietTerminal} from '../support/terminal.ts';

const study = `${tinyStudy}profiles: {smoke: {epochs: 1}, small: {epochs: 1}}\n`;

function tiny(text = study): Workspace {
  return Workspace.forTest({'experiments.yaml': text});
}

/** What is offered where the line ends; a line that ends in a space begins a new word. */
function offered(workspace: Workspace, line: string): readonly string[] {
  const {terminal, said, errors} = quietTerminal();
  const program = makeProgram(terminal, () => undefined);
  expect(complete(program, ['-C', workspace.root, ...line.split(' ')], terminal)).toBe(0);
  expect(errors).toEqual([]);
  return said.map((text) => text.split('\t')[0] ?? '');
}

test.each([
  ['stat', ['status']],
  ['al', ['all']],
  ['ti', ['tiny', 'tiny_3K_h3_up1', 'tiny_3K_h3_up2', 'tiny_3K_h3_up3']],
  ['outputs/', ['outputs/hpo/', 'outputs/training/']],
  ['outputs/hpo/tiny_3K_h3_up1/b', ['outputs/hpo/tiny_3K_h3_up1/best_params.json']],
  ['why outputs/t', ['outputs/training/']],
  ['why stat', []],
  ['--dry', ['--dry-run']],
  ['graph --ex', ['--except', '--expand']],
  ['graph --format s', ['svg']],
  ['graph --format=d', ['--format=dot']],
  ['--profile sm', ['smoke', 'small']],
  ['all --only ', ['budget=', 'task=', 'phase=', 'horizon=', 'tier=', 'data=', 'timescale=']],
  ['all --only task=up', ['task=up1', 'task=up2', 'task=up3']],
  ['all --except task=up1,', ['task=up1,up2', 'task=up1,up3']],
  ['completion ', ['bash', 'zsh', 'fish']],
  ['gc ', []],
  ['-- --dry', []],
  ['--jobs ', []],
])('after `ftsbuild %s` it offers %j', (line, expected) => {
  expect([...offered(tiny(), line)].sort()).toEqual([...expected].sort());
});

test('with nothing written it offers verbs, groups, phases, experiments and the first folders, and no hidden verb', () => {
  const all = offered(tiny(), '');
  expect(all).toEqual(expect.arrayContaining(['why', 'init', 'all', 'training', 'tiny', 'tiny_3K_h3_up2', 'outputs/', 'experiments/']));
  expect(all).not.toContain('__complete');
});

test('a broken study still offers its phases, and no study at all the verbs', () => {
  expect(offered(tiny(changed(study, 'seeds: [42]', 'seeds: [42')), 'ti')).toEqual(['tiny']);
  expect(offered(Workspace.forTest(), 'sta')).toEqual(['status']);
});

test('what was offered is remembered where a study has been built, until its file changes', () => {
  const workspace = tiny();
  offered(workspace, 'tin');
  expect(Object.keys(workspace.listing())).toEqual(['experiments.yaml']);
  mkdirSync(`${workspace.root}/.ftsbuild`);
  // A file that changed a moment ago is not trusted.
  spawnSync('touch', ['-d', '1 hour ago', `${workspace.root}/experiments.yaml`]);
  expect(offered(workspace, 'tiny')).toHaveLength(4);
  workspace.edit('  up3: {kind', '  up5: {kind: threshold, pct: 5}\n  up3: {kind');
  workspace.edit('task: [up1, up2, up3]', 'task: [up1, up2, up3, up5]');
  expect(offered(workspace, 'tiny')).toHaveLength(5);
});

/** A folder with the program under its name, for shells to find. */
function withProgram(workspace: Workspace): Readonly<Record<string, string>> {
  workspace.write('bin/ftsbuild', `#!/bin/sh\nexec "${process.execPath}" "${repositoryRoot}/src/cli.ts" "$@"\n`);
  spawnSync('chmod', ['+x', `${workspace.root}/bin/ftsbuild`]);
  return {PATH: `${workspace.root}/bin:${process.env['PATH'] ?? ''}`};
}

function ask(shell: string, workspace: Workspace, script: string): {readonly out: readonly string[]; readonly err: string} {
  const environment = {...process.env, ...withProgram(workspace), HOME: workspace.root};
  const ran = spawnSync(shell, ['-c', script], {cwd: workspace.root, env: environment, encoding: 'utf8'});
  return {out: ran.stdout.split('\n').filter((line) => line !== ''), err: ran.stderr};
}

test.each([
  ['ftsbuild stat', ['status']],
  ['ftsbuild outputs/', ['outputs/hpo/', 'outputs/training/']],
  ['ftsbuild all --only task=up', ['up1', 'up2', 'up3']],
  ['ftsbuild graph --format ', ['mermaid', 'dot', 'json', 'svg']],
  ['ftsbuild nothing_like_it', []],
])('bash completes `%s`', (line, expected) => {
  const quoted = line.replaceAll("'", '');
  const script = `eval "$(ftsbuild completion bash)"
complete -p ftsbuild > /dev/null || echo unregistered
COMP_LINE='${quoted}' COMP_POINT=${String(line.length)} COMP_WORDS=(${quoted}) COMP_CWORD=1
_ftsbuild
printf '%s\\n' "\${COMPREPLY[@]}"`;
  expect(ask('bash', tiny(), script)).toEqual({out: expected, err: ''});
});

const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

test.each(shells)('the script for %s is right syntax, where that shell is there', (shell) => {
  if (!isThere(shell)) return;
  const workspace = tiny();
  workspace.write('script', completionScript(shell));
  expect(ask(shell, workspace, `${shell} -n script`)).toEqual({out: [], err: ''});
});

test.runIf(isThere('fish'))('fish completes verbs and paths', () => {
  const script = 'ftsbuild completion fish | source; complete -C "ftsbuild stat"; complete -C "ftsbuild outputs/"';
  expect(ask('fish', tiny(), script).out.map((line) => line.split('\t')[0])).toEqual(['status', 'outputs/hpo/', 'outputs/training/']);
});
