// Rows are appended under today's header only: whatever else lies at the log's place is kept, and a word says so.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import {appendRow} from '../../src/build/log-row.ts';
import {formatHeader, logColumns} from '../../src/results/log.ts';
import {parseLog} from '../../src/results/parse-log.ts';
import {sampleInput} from '../results/samples.ts';
import {bestOf, study, StudyBench} from '../support/search-bench.ts';
import {refuseChanges} from '../support/refusing-disk.ts';

const log = 'docs/experiment_results.csv';
const out = bestOf('x');

function benchWith(text: string): StudyBench {
  const bench = new StudyBench([study('x')]);
  bench.disk.write(log, text);
  return bench;
}

async function buildOver(text: string): Promise<{bench: StudyBench; kept: string | undefined; why: string | undefined}> {
  const bench = benchWith(text);
  const built = await bench.build();
  const renewed = built.events.flatMap((event) => (event.type === 'log_renewed' ? [event] : []));
  expect(renewed.length).toBeLessThan(2);
  return {bench, kept: bench.disk.readText(renewed[0]?.movedTo ?? 'nowhere'), why: renewed[0]?.why};
}

const foreign = `${[...logColumns.slice(0, 17), 'd_model', 'n_layers', 'n_heads', 'd_ff', 'param_count'].join(',')}\n,old_1,6A,2M\n`;
const spreadsheet = `\uFEFF${formatHeader()}`.replaceAll(',', ';').replaceAll('\n', '\r\n');

test('a log of another program is kept aside whole, and a new one begins', async () => {
  for (const text of [foreign, spreadsheet, `${logColumns.slice(0, 17).join(',')}\n`]) {
    const {bench, kept, why} = await buildOver(text);
    expect(kept).toBe(text);
    expect(why).toContain("it is not this program's");
    const now = bench.disk.readText(log) ?? '';
    expect(now.startsWith(formatHeader())).toBe(true);
    expect(parseLog(now)).toMatchObject({problems: [], rows: [{experiment: 'x', status: 'success'}]});
  }
});

test('two logs of other programs that come one after the other are both kept', async () => {
  const {bench} = await buildOver(foreign);
  bench.disk.write(log, spreadsheet);
  bench.succeed(out);
  const built = await bench.build({always: true});
  const [renewed] = built.events.flatMap((event) => (event.type === 'log_renewed' ? [event] : []));
  expect(bench.disk.readText(renewed?.movedTo ?? '')).toBe(spreadsheet);
});

test('the log of an earlier version is begun anew with its rows, and the original is kept', async () => {
  const old = `${logColumns.slice(0, 24).join(',')}\n2026-01-01T00:00:00Z,x,p,2M,t,1,daily,s.py,hpo,failed,12,,,{},boom,,,error,${'a'.repeat(64)},1,,,42,abc\n`;
  const {bench, kept, why} = await buildOver(old);
  expect(kept).toBe(old);
  expect(why).toContain('its rows were taken over');
  const {rows, problems} = parseLog(bench.disk.readText(log) ?? '');
  expect(problems).toEqual([]);
  expect(rows.map(({experiment, status, git_commit: commit}) => [experiment, status, commit])).toEqual([
    ['x', 'failed', 'abc'],
    ['x', 'success', null],
  ]);
});

test('an empty log gets its header, and a whole one is gone on with in silence', async () => {
  const {bench, why} = await buildOver('');
  expect(why).toBeUndefined();
  expect(parseLog(bench.disk.readText(log) ?? '').rows).toHaveLength(1);
  bench.succeed(out);
  const again = await bench.build({always: true});
  expect(again.events.some(({type}) => type === 'log_renewed')).toBe(false);
  expect(parseLog(bench.disk.readText(log) ?? '').rows).toHaveLength(2);
});

test('a row that is owed finds a log of another program at its place: it is kept as well', async () => {
  const bench = new StudyBench([study('x')]);
  const mend = refuseChanges(bench.disk, (path) => path === log);
  await expect(bench.build()).rejects.toThrow(log);
  mend();
  bench.disk.write(log, foreign);
  await bench.build();
  expect(parseLog(bench.disk.readText(log) ?? '').rows).toHaveLength(1);
  const kept = bench.disk.list('.ftsbuild/kept');
  expect(kept === 'missing' ? [] : kept.map((name) => bench.disk.readText(`.ftsbuild/kept/${name}/${log}`))).toEqual([foreign]);
});

test('whatever lies at the log’s place, the row is read back, and not a byte of what was there is lost', async () => {
  const header = formatHeader();
  const piece = fc.oneof(
    fc.constantFrom(
      header,
      header.replaceAll(',', ';'),
      '\uFEFF',
      '\r\n',
      '\n',
      ',',
      ';',
      '"',
      '\0\0',
      `${logColumns.slice(0, 17).join(',')}\n`,
    ),
    fc.constantFrom(`${logColumns.slice(0, 22).join(',')}\n`, '2026-01-01T00:00:00Z,x,p,2M\n', `2026-01-01T00:00:00Z${','.repeat(24)}\n`),
    fc.string({maxLength: 8}),
  );
  const [row] = sampleInput().log.rows;
  if (row === undefined) throw new Error('unreachable: a sample without rows');
  const session = new StudyBench([study('x')]).session();
  await fc.assert(
    fc.asyncProperty(fc.array(piece, {maxLength: 5}), async (pieces) => {
      const before = pieces.join('');
      session.disk.remove('.ftsbuild/kept');
      session.disk.write(log, before);
      const renewed = await appendRow(session, row, projectPath(log));
      const now = session.disk.readText(log) ?? '';
      expect(parseLog(now).rows.at(-1)).toEqual(row);
      if (renewed === undefined) expect(now.startsWith(before)).toBe(true);
      else expect(session.disk.readText(renewed.movedTo)).toBe(before);
    }),
  );
});
