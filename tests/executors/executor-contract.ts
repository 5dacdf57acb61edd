// What every executor of Python commands must do, whichever way it starts them. Knows nothing of how it does.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import type {JsonObject} from '../../src/base/json.ts';
import type {Command, Ending, Executor, Running} from '../../src/executors/executor.ts';
import {testPython} from '../support/python-interpreter.ts';

/** The first lines of every script: `report(...)` writes a progress event. */
const prologue = `import json, os, signal, subprocess, sys, time
progress = int(os.environ["FTSBUILD_PROGRESS_FD"])
def report(**event): os.write(progress, (json.dumps(event) + "\\n").encode())
`;

interface Job extends Running {
  readonly events: readonly JsonObject[];
  readonly log: () => string;
  /** Resolves when the first event with this name has come. */
  readonly saw: (name: string) => Promise<JsonObject>;
}

export function executorContract(name: string, makeExecutor: () => Executor): void {
  describe(name, () => {
    let base = '';
    let executor: Executor;
    let count = 0;

    beforeAll(() => {
      base = realpathSync(mkdtempSync(join(tmpdir(), 'ftsbuild-executor-')));
      executor = makeExecutor();
    });
    afterAll(async () => {
      await executor.close();
      rmSync(base, {recursive: true});
    });

    const start = (extra: Partial<Command>): Job => {
      const logFile = join(base, 'logs', `${(count += 1)}`, 'job.log');
      const target = {kind: 'script', path: 'absent.py'} as const;
      return observe({interpreter: testPython(), target, args: [], directory: base, environment: {}, logFile, ...extra}, executor);
    };
    const script = (body: string, path = `job${(count += 1)}.py`): {kind: 'script'; path: string} => {
      writeFileSync(join(base, path), prologue + body);
      return {kind: 'script', path};
    };
    const run = (body: string, extra: Partial<Command> = {}): Job => start({target: script(body), ...extra});
    const endOf = (body: string): Promise<Ending> => run(body).ended;

    test('an exit status is what the interpreter makes of the end', async () => {
      expect(await endOf('')).toEqual({how: 'exited', status: 0});
      expect(await endOf('sys.exit(3)')).toEqual({how: 'exited', status: 3});
      expect(await endOf('sys.exit()')).toEqual({how: 'exited', status: 0});
      expect(await endOf('sys.exit(True)')).toEqual({how: 'exited', status: 1});
      expect(await endOf('raise SystemExit(257)')).toEqual({how: 'exited', status: 1});
      expect(await endOf('os._exit(7)')).toEqual({how: 'exited', status: 7});
    });

    test('an exit with a text prints it and is status 1', async () => {
      const job = run('sys.exit("no such budget")');
      expect(await job.ended).toEqual({how: 'exited', status: 1});
      expect(job.log()).toBe('no such budget\n');
    });

    test('an uncaught exception is status 1 with its traceback, which begins in the script', async () => {
      const target = script('def f(): raise ValueError("grüße")\nf()', 'raises.py');
      const job = start({target});
      expect(await job.ended).toEqual({how: 'exited', status: 1});
      const lines = job.log().trimEnd().split('\n');
      expect(lines[0]).toBe('Traceback (most recent call last):');
      expect(lines[1]).toBe(`  File "${base}/raises.py", line 5, in <module>`);
      expect(lines.at(-1)).toBe('ValueError: grüße');
    });

    test('a script that is no Python is status 1 with its error', async () => {
      const job = run('def f(:');
      expect(await job.ended).toEqual({how: 'exited', status: 1});
      expect(job.log()).toMatch(/^ {2}File ".*", line 4\n[^]*SyntaxError: /u);
    });

    test('a process that is killed has ended by that signal', async () => {
      expect(await endOf('os.kill(os.getpid(), signal.SIGKILL)')).toEqual({how: 'signalled', signal: 'SIGKILL'});
      expect(await endOf('os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)')).toEqual({how: 'signalled', signal: 'SIGTERM'});
      expect(await endOf('os.kill(os.getpid(), signal.SIGINT); time.sleep(60)')).toEqual({how: 'signalled', signal: 'SIGINT'});
    });

    test('both outputs go to the log in their order, after what it held before', async () => {
      const logFile = join(base, 'kept.log');
      writeFileSync(logFile, 'before\n');
      const body = 'print("one"); print("two", file=sys.stderr); print("three")\nsubprocess.run(["echo", "four"]); os.write(1, b"five\\n")';
      await run(body, {logFile}).ended;
      expect(readFileSync(logFile, 'utf8')).toBe('before\none\ntwo\nthree\nfour\nfive\n');
    });

    test('a line is in the log as soon as it is printed', async () => {
      const job = run('print("here"); report(event="printed"); time.sleep(60)');
      await job.saw('printed');
      expect(job.log()).toBe('here\n');
      job.stop(0);
      await job.ended;
    });

    test('progress comes in order, whole, and all of it before the end', async () => {
      const body = `for i in range(2000): report(event="step", i=i, text="é" * (i % 50))
os.write(progress, b'no json\\n[1]\\n"text"\\n{"torn": \\n')
os.write(progress, b'{"event": "ha'); time.sleep(0.05); os.write(progress, b'lf"}\\n')
os.write(progress, b'{"event": "last"}')`;
      const job = run(body);
      await job.ended;
      expect(job.events.map((event) => event['i'] ?? event['event'])).toEqual([...Array(2000).keys(), 'half', 'last']);
      expect(job.events[49]?.['text']).toBe('é'.repeat(49));
    });

    test('ten megabytes of output arrive', async () => {
      const job = run('for i in range(100): print("x" * 99_999)\nsys.stderr.write("ünd schluß\\n")');
      await job.ended;
      expect(job.log().length).toBe(10_000_000 + 'ünd schluß\n'.length);
      expect(job.log().endsWith('x\nünd schluß\n')).toBe(true);
    });

    test('arguments pass as they are', async () => {
      const args = ['', ' ', 'a b', '$HOME `id` "q"', "it's", '*', '--flag=ü', '\n', '-c', '\\'];
      const job = run('report(event="argv", argv=sys.argv[1:])', {args});
      await job.ended;
      expect(job.events).toEqual([{event: 'argv', argv: args}]);
    });

    test('a script sees its own name, file, directory and first import path', async () => {
      mkdirSync(join(base, 'sub'), {recursive: true});
      writeFileSync(join(base, 'sub', 'beside.py'), 'value = 5\n');
      const body = `import beside
report(event="seen", name=__name__, file=__file__, cwd=os.getcwd(), path=sys.path[0], value=beside.value, argv=sys.argv,
       main=sys.modules["__main__"].__dict__ is globals(), package=__package__, spec=__spec__ is None, stdin=sys.stdin.read())`;
      const job = start({target: script(body, 'sub/seen.py')});
      expect(await job.ended).toEqual({how: 'exited', status: 0});
      expect(job.events[0]).toEqual({
        event: 'seen', name: '__main__', file: `${base}/sub/seen.py`, cwd: base, path: `${base}/sub`, value: 5, argv: ['sub/seen.py'],
        main: true, package: null, spec: true, stdin: '',
      }); // prettier-ignore
    });

    test('a module runs as with -m, from the PYTHONPATH of its command', async () => {
      mkdirSync(join(base, 'lib', 'tool'), {recursive: true});
      writeFileSync(join(base, 'lib', 'tool', '__init__.py'), '');
      const body = `${prologue}from . import other\nreport(event="seen", name=__name__, argv=sys.argv, package=__package__, path=sys.path[0], other=other.x)\nsys.exit(4)`;
      writeFileSync(join(base, 'lib', 'tool', '__main__.py'), body);
      writeFileSync(join(base, 'lib', 'tool', 'other.py'), 'x = 1');
      const job = start({target: {kind: 'module', name: 'tool'}, args: ['a', 'b'], environment: {PYTHONPATH: join(base, 'lib')}});
      expect(await job.ended).toEqual({how: 'exited', status: 4});
      const argv = [join(base, 'lib/tool/__main__.py'), 'a', 'b'];
      expect(job.events[0]).toEqual({event: 'seen', name: '__main__', argv, package: 'tool', path: base, other: 1});
    });

    test('a module that is not there is status 1 and says so', async () => {
      const job = start({target: {kind: 'module', name: 'no_such_module'}});
      expect(await job.ended).toEqual({how: 'exited', status: 1});
      expect(job.log()).toContain('No module named no_such_module');
    });

    test('the import path holds the same places in the same order', async () => {
      const job = run('report(event="path", path=sys.path)', {environment: {PYTHONPATH: `${base}/p1:${base}/p2`}});
      await job.ended;
      const code = 'import sys, json; print(json.dumps(sys.path[1:]))';
      const plain = execFileSync(testPython(), ['-c', code], {env: {...process.env, PYTHONPATH: ''}, encoding: 'utf8'});
      expect(job.events[0]?.['path']).toEqual([base, `${base}/p1`, `${base}/p2`, ...(JSON.parse(plain) as string[])]);
    });

    test('the environment of the command is added to our own', async () => {
      const job = run('report(event="env", path=os.environ["PATH"], added=os.environ["ADDED"])', {environment: {ADDED: 'a=b\n"c"'}});
      await job.ended;
      expect(job.events[0]).toEqual({event: 'env', path: process.env['PATH'], added: 'a=b\n"c"'});
    });

    test('exit handlers, threads and buffers are finished before the end', async () => {
      const body = `import atexit, threading, concurrent.futures
atexit.register(lambda: report(event="exit handler"))
threading.Thread(target=lambda: (time.sleep(0.1), report(event="thread"))).start()
concurrent.futures.ThreadPoolExecutor(1).submit(lambda: report(event="pool"))
open("buffered", "w").write("left in a buffer")
keep = open("kept-open", "w"); keep.write("flushed at the end")
sys.stdout.write("no newline")
sys.exit(5)`;
      const job = run(body);
      expect(await job.ended).toEqual({how: 'exited', status: 5});
      expect(job.events.map((event) => event['event']).sort()).toEqual(['exit handler', 'pool', 'thread']);
      expect(job.events.at(-1)).toEqual({event: 'exit handler'});
      expect(job.log()).toBe('no newline');
      expect(readFileSync(join(base, 'kept-open'), 'utf8')).toBe('flushed at the end');
    });

    test('a class of the script can be pickled, and a pool of processes works', async () => {
      const body = `import multiprocessing, pickle
class Point:
    def __init__(self, x): self.x = x
def double(point): return Point(point.x * 2)
if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        report(event="sum", sum=sum(p.x for p in pool.map(double, [Point(i) for i in range(10)])))
    assert pickle.loads(pickle.dumps(Point(3))).x == 3`;
      const job = run(body);
      expect(await job.ended).toEqual({how: 'exited', status: 0});
      expect(job.events).toEqual([{event: 'sum', sum: 90}]);
    });

    test('the leader leads a group of its own', async () => {
      const job = run('report(event="ids", pid=os.getpid(), group=os.getpgrp())');
      await job.ended;
      expect(job.events[0]).toEqual({event: 'ids', pid: job.pid, group: job.pid});
    });

    test('whatever a process leaves running is ended with it', async () => {
      const body =
        'children = [subprocess.Popen(["sh", "-c", "sleep 600 & wait"]) for _ in range(2)]\ntime.sleep(0.2)\nreport(event="pids", pids=[c.pid for c in children])';
      const job = run(body);
      await job.ended;
      await expectGone(job.events[0]?.['pids']);
      expect(descendantsIn(job.pid)).toEqual([]);
    });

    test('a process that handles SIGTERM ends in its own way', async () => {
      const body = `def save(*_): report(event="saved"); sys.exit(75)
signal.signal(signal.SIGTERM, save)
report(event="ready")
time.sleep(60)`;
      const job = run(body);
      await job.saw('ready');
      job.stop(30_000);
      expect(await job.ended).toEqual({how: 'exited', status: 75});
      expect(job.events.at(-1)).toEqual({event: 'saved'});
    });

    test('a process that ignores SIGTERM is killed after the grace period, with its group', async () => {
      const body = `signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen(["sleep", "600"])
report(event="ready", pids=[child.pid])
time.sleep(60)`;
      const job = run(body);
      const {pids} = await job.saw('ready');
      job.stop(50);
      expect(await job.ended).toEqual({how: 'signalled', signal: 'SIGKILL'});
      await expectGone(pids);
    });

    test('a process that was stopped is continued to end', async () => {
      const job = run(
        'signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))\nreport(event="ready")\nos.kill(os.getpid(), signal.SIGSTOP)\ntime.sleep(60)',
      );
      await job.saw('ready');
      // It says that it is ready before it stands still.
      await expect.poll(() => stateOf(job.pid ?? 0)[0]).toBe('T');
      job.stop(30_000);
      expect(await job.ended).toEqual({how: 'exited', status: 75});
    });

    test('a paused group does nothing, its children neither, and goes on where it was', async () => {
      const body = `child = subprocess.Popen([sys.executable, "-c", "import time\\nwhile True: time.sleep(0.01)"])
report(event="ready", pids=[child.pid])
for i in range(10_000):
    if os.path.exists("released"): break
    report(event="step", i=i); time.sleep(0.01)
child.kill()`;
      rmSync(join(base, 'released'), {force: true});
      const job = run(body);
      const [child = 0] = numbers((await job.saw('ready'))['pids']);
      await job.saw('step');
      job.pause();
      await expect.poll(() => [stateOf(job.pid ?? 0)[0], stateOf(child)[0]]).toEqual(['T', 'T']);
      // What it had said before it stood still arrives; then nothing more does.
      await new Promise((resolve) => setTimeout(resolve, 200));
      const before = job.events.length;
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(job.events.length).toBe(before);
      job.resume();
      await expect.poll(() => job.events.length).toBeGreaterThan(before);
      writeFileSync(join(base, 'released'), '');
      expect(await job.ended).toEqual({how: 'exited', status: 0});
      const steps = job.events.flatMap((event) => (event['event'] === 'step' ? [event['i']] : []));
      expect(steps).toEqual([...Array(steps.length).keys()]);
    });

    test('a paused group is stopped with all that it started, a child that ignores SIGTERM too', async () => {
      const body = `children = [subprocess.Popen(["sh", "-c", line]) for line in ("sleep 600 & wait", "trap '' TERM; sleep 600; sleep 600")]
report(event="ready", pids=[c.pid for c in children])
time.sleep(60)`;
      const job = run(body);
      const {pids} = await job.saw('ready');
      job.pause();
      await expect.poll(() => stateOf(job.pid ?? 0)[0]).toBe('T');
      job.stop(30_000);
      expect(await job.ended).toEqual({how: 'signalled', signal: 'SIGTERM'});
      await expectGone(pids);
      expect(descendantsIn(job.pid)).toEqual([]);
    });

    test('what is paused while it starts stands still until it may go on', async () => {
      // A signal reaches a process, and no script has done anything within its first moment.
      const job = run('time.sleep(0.25)\nreport(event="ready")');
      job.pause();
      await new Promise((resolve) => setTimeout(resolve, 600));
      expect(job.events).toEqual([]);
      job.resume();
      expect(await job.ended).toEqual({how: 'exited', status: 0});
      expect(job.events).toEqual([{event: 'ready'}]);
      job.pause();
      job.resume();
    });

    test('stopping twice, and after the end, does no harm', async () => {
      const job = run('report(event="ready"); time.sleep(60)');
      await job.saw('ready');
      job.stop(30_000);
      job.stop(30_000);
      expect(await job.ended).toEqual({how: 'signalled', signal: 'SIGTERM'});
      job.stop(0);
    });

    test('a process that left the group and holds the progress descriptor does not hold the end', async () => {
      const body =
        'child = subprocess.Popen(["sleep", "600"], start_new_session=True, pass_fds=[progress])\nreport(event="pids", pids=[child.pid])';
      const job = run(body);
      expect(await job.ended).toEqual({how: 'exited', status: 0});
      for (const pid of numbers(job.events[0]?.['pids'])) process.kill(pid, 'SIGKILL');
    });

    test('what cannot start says why', async () => {
      const messages = [
        start({interpreter: '/no/such/python', target: script('')}),
        start({target: {kind: 'script', path: 'no/such.py'}}),
        start({target: script(''), directory: join(base, 'nowhere')}),
        start({target: script(''), logFile: join(base, 'raises.py', 'below', 'a.log')}),
      ].map(async (job) => job.ended);
      for (const ending of await Promise.all(messages)) {
        expect(ending).toEqual({how: 'not_started', message: expect.stringMatching(/^Cannot (start|write) .*\.$/u)});
      }
    });

    test('several run at once, each with its own log and progress', async () => {
      const body =
        'print(sys.argv[1]); report(event="ready", me=sys.argv[1])\nwhile not os.path.exists("go"): time.sleep(0.01)\nsys.exit(int(sys.argv[1]))';
      const target = script(body);
      rmSync(join(base, 'go'), {force: true});
      const jobs = [1, 2, 3, 4].map((me) => start({target, args: [`${me}`]}));
      await Promise.all(jobs.map((job) => job.saw('ready')));
      writeFileSync(join(base, 'go'), '');
      expect(await Promise.all(jobs.map((job) => job.ended))).toEqual([1, 2, 3, 4].map((status) => ({how: 'exited', status})));
      expect(jobs.map((job) => job.log())).toEqual(['1\n', '2\n', '3\n', '4\n']);
      expect(jobs.map((job) => job.events)).toEqual([1, 2, 3, 4].map((me) => [{event: 'ready', me: `${me}`}]));
    });

    test('two jobs draw different random numbers', async () => {
      const body = 'import random; report(event="drawn", it=random.random())';
      const jobs = [run(body), run(body)];
      await Promise.all(jobs.map((job) => job.ended));
      expect(jobs[0]?.events[0]?.['it']).not.toBe(jobs[1]?.events[0]?.['it']);
    });

    test('a job imports a module as it is when the job starts', async () => {
      mkdirSync(join(base, 'pk'), {recursive: true});
      for (const value of [1, 22]) {
        writeFileSync(join(base, 'pk', 'changing.py'), `value = ${value}\n`);
        const job = run('import changing; report(event="value", value=changing.value)', {environment: {PYTHONPATH: join(base, 'pk')}});
        await job.ended;
        expect(job.events).toEqual([{event: 'value', value}]);
      }
    });
  });
}

function observe(command: Command, executor: Executor): Job {
  const events: JsonObject[] = [];
  const waiting = new Map<string, (event: JsonObject) => void>();
  const running = executor.start(command, (event) => {
    events.push(event);
    const {event: name} = event;
    if (typeof name === 'string') waiting.get(name)?.(event);
  });
  const log = (): string => (existsSync(command.logFile) ? readFileSync(command.logFile, 'utf8') : '');
  const saw = (name: string): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const found = events.find((event) => event['event'] === name);
      if (found !== undefined) resolve(found);
      waiting.set(name, resolve);
      void running.ended.then((ending) => reject(new Error(`ended first: ${JSON.stringify(ending)}\n${log()}`)));
    });
  return {
    get pid() {
      return running.pid;
    },
    ended: running.ended,
    stop: (graceMs) => running.stop(graceMs),
    pause: () => running.pause(),
    resume: () => running.resume(),
    events,
    log,
    saw,
  };
}

function numbers(value: unknown): number[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'number') : [];
}

async function expectGone(pids: unknown): Promise<void> {
  expect(numbers(pids).length).toBeGreaterThan(0);
  for (const pid of numbers(pids)) await expect.poll(() => stateOf(pid)).toMatch(/^$|^Z/u);
}

/** The process table's state of a process; empty when it is gone, Z when only its entry is left. */
function stateOf(pid: number): string {
  return processTable().find((entry) => entry.pid === pid)?.state ?? '';
}

function descendantsIn(group: number | undefined): number[] {
  return processTable()
    .filter((entry) => entry.group === group && !entry.state.startsWith('Z'))
    .map((entry) => entry.pid);
}

function processTable(): {pid: number; group: number; state: string}[] {
  const text = execFileSync('ps', ['-e', '-o', 'pid=,pgid=,stat='], {encoding: 'utf8'});
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/u))
    .map(([pid = '', group = '', state = '']) => ({pid: Number(pid), group: Number(group), state}));
}
