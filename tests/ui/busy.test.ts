// What a command that finds the workspace held says about it.
import {expect, test} from 'vitest';
import {workspaceBusy} from '../../src/ui/busy.ts';

const holder = {pid: 1, host: 'here', start: 's', since: 0, command: 'all'};

test('only a command that has --wait is told of it', () => {
  expect(workspaceBusy(holder, 'waits_with_flag', holder)).toContain('--wait');
  expect(workspaceBusy(holder, 'looks_again', holder)).toMatch(/\(ftsbuild all\)\. Watching goes on when it has ended\.$/);
  expect(workspaceBusy(holder, 'none', holder)).not.toContain('--wait');
});

test('of a machine that cannot be asked the way to give its hold up is said', () => {
  expect(workspaceBusy(holder, 'none', {host: 'elsewhere'})).toContain(`\`ftsbuild unlock ${holder.host}\``);
  expect(workspaceBusy(holder, 'none', holder)).not.toContain('unlock');
});
