// What a command that finds the workspace held says about it.
import {expect, test} from 'vitest';
import {workspaceBusy} from '../../src/ui/busy.ts';

test('only a command that has --wait is told of it', () => {
  const holder = {pid: 1, host: 'here', start: 's', since: 0, command: 'all'};
  expect(workspaceBusy(holder, 'waits_with_flag')).toContain('--wait');
  expect(workspaceBusy(holder, 'looks_again')).toMatch(/\(ftsbuild all\)\. Watching goes on when it has ended\.$/);
  expect(workspaceBusy(holder, 'none')).not.toContain('--wait');
});
