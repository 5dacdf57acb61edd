// What holds of a Python job however it is started.
import {mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test, vi} from 'vitest';
import {pythonExecutor} from '../../src/executors/python.ts';
import {machineProcesses} from '../../src/host/processes.ts';
import {repositoryRoot, testPython} from '../support/python-interpreter.ts';

const body = `import json, os, subprocess, time
children = [subprocess.Popen(["sh", "-c", line], start_new_session=True) for line in ("sleep 600", "setsid sleep 600 & wait")]
os.write(int(os.environ["FTSBUILD_PROGRESS_FD"]), (json.dumps({"event": "ready", "pids": [child.pid for child in children]}) + "\\n").encode())
time.sleep(0.2)
`;

test.runIf(process.platform === 'linux').each([
  ['cold', true],
  ['warm', false],
])('what has left the group of a job ends with it, and nobody else does: %s', async (_, cold) => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'ftsbuild-')));
  onTestFinished(() => rmSync(base, {recursive: true}));
  writeFileSync(join(base, 'job.py'), body);
  const interpreter = testPython();
  const python = pythonExecutor({interpreter, directory: base, packageRoot: join(repositoryRoot, 'python'), preload: [], cold});
  onTestFinished(() => python.close());
  const start = (name: string): {ended: Promise<unknown>; pids: Promise<readonly number[]>} => {
    let tell: (pids: readonly number[]) => void = () => undefined;
    const pids = new Promise<readonly number[]>((resolve) => {
      tell = resolve;
    });
    const running = python.start(
      {
        ...{interpreter, args: [], directory: base, logFile: join(base, `${name}.log`)},
        target: {kind: 'script', path: 'job.py'},
        environment: {FTSBUILD_JOB: join(base, `${name}.json`)},
      },
      (event) => tell(event['pids'] as readonly number[]),
    );
    return {ended: running.ended, pids};
  };
  const processes = machineProcesses();
  const startOf = (pid: number): string | undefined => processes.startOf(pid);
  const first = start('first');
  expect(await first.ended).toEqual({how: 'exited', status: 0});
  const second = start('second');
  const [gone, alive] = [await first.pids, await second.pids];
  await vi.waitFor(() => expect(gone.map(startOf)).toEqual([undefined, undefined]));
  expect(alive.map(startOf)).not.toContain(undefined);
  await second.ended;
  await vi.waitFor(() => expect(alive.map(startOf)).toEqual([undefined, undefined]));
});
