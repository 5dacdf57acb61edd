// The commit that results name: read anew each time, and dirty only by files that git knows.
import {execFileSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {readGitState} from '../../src/build/git.ts';
import {Workspace} from '../support/command-line.ts';

test('no repository is no commit', async () => {
  expect(await readGitState(Workspace.forTest().root)).toEqual({commit: null, dirty: null});
});

test('a file that git does not know makes no workspace dirty, a changed one does', async () => {
  const workspace = Workspace.forTest({'code.py': 'x = 1\n'});
  const git = (...words: string[]): void => {
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], {cwd: workspace.root});
  };
  git('init', '--quiet');
  git('add', 'code.py');
  git('commit', '--quiet', '--message', 'first');
  workspace.write('output.json', '{}');
  const clean = await readGitState(workspace.root);
  expect(clean).toMatchObject({commit: expect.stringMatching(/^[\da-f]{40}$/) as string, dirty: false});
  workspace.write('code.py', 'x = 2\n');
  expect(await readGitState(workspace.root)).toEqual({...clean, dirty: true});
});
