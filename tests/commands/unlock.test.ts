// `ftsbuild unlock`: a hold is given up by the name of its machine only, and never that of a living process.
import {expect, test} from 'vitest';
import {unlock} from '../../src/commands/unlock.ts';
import {systemClock} from '../../src/host/clock.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {acquire, lockPath} from '../../src/state/lock.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {quietTerminal} from '../support/terminal.ts';

test('unlock takes the name of the machine, and says what it did', () => {
  const workspace = Workspace.forTest({'experiments.yaml': tinyStudy});
  const run = (host: string): {status: number; text: string} => {
    const {terminal, said, errors} = quietTerminal();
    const status = unlock({directory: workspace.root, host}, terminal);
    return {status, text: [...said, ...errors].join('\n')};
  };
  expect(run('node-7')).toEqual({status: 0, text: 'nobody holds this workspace'});
  const disk = workspaceDisk(workspace.root);
  const here = machineProcesses();
  const hold = (host: string, boot: string | undefined): void => {
    const processes = {host, boot, ownPid: here.ownPid, startOf: (pid: number) => here.startOf(pid)};
    acquire({disk, clock: systemClock, processes, path: lockPath, command: 'all'});
  };
  hold('node-7', 'another boot');
  expect(run('node-8')).toEqual({status: 3, text: expect.stringContaining('`ftsbuild unlock node-7`')});
  expect(workspace.has(lockPath)).toBe(true);
  expect(run('node-7')).toMatchObject({status: 0, text: expect.stringContaining('on node-7 (ftsbuild all) holds it no more')});
  expect(workspace.has(lockPath)).toBe(false);
  hold(here.host, here.boot);
  expect(run(here.host)).toEqual({status: 3, text: expect.stringContaining('`ftsbuild stop`')});
  expect(workspace.has(lockPath)).toBe(true);
});
