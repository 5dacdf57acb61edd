// This machine, as sensors may touch it. Files are read without blocking: a driver may take its time.
import {open, readdir, stat} from 'node:fs/promises';
import {sorted} from '../../base/order.ts';
import {startLineProcess} from '../line-process.ts';
import {runToEnd, type Ran} from '../run.ts';
import type {SensorSite} from './sensor.ts';

/** No sensor has more to say; what goes on beyond is none. */
export const answerBytes = 4096;

/** Programs run in the folder. */
export function machineSite(directory: string): SensorSite {
  return {
    platform: process.platform,
    readText: (path) => unlessFailed(() => readPlain(path), undefined),
    list: (path) => unlessFailed(async () => sorted(await readdir(path)), []),
    run: async (argv, timeoutMs) => outputOf(await runToEnd(argv, {directory, timeoutMs, maxBytes: answerBytes}), argv[0]),
    follow: (argv, listener) => startLineProcess({argv, directory, environment: process.env}, listener),
    information: async () => {
      const {default: information} = await import('systeminformation');
      return (await information.cpuTemperature()).main;
    },
    now: () => performance.now(),
  };
}

// Reading a pipe would wait for its writer, perhaps for ever.
async function readPlain(path: string): Promise<string | undefined> {
  if (!(await stat(path)).isFile()) return undefined;
  const file = await open(path);
  try {
    const {bytesRead, buffer} = await file.read(Buffer.alloc(answerBytes), 0, answerBytes, 0);
    return buffer.toString('utf8', 0, bytesRead).trim();
  } finally {
    await file.close();
  }
}

// A sensor fails in ways of its own (EIO, ENODATA, EAGAIN, a path that is none): each is no reading.
async function unlessFailed<T>(work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch {
    return otherwise;
  }
}

function outputOf(ran: Ran, program: string): {readonly text: string} | {readonly why: string} {
  switch (ran.how) {
    case 'exited':
      return ran.status === 0 ? {text: ran.stdout} : {why: `${program} ended with status ${String(ran.status)}`};
    case 'signalled':
      return {why: `${program} was ended by ${ran.signal}`};
    case 'timed_out':
      return {why: `${program} did not end within ${String(ran.afterMs / 1000)} s`};
    case 'stopped':
      return {why: `${program} was stopped`};
    case 'too_much':
      return {why: `${program} said more than ${String(ran.maxBytes)} bytes`};
    case 'not_started':
      return {why: ran.message};
  }
}
