// A process that holds a workspace and hears requests, as a build does; it says what it heard, and ends after a resume or a stop.
import {hearRequests} from '../../src/commands/hear-requests.ts';
import {systemClock} from '../../src/host/clock.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {workspaceDisk} from '../../src/host/real-disk.ts';
import {acquire, lockPath} from '../../src/state/lock.ts';

const disk = workspaceDisk(process.argv[2] ?? '.');
const processes = machineProcesses();
const acquired = acquire({disk, clock: systemClock, processes, path: lockPath, command: 'all'});
const alive = setInterval(() => undefined, 1000);
const say = (word: string) => (): void => {
  process.stdout.write(`${word}\n`);
  if (word === 'pause') return;
  clearInterval(alive);
  deafen();
};
const deafen = hearRequests(disk, processes, {pause: say('pause'), resume: say('resume'), stop: say('stop')});
process.stdout.write('held' in acquired ? 'ready\n' : 'busy\n');
