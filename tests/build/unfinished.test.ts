// What becomes of attempts whose engine died: what they finished, what they cost, their rows, and what they left behind.
import {expect, test} from 'vitest';
import {parseLog} from '../../src/results/parse-log.ts';
import type {JobScript} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';

const second = 1000;

/** The engine dies in the job's run, when `meanwhile` has happened and the job has written what it writes. */
async function dieIn(bench: StudyBench, out: string, meanwhile: (job: JobScript | undefined) => void): Promise<void> {
  const run = bench.jobs.get(out);
  bench.jobs.set(out, (command) => {
    meanwhile(run?.(command));
    throw new Error('power cut');
  });
  await expect(bench.build()).rejects.toThrow('power cut');
  if (run !== undefined) bench.jobs.set(out, run);
}

function writeAll(bench: StudyBench, job: JobScript | undefined): void {
  for (const [path, text] of Object.entries(job?.files ?? {})) bench.disk.write(path, text);
}

function rowsOf(bench: StudyBench): readonly string[] {
  const {rows} = parseLog(bench.disk.readText('docs/experiment_results.csv') ?? '');
  return rows.map(({experiment, run_type, status, duration_seconds}) => `${experiment} ${run_type} ${status} ${String(duration_seconds)}`);
}

test.each([bestOf('x'), metricsOf('x')])(
  'what a job finished after its engine had died is not made again, and its row says so: %s',
  async (out) => {
    const bench = new StudyBench([study('x'), training('x')]);
    bench.clock.advance(Date.parse('2026-01-01T00:00:00Z'));
    await dieIn(bench, out, (job) => {
      bench.clock.advance(7 * second);
      writeAll(bench, job);
      bench.clock.advance(3600 * second);
    });
    const started = bench.started.filter((name) => name === out).length;
    const built = await bench.build();
    expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'recognised'});
    expect(bench.started.filter((name) => name === out)).toHaveLength(started);
    const rows = rowsOf(bench);
    expect(rows.filter((row) => row.startsWith(out === bestOf('x') ? 'x hpo' : 'x training'))).toEqual([
      out === bestOf('x') ? 'x hpo success 7' : 'x training success 7',
    ]);
    expect((await bench.build()).ran).toEqual([]);
  },
);

test('a result that is older than the attempt is none of it: something else beside it may be newer', async () => {
  const bench = new StudyBench([study('x'), training('x')]);
  bench.clock.advance(Date.parse('2026-01-01T00:00:00Z'));
  const {provenance} = sampleBestParams('');
  bench.succeed(metricsOf('x'), {provenance: {...provenance, created: '2025-12-31T23:59:59.000Z'}});
  await dieIn(bench, metricsOf('x'), (job) => writeAll(bench, job));
  expect((await bench.build()).outcomes.get(metricsOf('x'))).toEqual({at: 'done', how: 'ran'});
  expect(rowsOf(bench).slice(-2)).toEqual(['x training interrupted 0', 'x training success 0']);
});

test('builds of other studies in between cost a dead attempt nothing', async () => {
  const bench = new StudyBench([study('x')]);
  const event = (at: number): void => bench.disk.write(`.ftsbuild/events/${new Date(at).toISOString().replaceAll(':', '')}.ndjson`, '{}\n');
  const startedAt = bench.clock.now();
  event(startedAt);
  await dieIn(bench, bestOf('x'), () => {
    bench.clock.advance(6 * second);
    event(startedAt);
  });
  bench.clock.advance(3600 * second);
  event(bench.clock.now());
  await bench.build();
  expect(rowsOf(bench)[0]).toBe('x hpo interrupted 6');
});

test('an attempt gets its row although its experiment was renamed meanwhile', async () => {
  const bench = new StudyBench([study('x')]);
  await dieIn(bench, bestOf('x'), () => bench.clock.advance(5 * second));
  bench.steps[0] = study('y');
  bench.succeed(bestOf('y'));
  await bench.build();
  await bench.build();
  expect(rowsOf(bench)).toEqual(['x hpo interrupted 0', 'y hpo success 0']);
});

test("what a killed writer left is removed; what only looks like it, and is a person's, stays", async () => {
  const bench = new StudyBench([study('x')]);
  bench.study = {...bench.study, paths: {...bench.study.paths, report: 'RESULTS.md' as never}};
  const mine = [
    '.venv3.11/bin/python',
    '.notes.2026',
    'outputs/hpo/x/.secret.1',
    'outputs/hpo/x/deep/.config.20',
    '.RESULTS.md.2/keep',
    'outputs/hpo/x/notes.1',
  ];
  const torn = [
    '.RESULTS.md.4711',
    'outputs/hpo/x/.best_params.json.12',
    'outputs/hpo/x/checkpoints/.last.pt.99',
    '.ftsbuild-0123456789ab.tmp',
  ];
  await dieIn(bench, bestOf('x'), () => {
    for (const path of [...mine, ...torn]) bench.disk.write(path, 'half');
  });
  await bench.build();
  expect([...mine, ...torn].filter((path) => bench.disk.stat(path) !== 'missing')).toEqual(mine);
});

test('a result that is made again although it is fresh is kept: nothing is overwritten', async () => {
  const bench = new StudyBench([study('x'), training('x')]);
  await bench.build();
  const before = bench.disk.readText(metricsOf('x'));
  const again = await bench.build({targets: [metricsOf('x')], always: true});
  const kept = again.events.find((event) => event.type === 'node_kept');
  expect(again.ran).toContain(metricsOf('x'));
  expect(kept?.type === 'node_kept' && bench.disk.readText(`${kept.movedTo}/metrics.json`)).toBe(before);
});
