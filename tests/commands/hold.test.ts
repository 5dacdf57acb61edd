// Taking the workspace where somebody else holds it.
import {expect, test} from 'vitest';
import {holdWorkspace} from '../../src/commands/hold.ts';
import {systemClock} from '../../src/host/clock.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {acquire, lockPath, type LockSite} from '../../src/state/lock.ts';
import {Workspace} from '../support/command-line.ts';

function site(workspace: Workspace, command: string): LockSite {
  return {disk: workspaceDisk(workspace.root), clock: systemClock, processes: machineProcesses(), path: lockPath, command};
}

test.each(['watch', '--profile smoke watch --all'])('a moment of `%s` is waited for', async (command) => {
  const workspace = Workspace.forTest();
  const other = acquire(site(workspace, command));
  setTimeout(() => 'held' in other && other.held.release(), 400);
  expect(await holdWorkspace(site(workspace, 'all'), 0)).toHaveProperty('held');
});

test('another build is not waited for unless told to', async () => {
  const workspace = Workspace.forTest();
  const other = acquire(site(workspace, 'all'));
  setTimeout(() => 'held' in other && other.held.release(), 400);
  expect(await holdWorkspace(site(workspace, 'all'), 0)).toHaveProperty('by');
});
