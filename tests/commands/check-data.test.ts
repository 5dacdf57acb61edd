// What `check` and the plan know of the data: all that a build would refuse, before anything is built, and what the data step found.
import {createHash} from 'node:crypto';
import {deflateSync} from 'node:zlib';
import {expect, test} from 'vitest';
import type {Diagnostic} from '../../src/base/diagnostic.ts';
import {lookAtData} from '../../src/build/data-look.ts';
import {inspect} from '../../src/build/inspect.ts';
import type {Session} from '../../src/build/session.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {check, type CheckOptions} from '../../src/commands/check.ts';
import {openSession} from '../../src/commands/open.ts';
import {neededFor} from '../../src/graph/order.ts';
import {recordDataset} from '../../src/state/data-manifest.ts';
import {describeCheck, plainCheck} from '../../src/ui/check.ts';
import {replaced, small} from '../config/texts.ts';
import {Workspace} from '../support/command-line.ts';
import {testPython} from '../support/python-interpreter.ts';
import {schemaProblems} from '../support/schemas.ts';
import {quietTerminal} from '../support/terminal.ts';

const study = replaced('source: arch.sp500', 'source: prices.csv');

interface Seen {
  readonly status: number;
  readonly problems: readonly Diagnostic[];
  readonly said: string;
}

async function checked(workspace: Workspace, options: Partial<CheckOptions> = {}): Promise<Seen> {
  const {terminal, said} = quietTerminal();
  const problems: Diagnostic[] = [];
  const listening = {...terminal, printProblems: (found: readonly Diagnostic[]) => void problems.push(...found)};
  const status = await check({directory: workspace.root, format: 'text', data: true, staleOk: true, ...options}, listening);
  return {status, problems, said: said.join('\n')};
}

/** The same without the scripts, whose syntax costs half a second a study. */
async function inspected(workspace: Workspace, looksAtData = true): Promise<Pick<Seen, 'problems'>> {
  return inspect(opened(workspace), {looksAtData, jobs: 1});
}

function opened(workspace: Workspace): Session {
  const session = openSession({directory: workspace.root});
  if (!session.ok) throw new Error(session.error.map(({message}) => message).join('; '));
  return session.value.session;
}

function told({problems}: Pick<Seen, 'problems'>): readonly string[] {
  return problems.map(({severity, code, message}) => `${severity} ${code}: ${message}`);
}

/** A price that rises by so many per cent a day, on weekdays. */
function prices(rows: number, percent: number): string {
  const lines = ['Date,Open,High,Low,Close,Volume'];
  let close = 100;
  for (let at = Date.UTC(2001, 0, 1); lines.length <= rows; at += 86_400_000) {
    const date = new Date(at);
    if (date.getUTCDay() === 0 || date.getUTCDay() === 6) continue;
    lines.push(`${date.toISOString().slice(0, 10)},${close},${close * 1.001},${close * 0.999},${close},5`);
    close *= 1 + percent / 100;
  }
  return lines.join('\n');
}

test('a raw file that is not there is a warning at its dataset, and none with --no-data', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': study});
  const seen = await inspected(workspace);
  expect(told(seen)).toEqual(['warning FTS604: data sp500: prices.csv is missing']);
  expect(seen.problems[0]?.span?.line).toBe(3);
  expect(told(await inspected(workspace, false))).toEqual([]);
});

test.each([
  ['', 'is empty'],
  ['Date,Open,High,Low,Close,Volume\n', 'has no rows'],
  ['Date,Open,High,Low,Volume\n2001-01-01,1,1,1,1\n', 'has no column "Close"'],
  [prices(300, 0).replaceAll(',', ';'), 'separated by semicolons'],
  [prices(100, 0), 'for indicators to warm up, and nothing is left'],
])('a raw file that the data step would refuse is an error, without Python', async (content, words) => {
  const seen = await inspected(Workspace.forTest({'experiments.yaml': study, 'prices.csv': content}));
  expect(told(seen)).toEqual([expect.stringMatching(new RegExp(`^error FTS604: prices\\.csv.*${words}`))]);
});

const calm = 'train has 0 positives of 10';

test('positives are counted from the raw prices: check and plan refuse what the data cannot hold', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': study, 'prices.csv': prices(4000, 0)});
  const seen = await inspected(workspace);
  expect(told(seen)).toEqual([expect.stringContaining(calm)]);
  expect(seen.problems[0]?.code).toBe('FTS504');
  const session = opened(workspace);
  const forecasts = forecast(session, neededFor(session.graph, session.graph.nodes));
  const searches = session.graph.nodes.filter(({rule}) => rule === 'hpo').map(({id}) => forecasts.get(id)?.will);
  expect(new Set(searches)).toEqual(new Set(['be_refused']));
  workspace.write('prices.csv', prices(4000, 0.6));
  const rising = told(await inspected(workspace)).join();
  expect(rising).toContain('one class only');
});

function registered(workspace: Workspace, more: Readonly<Record<string, string | object>>): void {
  workspace.write('data/processed/v1/sp500.parquet', 'rows');
  recordDataset(opened(workspace).disk, 'data/manifest.json', {
    ...{schema_version: 1, kind: 'dataset', dataset: 'sp500', path: 'data/processed/v1/sp500.parquet', rows: 4000, md5: 'm', columns: {}},
    ...{raw: null, sha256: createHash('sha256').update('rows').digest('hex')},
    ...more,
  });
}

test('of packaged prices the manifest keeps what positives are counted from; without it only the rows are known', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': small});
  registered(workspace, {});
  expect(told(await inspected(workspace))).toEqual([]);
  const lines = prices(4000, 0)
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const text = lines.map(([day, , high, , close]) => [day, high, close].join()).join('\n');
  registered(workspace, {prices: deflateSync(text).toString('base64')});
  expect(told(await inspected(workspace))).toEqual([expect.stringContaining(calm)]);
});

const table = {
  ...{
    rows: 4000,
    first: '2001-01-01',
    last: '2016-05-02',
    median_spacing_days: 1,
    largest_gap: {days: 7, from: '2001-09-10', to: '2001-09-17'},
  },
  ...{weekend_share: 0, largest_move: {change: -0.0704, date: '2008-10-15'}, zero_volume_share: 0.01, constant_columns: ['still']},
};

test('what the data step found is shown by check, as a line and as JSON', async () => {
  const workspace = Workspace.forTest({'experiments.yaml': small});
  registered(workspace, {plausibility: table, cautions: [{kind: 'gap', message: 'a gap'}]});
  const {data, plan} = await inspect(opened(workspace), {looksAtData: true, jobs: 1});
  // In a workspace without a journal the step is still to run, and what the manifest says is of the past.
  expect(data.map(({plausibility}) => plausibility)).toEqual([undefined]);
  const fresh = lookAtData(opened(workspace), new Map());
  expect(fresh.flatMap(({problems}) => problems).map(({code, message}) => `${code} ${message}`)).toEqual([
    'FTS607 data/processed/v1/sp500.parquet: a gap',
  ]);
  const scripts = {count: 0, syntax: {by: 'words', because: 'no reason'}} as const;
  const report = {
    file: 'experiments.yaml',
    problems: [],
    scripts,
    stale: undefined,
    studies: [{profile: undefined, plan, refused: [], data: fresh}],
  };
  expect(describeCheck(report).join('\n')).toContain(
    'data sp500: 4000 rows from 2001-01-01 to 2016-05-02, median spacing 1 day, largest gap 7 days (from 2001-09-10), 0.0 % on weekends, ' +
      'largest move -7.0 % (2008-10-15), 1.0 % without volume, constant: still',
  );
  const plain = JSON.parse(JSON.stringify(plainCheck(report))) as {data: readonly {plausibility: unknown}[]};
  expect([plain.data[0]?.plausibility, schemaProblems('check', plain)]).toEqual([table, []]);
});

test('a file that only Python reads is looked at by the interpreter of the study', {timeout: 30_000}, async () => {
  const text = `${replaced('{builder: {source: arch.sp500, tiers: [a20, a100]}}', '{path: mine.parquet}')}python: {interpreter: ${testPython()}}\n`;
  const workspace = Workspace.forTest({'experiments.yaml': text, 'mine.parquet': 'PAR1 rubbish'});
  const seen = await checked(workspace);
  expect([seen.status, told(seen)]).toEqual([2, [expect.stringMatching(/^error FTS604: mine\.parquet cannot be read/)]]);
});

test('a file that only Python reads, where there is none, is said to be not looked at', async () => {
  const text = replaced('{builder: {source: arch.sp500, tiers: [a20, a100]}}', '{path: mine.parquet}');
  const {said, problems} = await checked(Workspace.forTest({'experiments.yaml': text, 'mine.parquet': 'PAR1 rubbish'}));
  expect(problems).toEqual([]);
  expect(said).toContain("data sp500: not looked at; only the study's Python reads it");
});
