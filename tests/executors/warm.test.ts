// The warm executor keeps the contract of the plain one, gives the same bytes, and gives way when it breaks.
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, describe, expect, test} from 'vitest';
import type {JsonObject} from '../../src/base/json.ts';
import type {Command, Executor} from '../../src/executors/executor.ts';
import {localExecutor} from '../../src/executors/local.ts';
import {pythonExecutor} from '../../src/executors/python.ts';
import {warmExecutor} from '../../src/executors/warm.ts';
import {packageRoot, testPython} from '../support/python-interpreter.ts';
import {executorContract} from './executor-contract.ts';

const base = mkdtempSync(join(tmpdir(), 'ftsbuild-warm-'));
const options = {interpreter: testPython(), directory: base, packageRoot, preload: ['json', 'no_such_module']};
const heavy = ['torch', 'torch._dynamo', 'optuna', 'pandas', 'numpy', 'pyarrow.parquet'];
afterAll(() => rmSync(base, {recursive: true}));

const isLinux = process.platform === 'linux';
if (isLinux) executorContract('warm executor', () => warmExecutor(options));

function script(name: string, body: string, environment: Record<string, string> = {}): Command {
  writeFileSync(join(base, name), `import os, sys, time\nprogress = int(os.environ["FTSBUILD_PROGRESS_FD"])\n${body}`);
  const target = {kind: 'script', path: name} as const;
  return {interpreter: testPython(), target, args: [], directory: base, environment, logFile: join(base, `${name}.log`)};
}

async function run(executor: Executor, command: Command): Promise<{ending: unknown; events: JsonObject[]}> {
  const events: JsonObject[] = [];
  const ending = await executor.start(command, (event) => events.push(event)).ended;
  return {ending, events};
}

const parent = 'os.write(progress, b\'{"parent": %d}\' % os.getppid())';

describe.runIf(isLinux)('warm', () => {
  test('a seeded computation gives the same bytes both ways', {timeout: 120_000}, async () => {
    const body = `import numpy, torch
torch.manual_seed(7)
torch.set_num_threads(1)
model = torch.nn.Sequential(torch.nn.Linear(20, 64), torch.nn.GELU(), torch.nn.Linear(64, 1))
optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
data = torch.from_numpy(numpy.random.default_rng(3).normal(size=(256, 20)).astype("float32"))
for step in range(20):
    loss = (model(data) - data.sum(1, keepdim=True)).square().mean() + torch.dropout(data, 0.2, True).mean()
    optimiser.zero_grad(); loss.backward(); optimiser.step()
with open(sys.argv[1], "wb") as file:
    for parameter in model.parameters(): file.write(parameter.detach().numpy().tobytes())
    file.write(torch.rand(10).numpy().tobytes() + str(torch.initial_seed()).encode())`;
    const command = script('seeded.py', body);
    const warm = warmExecutor({...options, preload: heavy});
    const endings = await Promise.all([
      run(localExecutor(), {...command, args: ['plain']}),
      run(warm, {...command, args: ['warm1']}),
      run(warm, {...command, args: ['warm2']}),
    ]);
    await warm.close();
    expect(endings.map(({ending}) => ending)).toEqual(Array(3).fill({how: 'exited', status: 0}));
    const bytes = ['plain', 'warm1', 'warm2'].map((name) => readFileSync(join(base, name)).toString('base64'));
    expect(new Set(bytes).size).toBe(1);
    expect(bytes[0]?.length).toBeGreaterThan(5000);
  });

  test('jobs share one parent, which ends with the executor', async () => {
    const warm = warmExecutor(options);
    const command = script('parent.py', parent);
    const parents = (await Promise.all([run(warm, command), run(warm, command)])).map(({events}) => Number(events[0]?.['parent']));
    expect(new Set(parents).size).toBe(1);
    expect(parents[0]).not.toBe(process.pid);
    await warm.close();
    expect(() => process.kill(parents[0] ?? 0, 0)).toThrow('ESRCH');
  });

  test('syntax is checked without a job, and says where', async () => {
    const warm = warmExecutor({...options, preload: heavy});
    const found = await warm.checkSyntax([
      {path: 'good.py', source: 'x = "grüße"\n'},
      {path: 'bad.py', source: 'x = 1\ndef f(:\n'},
      {path: 'null.py', source: 'x\0'},
    ]);
    expect(found.ok ? found.value : found.error).toEqual([
      {path: 'bad.py', line: 2, column: 7, message: 'invalid syntax'},
      {path: 'null.py', line: undefined, column: undefined, message: 'source code string cannot contain null bytes'},
    ]);
    await warm.close();
  });

  test('a job that is stopped while packages are imported never runs', async () => {
    const warm = warmExecutor({...options, preload: ['pandas']});
    await warm.checkSyntax([]);
    const command = script('never.py', 'open("ran", "w").close()');
    const running = warm.start(command, () => undefined);
    // Long enough for the process to be importing, far too short for it to be through.
    setTimeout(() => running.stop(10_000), 50);
    expect(await running.ended).toEqual({how: 'signalled', signal: 'SIGTERM'});
    expect((await run(warm, script('after.py', 'sys.exit(os.path.exists("ran"))'))).ending).toEqual({how: 'exited', status: 0});
    await warm.close();
  });

  test('when its parent dies, a job starts again plainly, once nothing is left of it, and so does the next one', async () => {
    const executor = pythonExecutor({...options, cold: false});
    const parents: unknown[] = [];
    const once = `time.sleep(60 * (os.getppid() != ${String(process.pid)}))`;
    const job = executor.start(script('orphan.py', `${parent}; os.write(progress, b"\\n"); ${once}`), (event) => {
      parents.push(event['parent']);
      if (parents.length === 1) process.kill(Number(event['parent']), 'SIGKILL');
    });
    expect(await job.ended).toEqual({how: 'exited', status: 0});
    expect(parents).toEqual([expect.any(Number), process.pid]);
    const next = await run(executor, script('next.py', parent));
    expect(next).toEqual({ending: {how: 'exited', status: 0}, events: [{parent: process.pid}]});
    await executor.close();
  });

  test('where the warm process cannot start, jobs start plainly', async () => {
    mkdirSync(join(base, 'empty', 'fts'), {recursive: true});
    writeFileSync(join(base, 'empty', 'fts', '__init__.py'), '');
    const executor = pythonExecutor({...options, packageRoot: join(base, 'empty'), cold: false});
    const {ending, events} = await run(executor, script('plain.py', parent));
    expect({ending, events}).toEqual({ending: {how: 'exited', status: 0}, events: [{parent: process.pid}]});
    expect(await executor.checkSyntax([])).toMatchObject({ok: false, error: expect.stringContaining('No module named') as string});
    await executor.close();
  });
});

test('a cold executor, and a command that needs another start, start plainly', async () => {
  const cold = pythonExecutor({...options, cold: true});
  expect((await run(cold, script('cold.py', parent))).events).toEqual([{parent: process.pid}]);
  await cold.close();
  const warm = pythonExecutor({...options, cold: false});
  expect((await run(warm, script('hash.py', parent, {PYTHONHASHSEED: '7'}))).events).toEqual([{parent: process.pid}]);
  await warm.close();
});
