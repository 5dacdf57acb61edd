// Where a process may have no more files open, nothing that starts another one throws: each says that it could not start, and why.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';

const host = new URL('../../src/host/', import.meta.url).href;
const program = `
  const {startLineProcess} = await import('${host}line-process.ts');
  const {startGroup} = await import('${host}process-group.ts');
  const {runToEnd} = await import('${host}run.ts');
  const {openSync} = await import('node:fs');
  await runToEnd(['true'], {timeoutMs: 10_000});
  try {
    for (;;) openSync('/dev/null');
  } catch {}
  const [directory, environment] = ['/', process.env];
  const line = await new Promise((resolve) => startLineProcess({argv: ['true'], directory, environment}, {onLine() {}, onEnd: resolve}));
  const group = await startGroup({argv: ['true'], directory, environment, logFile: '/dev/null'}, () => undefined).ended;
  const ran = await runToEnd(['true'], {timeoutMs: 10_000});
  process.stdout.write(JSON.stringify([line, group.how, ran.how, ran.message]));`;

test('a helper, a job and a command that cannot start for too many open files say so', () => {
  const {stdout, stderr} = spawnSync('sh', ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual([
    'true cannot start: too many files are open',
    'not_started',
    'not_started',
    'Cannot start true: too many files are open.',
  ]);
});

test('met where nobody expects it, it is told as what it is, and not as a mistake of the program', () => {
  const last = new URL('../../src/commands/internal-error.ts', import.meta.url).href;
  const text = `const {endWithInternalError} = await import('${last}');
    endWithInternalError(Object.assign(new Error('open EMFILE'), {code: 'EMFILE'}), '1.0.0');`;
  const {status, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', text], {encoding: 'utf8'});
  expect([status, stderr]).toEqual([
    3,
    'error: this process may have no more files open: allow it more (`ulimit -n 1024`), and start it again.\n',
  ]);
});
