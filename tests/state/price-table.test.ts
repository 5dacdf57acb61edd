// What is said of a CSV without Python is what the data step says: the same files are refused, and the same rows come out of the others.
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {expect, test} from 'vitest';
import {usablePrices, warmUp} from '../../src/state/price-bars.ts';
import {readPriceTable, type Wanted} from '../../src/state/price-table.ts';
import {packageRoot, testPython} from '../support/python-interpreter.ts';

const header = 'Date,Open,High,Low,Close,Volume';

function days(count: number, {from = '2001-01-01', step = 1, weekends = false} = {}): readonly string[] {
  const dates: string[] = [];
  for (let at = Date.parse(`${from}T00:00:00Z`); dates.length < count; at += step * 86_400_000) {
    const date = new Date(at);
    if (weekends || (date.getUTCDay() !== 0 && date.getUTCDay() !== 6)) dates.push(date.toISOString().slice(0, 10));
  }
  return dates;
}

function csv(dates: readonly string[]): string {
  return [header, ...dates.map((day, row) => `${day},${100 + row},${101 + row}.5,${99 + row},${100 + row},5`)].join('\n');
}

function earlier(dates: readonly string[]): readonly string[] {
  return dates.map((day) => new Date(Date.parse(`${day}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10));
}

const good = csv(days(40));
const text = (content: string): Buffer => Buffer.from(content);

const files: Readonly<Record<string, Buffer>> = {
  good: text(good),
  'a byte order mark, line ends of Windows, quotes, an empty line': text(
    `\ufeff${good.replaceAll('\n', '\r\n').replace('Close', '"Close"')}\r\n\r\n`,
  ),
  'times of day': text(good.replaceAll(/^(20[\d-]+)/gm, '$1 16:00:00')),
  'rounding in the last digit': text(`${header}\n2001-01-01,1,1.48597998,1,1.4859799800000001,5`),
  'a High that is too low': text(`${header}\n2001-01-01,1,1.4859,1,1.486,5`),
  empty: text(''),
  'a header only': text(`${header}\n`),
  'a column twice': text(good.replaceAll(/$/gm, ',1').replace('Volume,1', 'Volume,Close')),
  'no column Close': text(good.replace('Close', 'close')),
  'a row that is cut': text(`${good}\n2002-01-01,1,2`),
  'a date twice': text(good.replace('2001-01-03', '2001-01-02')),
  'dates backwards': text(csv([...days(40)].reverse())),
  'a German date': text(good.replace('2001-01-03', '03.01.2001')),
  'the 30th of February': text(good.replace('2001-01-03', '2001-02-30')),
  'a text for a price': text(good.replace(',100,', ',abc,')),
  'a price that is missing': text(good.replace(',100,', ',,')),
  'a price of 0': text(good.replace(',100,', ',0,')),
  'a volume below 0': text(good.replace(',5\n', ',-5\n')),
  'a volume of 0': text(good.replace(',5\n', ',0\n')),
  'dates that are shifted': text(csv(earlier(days(40)))),
  'every day': text(csv(days(40, {weekends: true}))),
  'weekly bars': text(csv(days(40, {step: 7, weekends: true}))),
  'the future': text(csv(days(40, {from: '2199-01-01'}))),
  'UTF-16': Buffer.from(`\ufeff${good}`, 'utf16le'),
  'Latin-1': Buffer.from(good.replace('Volume', 'B\u00f6rse'), 'latin1'),
  HTML: text('<!doctype html><html></html>'),
  'a pointer': text('version https://git-lfs.github.com/spec/v1\noid sha256:1\n'),
  yfinance: text(`Price,Close,High\nTicker,SPY,SPY\nDate,,\n${good}`),
  semicolons: text(good.replaceAll(',', ';')),
  tabs: text(good.replaceAll(',', '\t')),
  'decimal commas': text(`${header}\n2001-01-01,"1,0","2,0","1,0","1,5",5`),
  zip: text('PK\u0003\u0004'),
  'a NUL byte': text(good.replace('100', '1\u00000')),
};

const asking = `
import base64, json, sys
from pathlib import Path
from fts.data.bars import aggregate
from fts.data.build import find_unusable
from fts.data.dataset import parse_order
from fts.data.sources import read_source
from fts.outcomes import BadInput
files, answers = json.loads(sys.stdin.read()), {}
params = {"source": "prices.csv", "path": "x.parquet", "tiers": [], "keep_rows": None, "min_rows": 1, "max_nan": 0, "columns": [], "md5": None}
for name, content in files.items():
    for scale in ("daily", "2d", "weekly"):
        Path("prices.csv").write_bytes(base64.b64decode(content))
        raw = read_source("prices.csv", Path("."))
        order = parse_order({**params, "timescale": scale})
        wrong = raw if isinstance(raw, BadInput) else find_unusable(order, "prices.csv", raw.bars)
        bars = None if wrong else aggregate(raw.bars, scale)
        answers[f"{name} as {scale}"] = wrong.message if wrong else [[str(day) for day in bars.dates], bars.high.tolist(), bars.close.tolist()]
print(json.dumps(answers))
`;

function said(content: Uint8Array, timescale: string): unknown {
  const wanted: Wanted = {path: 'prices.csv', columns: [], as: 'raw', timescale, calendar: 'mon-fri', maxNan: 0, today: 20_000};
  const read = readPriceTable(content, wanted);
  if (read.is === 'wrong') return read.message;
  const prices = usablePrices(read.table, {timescale, hasIndicators: false, keepRows: undefined});
  return prices === undefined ? [[], [], []] : [prices.dates, prices.high, prices.close];
}

// Python's messages say a little more; that they speak of the same thing shows in their words.
function words(message: string): readonly string[] {
  return message.toLowerCase().match(/[a-z]{4,}/g) ?? [];
}

test('the same files are refused for the same reasons, and the others give the same bars', {timeout: 30_000}, async () => {
  const {mkdtempSync, rmSync} = await import('node:fs');
  const folder = mkdtempSync('/tmp/prices-');
  const input = JSON.stringify(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, content.toString('base64')])));
  const out = execFileSync(testPython(), ['-c', asking], {cwd: folder, input, env: {...process.env, PYTHONPATH: packageRoot}});
  rmSync(folder, {recursive: true});
  const answers = JSON.parse(out.toString()) as Readonly<Record<string, unknown>>;
  for (const [name, content] of Object.entries(files)) {
    for (const scale of ['daily', '2d', 'weekly']) {
      const expected = answers[`${name} as ${scale}`];
      const seen = said(content, scale);
      if (typeof expected !== 'string' || typeof seen !== 'string') expect(seen, `${name} as ${scale}`).toEqual(expected);
      else {
        const shared = words(seen).filter((word) => words(expected).includes(word));
        expect(shared.length, `${name} as ${scale}: ${seen} / ${expected}`).toBeGreaterThanOrEqual(2);
      }
    }
  }
});

test('the warm-up is as long as that of the indicators', () => {
  const source = readFileSync(`${packageRoot}/fts/data/indicators.py`, 'utf8');
  expect(/^WARM_UP = (\d+)$/m.exec(source)?.[1]).toBe(String(warmUp));
});

test('of the rows that are left after the warm-up the last ones are kept', () => {
  const read = readPriceTable(text(csv(days(300))), {
    ...{path: 'prices.csv', columns: [], as: 'raw', timescale: 'daily', calendar: 'mon-fri', maxNan: 0, today: 20_000},
  });
  if (read.is === 'wrong') throw new Error(read.message);
  const rows = (keepRows: number | undefined): number | undefined =>
    usablePrices(read.table, {timescale: 'daily', hasIndicators: true, keepRows})?.dates.length;
  expect([rows(undefined), rows(10), rows(1000)]).toEqual([48, 10, 48]);
  expect(usablePrices({dates: [1], high: [1], close: [1]}, {timescale: 'daily', hasIndicators: true, keepRows: undefined})).toBeUndefined();
});

test('a column that is read and empty is named', () => {
  const content = text(good.replaceAll(/$/gm, ',').replace('Volume,', 'Volume,rsi_14'));
  const wanted: Wanted = {
    path: 'm.csv',
    columns: ['rsi_14'],
    as: 'bars',
    timescale: 'daily',
    calendar: 'mon-fri',
    maxNan: 0,
    today: 20_000,
  };
  expect(readPriceTable(content, wanted)).toMatchObject({is: 'wrong', message: expect.stringContaining('"rsi_14" (40)') as string});
  expect(readPriceTable(content, {...wanted, maxNan: 40})).toMatchObject({is: 'sound'});
});
