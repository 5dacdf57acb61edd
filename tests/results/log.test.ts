// The CSV log: what is written comes back, and damage costs one row.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {formatHeader, formatRow, logColumns, runStatuses, runTypes, thermalStates, type LogRow} from '../../src/results/log.ts';
import {parseLog, renewLog} from '../../src/results/parse-log.ts';

const row: LogRow = {
  timestamp: '2026-11-01T08:30:00.000Z',
  experiment: 'phase6a_2M_h1_threshold_1pct',
  phase: 'phase6a',
  budget: '2M',
  task: 'threshold_1pct',
  horizon: 1,
  timescale: 'daily',
  script_path: 'experiments/phase6a/hpo_2M_h1_threshold_1pct.py',
  run_type: 'hpo',
  status: 'success',
  duration_seconds: 1300.5,
  val_loss: 0.3199,
  test_accuracy: null,
  hyperparameters: {d_model: 64, loss: 'bce'},
  error_message: null,
  thermal_max_temp: 71.5,
  data_md5: 'd41d8cd98f00b204e9800998ecf8427e',
  reason: null,
  key: 'a'.repeat(64),
  attempt: 1,
  param_count: 2417473,
  val_windows: 1234,
  seed: 42,
  git_commit: 'abc1234',
  thermal_state: 'acceptable',
};

test('the columns are the contract of docs/design.md', () => {
  expect(formatHeader()).toBe(
    'timestamp,experiment,phase,budget,task,horizon,timescale,script_path,run_type,status,duration_seconds,val_loss,test_accuracy,' +
      'hyperparameters,error_message,thermal_max_temp,data_md5,reason,key,attempt,param_count,val_windows,seed,git_commit,thermal_state\n',
  );
});

test('a row is one line of RFC 4180', () => {
  expect(formatRow(row)).toBe(
    '2026-11-01T08:30:00.000Z,phase6a_2M_h1_threshold_1pct,phase6a,2M,threshold_1pct,1,daily,experiments/phase6a/hpo_2M_h1_threshold_1pct.py,' +
      'hpo,success,1300.5,0.3199,,"{""d_model"":64,""loss"":""bce""}",,71.5,d41d8cd98f00b204e9800998ecf8427e,,' +
      `${'a'.repeat(64)},1,2417473,1234,42,abc1234,acceptable\n`,
  );
});

test('an unknown temperature is an empty field beside the state unknown, and zero stays a number', () => {
  const line = formatRow({...row, thermal_max_temp: null, thermal_state: 'unknown', val_loss: 0});
  expect(line).toContain(',,d41d8cd9');
  expect(parseLog(formatHeader() + line).rows[0]).toMatchObject({thermal_max_temp: null, thermal_state: 'unknown', val_loss: 0});
});

const text = fc.string({unit: 'grapheme', maxLength: 40}).map((value) => value.replaceAll('\0', ''));
const optionalText = fc.option(
  text.filter((value) => value !== ''),
  {nil: null},
);
const optionalNumber = fc.option(
  fc.double({noNaN: true, noDefaultInfinity: true}).map((value) => value + 0),
  {nil: null},
);
const anyRow: fc.Arbitrary<LogRow> = fc.record({
  timestamp: fc.constant(row.timestamp),
  experiment: text,
  phase: text,
  budget: text,
  task: text,
  horizon: optionalNumber,
  timescale: text,
  script_path: text,
  run_type: fc.constantFrom(...runTypes),
  status: fc.constantFrom(...runStatuses),
  duration_seconds: optionalNumber,
  val_loss: optionalNumber,
  test_accuracy: optionalNumber,
  hyperparameters: fc.option(
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      fc.oneof(text, fc.integer(), fc.boolean()),
      {noNullPrototype: true},
    ),
    {nil: null},
  ),
  error_message: optionalText,
  thermal_max_temp: optionalNumber,
  data_md5: optionalText,
  reason: optionalText,
  key: optionalText,
  attempt: optionalNumber,
  param_count: optionalNumber,
  val_windows: optionalNumber,
  seed: optionalNumber,
  git_commit: optionalText,
  thermal_state: fc.constantFrom(...thermalStates),
});

test('whatever rows are written come back', () => {
  fc.assert(
    fc.property(fc.array(anyRow, {maxLength: 4}), (rows) => {
      const parsed = parseLog(formatHeader() + rows.map(formatRow).join(''));
      expect(parsed).toEqual({rows, problems: []});
    }),
  );
});

test('a log cut at any byte keeps its whole rows and reports at most one torn one', () => {
  const lines = [formatHeader(), formatRow({...row, error_message: 'first\nsecond, "third"'}), formatRow({...row, attempt: 2})];
  const whole = lines.join('');
  const firstEnd = (lines[0]?.length ?? 0) + (lines[1]?.length ?? 0);
  for (let length = lines[0]?.length ?? 0; length < whole.length; length += 1) {
    const parsed = parseLog(whole.slice(0, length));
    expect(parsed.rows).toHaveLength(length >= firstEnd ? 1 : 0);
    expect(parsed.problems.length).toBeLessThanOrEqual(1);
  }
});

test('a row torn inside a quote does not swallow the next one', () => {
  const torn = formatRow(row).slice(0, formatRow(row).indexOf('"{') + 8);
  const parsed = parseLog(`${formatHeader()}${torn}\n${formatRow({...row, attempt: 2})}${formatRow({...row, attempt: 3})}`);
  expect(parsed.rows.map((entry) => entry.attempt)).toEqual([2, 3]);
  expect(parsed.problems).toEqual([{line: 2, message: 'the row is cut off'}]);
});

test('a header of an earlier version is read by its columns, the rest being empty', () => {
  const old = `${logColumns.slice(0, 19).join(',')}\n2025-01-01T00:00:00Z,e,p,2M,t,1,daily,s.py,hpo,success,12,0.4,,{},,,,,${'a'.repeat(64)}\n`;
  const parsed = parseLog(old);
  expect(parsed).toMatchObject({problems: [], rows: [{val_loss: 0.4, test_accuracy: null, thermal_max_temp: null, seed: null}]});
  expect(parsed.rows[0]).toMatchObject({key: 'a'.repeat(64), thermal_state: 'unknown'});
});

test('the log of an earlier version goes on under the header of today: whole rows byte for byte, what is torn not at all', () => {
  const columns = logColumns.slice(0, 24);
  const rows = [formatRow(row), formatRow({...row, error_message: 'first\nsecond, "third"'})].map((line) =>
    line.replace(/,acceptable\n$/, '\n'),
  );
  const {text: renewed, leftOut} = renewLog(`${columns.join(',')}\n${rows.join('')}2026-11-01T08:30:00.000Z,torn`, columns);
  expect(leftOut).toBe(1);
  expect(renewed).toBe(formatHeader() + rows.map((line) => line.replace(/\n$/, ',\n')).join(''));
  expect(parseLog(renewed)).toMatchObject({problems: [], rows: [{seed: 42, thermal_state: 'unknown'}, {git_commit: 'abc1234'}]});
});

test('of a log that another program began, or saved anew, no row counts', () => {
  const others = {
    'its header has 17 columns': `${logColumns.slice(0, 17).join(',')}\n2025-01-01T00:00:00Z,e,p,2M,t,1,daily,s.py,hpo,success,12,0.4,,{},,,\n`,
    'its header has 22 columns': `${[...logColumns.slice(0, 17), 'd_model', 'n_layers', 'n_heads', 'd_ff', 'param_count'].join(',')}\n`,
    'its 25 columns are not those': `${logColumns.toReversed().join(',')}\n`,
    'parted by semicolons': `\uFEFF${formatHeader().replaceAll(',', ';')}${formatRow(row).replaceAll(',', ';')}`.replaceAll('\n', '\r\n'),
    'parted by tabs': formatHeader().replaceAll(',', '\t'),
    'a spreadsheet has saved it anew': `\uFEFF${formatHeader()}${formatRow(row)}`,
    'or the line ends of Windows': `${formatHeader()}${formatRow(row)}`.replaceAll('\n', '\r\n'),
    'its header is cut off': 'timestamp,experim',
    'instead of 25': 'a,b\n1,2\n',
    'a row without': formatRow(row),
    'its header has 26 columns': `${logColumns.join(',')},stages\n`,
  };
  for (const [why, text] of Object.entries(others)) {
    const parsed = parseLog(text);
    expect(parsed).toMatchObject({rows: [], problems: []});
    expect(parsed.other).toContain(why === 'a row without' ? 'columns' : why);
  }
});

test('a status that nobody knows is a problem, never a success', () => {
  const parsed = parseLog(formatHeader() + formatRow(row).replace(',success,', ',fine,'));
  expect(parsed.rows).toEqual([]);
  expect(parsed.problems[0]?.message).toContain('status');
});

test('Windows line ends of single rows, a repeated header and zeros in place of a lost row cost no other row', () => {
  const body = `${formatHeader()}${formatRow(row).replaceAll('\n', '\r\n')}${formatHeader()}\0\0\0\0${formatRow(row)}\0\0\n${formatRow(row)}`;
  expect(parseLog(body)).toEqual({rows: [row, row, row], problems: []});
});

test('no text is no log', () => {
  expect(parseLog('')).toEqual({rows: [], problems: []});
});
