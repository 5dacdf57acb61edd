// -v: what jobs write into their logs, line by line.
import {appendFileSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test, vi} from 'vitest';
import {followFile, readLastLines} from '../../src/host/file-follower.ts';
import {jobOutput} from '../../src/ui/job-output.ts';
import {Bench} from '../support/bench.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'ftsbuild-log-'));
  onTestFinished(() => rmSync(path, {recursive: true}));
  return path;
}

test('lines come as they become whole, from where the log ended before, with the name of the node', () => {
  const path = join(folder(), 'hpo.log');
  writeFileSync(path, 'of the attempt before\n');
  const lines: string[] = [];
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const [node] = new Bench([{out: 'a'}]).session().graph.nodes;
  const listen = jobOutput({resolve: () => path, print: (line) => void lines.push(line)});
  listen({type: 'node_started', node: node!, attempt: 2, at: 0, logFile: 'hpo.log'});
  appendFileSync(path, 'one\ntw');
  vi.advanceTimersByTime(300);
  expect(lines).toEqual(['a | one']);
  appendFileSync(path, 'o\n\u001b[31m10%\r90%\u001b[0m\n\u001b[2Jlast');
  listen({type: 'node_ended', node: node!, outcome: {at: 'done', how: 'ran'}, durationMs: 1, at: 0});
  expect(lines.slice(1)).toEqual(['a | two', 'a | 90%', 'a | last']);
  expect(vi.getTimerCount()).toBe(0);
});

test('a log that is not there yet is read from its first byte, characters cut between two reads included', () => {
  const path = join(folder(), 'x.log');
  const follower = followFile(path);
  expect(follower.readLines()).toEqual([]);
  const bytes = Buffer.from('größer\n');
  writeFileSync(path, bytes.subarray(0, 3));
  expect(follower.readLines()).toEqual([]);
  appendFileSync(path, bytes.subarray(3));
  expect(follower.readLines()).toEqual(['größer']);
});

test('the last lines of a large log are its last lines, whole', () => {
  const path = join(folder(), 'x.log');
  writeFileSync(path, Array.from({length: 50_000}, (_, row) => `line ${String(row)}`).join('\n'));
  expect(readLastLines(path, 2)).toEqual(['line 49998', 'line 49999']);
  expect(readLastLines(`${path}.absent`, 2)).toEqual([]);
});
