// What is free on a machine: as its kernel and its control groups say.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {machineResources} from '../../src/host/resources.ts';

function system(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'ftsbuild-'));
  onTestFinished(() => rmSync(root, {recursive: true}));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), {recursive: true});
    writeFileSync(join(root, path), text);
  }
  return root;
}

const memory = {
  'proc/meminfo': 'MemTotal:       9000 kB\nMemFree:  100 kB\nMemAvailable:    5000 kB\n',
  'proc/self/cgroup': '0::/jobs/one\n',
};
const group = {
  'sys/fs/cgroup/jobs/one/memory.current': '1000000\n',
  'sys/fs/cgroup/jobs/one/memory.stat': 'anon 5\ninactive_file 400000\n',
};

test.runIf(process.platform === 'linux')(
  'free memory is what the kernel calls available, or less where a control group has a limit',
  () => {
    expect(machineResources(system(memory)).freeMemory()).toBe(5000 * 1024);
    expect(machineResources(system({...memory, ...group, 'sys/fs/cgroup/jobs/one/memory.max': '2000000\n'})).freeMemory()).toBe(1_400_000);
    expect(machineResources(system({...memory, ...group, 'sys/fs/cgroup/jobs/one/memory.max': 'max\n'})).freeMemory()).toBe(5000 * 1024);
  },
);

test('an NVIDIA device is there where its driver has put it', () => {
  expect(machineResources(system({})).hasDevice('cuda')).toBe(false);
  expect(machineResources(system({'dev/nvidia0': ''})).hasDevice('cuda')).toBe(true);
});

test('room on a disk is known for folders that are not there yet', () => {
  const root = system({'a/b': ''});
  expect(machineResources().freeDisk(join(root, 'a/c/d'))).toBeGreaterThan(0);
});
