// Before the tests: the study's own Python environment, as the program makes it, and the packages that only tests need.
import {spawnSync} from 'node:child_process';

const python = '.venv/bin/python';
// The wheels compile to bytecode where this is not set; with it every `import torch` costs seconds more.
const environment = {...process.env, PYTHONDONTWRITEBYTECODE: ''};

run(['node', 'dist/ftsbuild.js', 'environment']);
const hasPytest = spawnSync(python, ['-c', 'import pytest, xdist, hypothesis, jsonschema, mypy'], {stdio: 'ignore'}).status === 0;
if (!hasPytest) {
  const hasUv = spawnSync(python, ['-m', 'uv', '--version'], {stdio: 'ignore'}).status === 0;
  const installer = hasUv ? [python, '-m', 'uv', 'pip', 'install', '--python', python] : [python, '-m', 'pip', 'install'];
  run([...installer, '--requirement', 'python/requirements-dev.lock']);
}

function run(words: readonly string[]): void {
  const [program = '', ...args] = words;
  const ended = spawnSync(program, args, {stdio: 'inherit', env: environment});
  if (ended.status !== 0) throw new Error(`${words.join(' ')} ended with ${String(ended.status ?? ended.signal)}`);
}
