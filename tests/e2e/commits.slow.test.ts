// A build of days, whose code is committed meanwhile: each job names the commit that it began at.
import {execFileSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {Workspace, tinyStudy} from '../support/command-line.ts';

test('a job names the commit that it began at, also when another one came during the build', async () => {
  const study = Workspace.forTest({'experiments.yaml': tinyStudy});
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words], {cwd: study.root, encoding: 'utf8'}).trim();
  git('init', '--quiet');
  git('commit', '--quiet', '--allow-empty', '--message', 'first');
  const first = git('rev-parse', 'HEAD');
  let isCommitted = false;
  const built = await study.ftsbuild(['-j', '1', 'hpo'], {
    onOutput: (out) => {
      if (isCommitted || !out.includes('hpo tiny')) return;
      isCommitted = true;
      git('commit', '--quiet', '--allow-empty', '--message', 'second');
    },
  });
  expect([built.status, built.err]).toEqual([0, '']);
  expect(study.log().map((row) => row.git_commit)).toEqual([first, git('rev-parse', 'HEAD')]);
});
