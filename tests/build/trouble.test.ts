// A disk that refuses ends a build without leaving anything alone: jobs are told to stop and waited for, what can be recorded is.
import {expect, test} from 'vitest';
import {parseLog} from '../../src/results/parse-log.ts';
import type {BuildEvent} from '../../src/build/events.ts';
import {DiskError} from '../../src/host/disk.ts';
import {refuseChanges} from '../support/refusing-disk.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const [short, long] = [bestOf('x'), bestOf('y')];
const second = 1000;
const log = 'docs/experiment_results.csv';
const journal = '.ftsbuild/journal';

/** Two searches side by side: one ends after ten seconds, then a training is ready; the other takes an hour. */
class TwoJobs extends StudyBench {
  readonly ended: string[] = [];

  constructor() {
    super([study('x'), study('y', {params: {subset: 0.5}}), training('x')]);
    this.takes(short, 10 * second);
    this.takes(long, 3600 * second);
  }

  takes(out: string, ms: number): void {
    const run = this.jobs.get(out);
    this.jobs.set(out, (command) => ({...run?.(command), lasts: {ms}}));
  }

  run(onEvent: (event: BuildEvent, stop: () => void) => void = () => undefined): ReturnType<StudyBench['build']> {
    this.ended.length = 0;
    return this.build({
      ...{jobs: 2, temperature: () => 60},
      onEvent: (event, stop) => {
        const {outcome} = event.type === 'node_ended' ? event : {};
        if (event.type === 'node_ended')
          this.ended.push(`${event.node.id} ${outcome?.at === 'failed' ? outcome.status : String(outcome?.at)}`);
        onEvent(event, stop);
      },
    });
  }

  story(): readonly string[] {
    const rows = parseLog(this.disk.readText(log) ?? '').rows;
    return rows.map(({experiment, run_type, attempt, status}) => `${experiment} ${run_type} ${String(attempt)} ${status}`);
  }
}

test('a log that takes no row ends the build: what succeeded is on record, what ran was told to stop, and the next build writes the rows', async () => {
  const bench = new TwoJobs();
  const mend = refuseChanges(bench.disk, (path) => path === log);
  await expect(bench.run()).rejects.toThrow(`Cannot change ${log}: no space is left on the device.`);
  expect(bench.ended).toEqual([`${short} done`, `${metricsOf('x')} blocked`, `${long} interrupted`]);
  await expect(bench.run()).rejects.toThrow(`Cannot change ${log}`);
  expect(bench.ended).toEqual([]);
  mend();
  bench.succeed(long);
  expect((await bench.run()).ran.toSorted()).toEqual([long, metricsOf('x')].toSorted());
  expect(bench.story().toSorted()).toEqual(['x hpo 1 success', 'x training 1 success', 'y hpo 1 interrupted', 'y hpo 2 success']);
});

test('a row that was written when the engine died before it could say so is not written again', async () => {
  const bench = new TwoJobs();
  const mendLog = refuseChanges(bench.disk, (path) => path === log);
  await expect(bench.run()).rejects.toThrow(log);
  mendLog();
  const mend = refuseChanges(bench.disk, (path) => path === '.ftsbuild/owed-rows');
  await expect(bench.run()).rejects.toThrow('.ftsbuild/owed-rows');
  expect(bench.story()).toEqual(['x hpo 1 success', 'y hpo 1 interrupted']);
  mend();
  bench.succeed(long);
  await bench.run();
  expect(bench.story().slice(0, 2)).toEqual(['x hpo 1 success', 'y hpo 1 interrupted']);
  expect(bench.story()).toHaveLength(4);
});

test('a journal that takes no record ends the build, and each attempt has one row all the same', async () => {
  const bench = new TwoJobs();
  let isFull = false;
  const mend = refuseChanges(bench.disk, (path) => isFull && path === journal);
  const broken = bench.run((event) => {
    isFull ||= event.type === 'temperature' && bench.ended.length === 0 && bench.started.length === 2;
  });
  await expect(broken).rejects.toThrow(`Cannot change ${journal}`);
  expect(bench.ended).toEqual([`${short} failed`, `${metricsOf('x')} blocked`, `${long} failed`]);
  mend();
  bench.succeed(long);
  await bench.run();
  expect(bench.ended).toContain(`${metricsOf('x')} done`);
  const attempts = bench.story().map((row) => row.replace(/ \w+$/, ''));
  expect(new Set(attempts).size).toBe(attempts.length);
});

test('a listener that cannot write ends the build as an interrupt does, and no other listener misses a word of it', async () => {
  const bench = new TwoJobs();
  const broken = bench.run((event) => {
    if (event.type === 'temperature' && bench.ended.length > 1) throw new DiskError('Cannot append to events: no space.', 'events');
  });
  await expect(broken).rejects.toThrow('Cannot append to events: no space.');
  expect(bench.ended).toContain(`${long} interrupted`);
  expect(bench.story()).toContain('y hpo 1 interrupted');
});

test('a job whose control file cannot be written is stopped by the signal', async () => {
  const bench = new TwoJobs();
  bench.takes(short, 3600 * second);
  refuseChanges(bench.disk, (path) => path.endsWith('/control') && bench.started.length === 2);
  const stopped = bench.run((event, stop) => {
    if (event.type === 'temperature' && bench.started.length === 2) stop();
  });
  await expect(stopped).rejects.toThrow('/control: no space is left on the device.');
  expect(bench.ended).toEqual([`${short} interrupted`, `${metricsOf('x')} blocked`, `${long} interrupted`]);
});

test('gates that cannot look spend nothing, and the build ends', async () => {
  const bench = new TwoJobs();
  const findGateFailures = (): Promise<never> => Promise.reject(new DiskError('Cannot read data: an input/output error.', 'data'));
  const ended: string[] = [];
  const onEvent = (event: BuildEvent): void => {
    if (event.type === 'node_ended') ended.push(event.outcome.at);
  };
  await expect(bench.build({findGateFailures, onEvent})).rejects.toThrow('Cannot read data');
  expect([ended, bench.started]).toEqual([['failed', 'blocked', 'blocked'], []]);
});
