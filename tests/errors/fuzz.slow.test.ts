// Thousands of broken files in processes of their own: none takes long, and none takes 200 MB.
import {spawnSync} from 'node:child_process';
import {expect, test} from 'vitest';
import {loadStudy} from '../../src/config/load.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import {repositoryRoot} from '../support/python-interpreter.ts';
import {repositoryText} from '../support/studies.ts';
import {expensive, singleMistakes} from './mutations.ts';

interface Took {
  readonly slowestMs: number;
  readonly slowest: string;
  readonly megabytes: number;
  readonly codes: readonly string[];
}

function load(...words: readonly string[]): Took {
  const ran = spawnSync(process.execPath, [`${repositoryRoot}/tests/errors/load-file.ts`, ...words], {encoding: 'utf8', timeout: 300_000});
  expect(ran.status, `${words.join(' ')}: ${ran.stderr}`).toBe(0);
  return JSON.parse(ran.stdout) as Took;
}

const files = 5000;
const batch = 500;

test(`${String(files)} mutated files: at most five seconds each, no exception`, () => {
  const codes = new Set<string>();
  for (let first = 1000; first < 1000 + files; first += batch) {
    const took = load(String(first), String(batch));
    expect(took.slowestMs, `seed ${took.slowest}`).toBeLessThan(5000);
    // Garbage of 500 files lies about in it; a file alone takes less.
    expect(took.megabytes).toBeLessThan(400);
    for (const code of took.codes) codes.add(code);
  }
  expect(codes.size).toBeGreaterThan(15);
});

test('every expensive text is read or refused in less than 200 MB', () => {
  for (const name of Object.keys(expensive)) {
    const took = load(name);
    expect(took.megabytes, name).toBeLessThan(200);
    expect(took.slowestMs, name).toBeLessThan(10_000);
    expect(took.codes.length, name).toBeGreaterThan(0);
  }
});

test.each([undefined, 'smoke'])('every single mistake in the real study is one problem at most (profile %s)', (profile) => {
  const tiers = parseTiers(repositoryText('python/fts/data/tiers.json'));
  if (!tiers.ok) throw new Error('the tiers are a table');
  for (const text of singleMistakes('experiments.yaml')) {
    const options = {file: 'experiments.yaml', tiers: tiers.value, ...(profile !== undefined && {profile})};
    const loaded = loadStudy({readText: () => text}, options);
    const errors = loaded.ok ? [] : loaded.error.filter(({severity}) => severity === 'error');
    expect(errors.length, errors.map(({message}) => message).join('\n')).toBeLessThanOrEqual(1);
  }
});
