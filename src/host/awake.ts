// Keeps the machine from going to sleep while jobs run, where the system has a program for that. Knows nothing of jobs.
import {startLineProcess, type LineProcess} from './line-process.ts';
import {runToEnd} from './run.ts';

type Words = readonly [string, ...string[]];

export interface Awake {
  close(): Promise<void>;
}

/** How sleep is held off here, or why it is not. */
export type AwakeProbe = {readonly by: string} | {readonly why: string};

const nothingHeld: Awake = {close: () => Promise.resolve()};

/** Failure is silent: the machine may sleep then, and nothing else is different. */
export function keepAwake(platform: NodeJS.Platform = process.platform): Awake {
  const argv = inhibitor(platform, 'hold');
  if (argv === undefined) return nothingHeld;
  const held: LineProcess = startLineProcess(
    {argv, directory: process.cwd(), environment: process.env},
    {onLine: () => undefined, onEnd: () => undefined},
  );
  // caffeinate reads no input: nothing to wait for.
  return {close: () => held.close(platform === 'darwin' ? 0 : graceMs)};
}

/** Tries it for a moment. */
export async function probeAwake(platform: NodeJS.Platform = process.platform): Promise<AwakeProbe> {
  const argv = inhibitor(platform, 'try');
  if (argv === undefined) return {why: 'no program is known for this system'};
  const [program] = argv;
  const ran = await runToEnd(argv, {timeoutMs: 5000});
  switch (ran.how) {
    case 'exited':
      return ran.status === 0 ? {by: program} : {why: `${program}: ${ran.stderr.split('\n')[0] ?? `status ${String(ran.status)}`}`};
    case 'signalled':
      return {why: `${program} was ended by ${ran.signal}`};
    case 'timed_out':
    case 'too_much':
    case 'stopped':
      return {why: `${program} does not answer`};
    case 'not_started':
      return {why: ran.message};
  }
}

const graceMs = 1000;

// `cat` lives as long as its input is open, caffeinate as long as this process: until we close it, or are no more, however we end.
function inhibitor(platform: NodeJS.Platform, to: 'hold' | 'try'): Words | undefined {
  if (platform === 'darwin') return ['caffeinate', '-i', ...(to === 'hold' ? ['-w', String(process.pid)] : ['true'])];
  if (platform !== 'linux') return undefined;
  return ['systemd-inhibit', '--what=idle:sleep', '--who=ftsbuild', '--why=a build runs', '--mode=block', to === 'hold' ? 'cat' : 'true'];
}
