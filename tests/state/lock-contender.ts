// A process that tries to take every lock under a folder, says which it won, and lives until its input ends.
import {readdirSync} from 'node:fs';
import {systemClock} from '../../src/host/clock.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {acquire} from '../../src/state/lock.ts';

const folder = process.argv[2] ?? '.';
const disk = workspaceDisk(folder);
const site = {disk, clock: systemClock, processes: machineProcesses(), command: 'contender'};
const locks = readdirSync(folder).filter((name) => name.endsWith('lock'));
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  const won = locks.filter((path) => 'held' in acquire({...site, path}));
  process.stdout.write(`${JSON.stringify(won)}\n`);
});
