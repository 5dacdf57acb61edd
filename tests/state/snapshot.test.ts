// The remembered "nothing to do": it holds exactly while nothing that it rests on has changed.
import {expect, test} from 'vitest';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {findAnswer, writeSnapshot, type Question} from '../../src/state/snapshot.ts';

const question: Question = {words: ['all', '--only', 'budget=2M'], directory: '/study', program: '/bin/ftsbuild'};

function remembered(waitMs = 10_000): MemoryDisk {
  const clock = handClock();
  const disk = memoryDisk({'experiments.yaml': 'version: 1', 'out/metrics.json': '{}', '/bin/ftsbuild': 'program'}, clock);
  clock.advance(waitMs);
  writeSnapshot(disk, {
    question,
    text: 'Nothing to do.',
    paths: ['experiments.yaml', 'out/metrics.json', 'out/gone.json'],
    sinceMs: clock.now(),
  });
  clock.advance(waitMs);
  return disk;
}

test('it is the answer while nothing has changed', () => {
  expect(findAnswer(remembered(), question)).toBe('Nothing to do.');
});

test.each([
  ['a file is written, be it with the same bytes', (disk: MemoryDisk) => disk.write('experiments.yaml', 'version: 1')],
  ['a file is gone', (disk: MemoryDisk) => disk.remove('out/metrics.json')],
  ['a file is there that was missing', (disk: MemoryDisk) => disk.write('out/gone.json', '{}')],
  ['the program is another', (disk: MemoryDisk) => disk.write('/bin/ftsbuild', 'newer')],
])('it is no answer once %s', (_, change) => {
  const disk = remembered();
  change(disk);
  expect(findAnswer(disk, question)).toBeUndefined();
});

test('it answers no other question', () => {
  const disk = remembered();
  expect(findAnswer(disk, {...question, words: ['all']})).toBeUndefined();
  expect(findAnswer(disk, {...question, directory: '/elsewhere'})).toBeUndefined();
});

test('what changed a moment ago is not remembered: it may change again within one tick of the clock', () => {
  expect(findAnswer(remembered(1000), question)).toBeUndefined();
});

test('a damaged record is no answer', () => {
  const disk = remembered();
  const [path = ''] = Object.keys(disk.texts()).filter((name) => name.includes('.ftsbuild/fresh/'));
  const text = disk.readText(path) ?? '';
  for (let length = 0; length < text.length; length += 7) {
    disk.write(path, text.slice(0, length));
    expect(findAnswer(disk, question)).toBeUndefined();
  }
});
