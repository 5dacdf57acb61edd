// The journal survives a crash at any byte, and every record that was whole survives with it.
import {expect, test} from 'vitest';
import {DiskError} from '../../src/host/disk.ts';
import {isJsonObject, type JsonObject} from '../../src/base/json.ts';
import {handClock} from '../../src/host/clock.ts';
import {type MemoryDisk, memoryDisk} from '../../src/host/memory-disk.ts';
import {type Journal, openJournal} from '../../src/state/journal.ts';
import {journalPath, openStore} from '../../src/state/store.ts';

const path = '.ftsbuild/journal';
const form = {
  accept: (value: unknown): JsonObject | undefined => (isJsonObject(value) ? value : undefined),
  toJson: (record: JsonObject) => record,
};

function open(disk: MemoryDisk): Journal<JsonObject> {
  const journal = openJournal(disk, path, form);
  if (!journal.ok) throw new Error(journal.error.map((entry) => entry.message).join('; '));
  return journal.value;
}

test('what was appended is loaded in its order', () => {
  const disk = memoryDisk();
  const journal = open(disk);
  journal.append({node: 'a', text: 'grüße\n'});
  journal.append({node: 'b'});
  expect(journal.records).toEqual([{node: 'a', text: 'grüße\n'}, {node: 'b'}]);
  expect(open(disk).records).toEqual(journal.records);
  expect(disk.readText(path)).toBe('{"ftsbuild_journal":1}\n{"node":"a","text":"grüße\\n"}\n{"node":"b"}\n');
});

test('loading writes nothing, whatever is there', () => {
  const disk = memoryDisk();
  expect(open(disk).records).toEqual([]);
  expect(disk.texts()).toEqual({});
  disk.write(path, '{"ftsbuild_journal":1}\n{"node":"a"}\n{"torn');
  const before = disk.stat(path);
  expect(open(disk).records).toEqual([{node: 'a'}]);
  expect(disk.stat(path)).toEqual(before);
});

test('cut at every byte it loads the whole records, and takes new ones', () => {
  const disk = memoryDisk();
  const records = ['a', 'grüße €', 'c'].map((node) => ({node}));
  for (const record of records) open(disk).append(record);
  const bytes = disk.readBytes(path) ?? new Uint8Array();
  for (let length = 0; length <= bytes.length; length += 1) {
    disk.write(path, bytes.subarray(0, length));
    const ends = bytes.subarray(0, length).filter((byte) => byte === 0x0a).length;
    const whole = records.slice(0, Math.max(0, ends - 1));
    const journal = open(disk);
    expect(journal.records).toEqual(whole);
    journal.append({node: 'new'});
    journal.append({node: 'newer'});
    expect(open(disk)).toMatchObject({records: [...whole, {node: 'new'}, {node: 'newer'}], unreadable: []});
  }
});

test('a damaged line in the middle loses itself only, and is named', () => {
  const disk = memoryDisk({[path]: '{"ftsbuild_journal":1}\n{"node":"a"}\n{"nod\n[1]\n{"node":"b"}\n'});
  expect(open(disk)).toMatchObject({records: [{node: 'a'}, {node: 'b'}], unreadable: [3, 4]});
  const text = '{"ftsbuild_journal":1}\n{"kind":"began"\n{"ki';
  const store = openStore(memoryDisk({[journalPath]: text}));
  expect(store).toMatchObject({ok: true, value: {warnings: [{severity: 'warning', message: `${journalPath}: line 2 cannot be read`}]}});
});

test('compaction leaves the given records, and appending goes on behind them', () => {
  const disk = memoryDisk();
  const journal = open(disk);
  for (const node of ['a', 'b', 'c']) journal.append({node});
  journal.compact([{node: 'c'}]);
  journal.append({node: 'd'});
  expect(journal.records).toEqual([{node: 'c'}, {node: 'd'}]);
  expect(open(disk).records).toEqual(journal.records);
});

test('a newer format and a foreign file are refused, and left alone', () => {
  for (const [text, code] of [
    ['{"ftsbuild_journal":2}\n', 'FTS802'],
    ['once upon a time\n', 'FTS801'],
  ] as const) {
    const disk = memoryDisk({[path]: text});
    const journal = openJournal(disk, path, form);
    expect(journal.ok ? [] : journal.error.map((entry) => entry.code)).toEqual([code]);
    expect(disk.readText(path)).toBe(text);
  }
});

test('the first line may carry a space, as format 1 allows', () => {
  expect(open(memoryDisk({[path]: '{"ftsbuild_journal": 1}\n{"node":"a"}\n'})).records).toEqual([{node: 'a'}]);
});

test('a record that a full disk took only in part loses itself only: the next one stands on a line of its own', () => {
  const disk = memoryDisk();
  const journal = open(disk);
  journal.append({node: 'a'});
  const append = disk.append.bind(disk);
  disk.append = (to, text) => {
    append(to, text.slice(0, 9));
    throw new DiskError('no space is left on the device', to);
  };
  expect(() => journal.append({node: 'b'})).toThrow('no space');
  Reflect.deleteProperty(disk, 'append');
  journal.append({node: 'c'});
  expect(journal.records).toEqual([{node: 'a'}, {node: 'c'}]);
  expect(open(disk)).toMatchObject({records: [{node: 'a'}, {node: 'c'}], unreadable: []});
});

test('a journal knows that somebody else has written it since, whatever the clocks say', () => {
  const clock = handClock();
  const disk = memoryDisk({}, clock);
  const empty = open(disk);
  expect(empty.isOutdated).toBe(false);
  clock.advance(-3_600_000);
  const other = open(disk);
  other.append({node: 'a'});
  expect(empty.isOutdated).toBe(true);
  const again = open(disk);
  expect(again.isOutdated).toBe(false);
  other.compact([{node: 'a'}]);
  expect(again.isOutdated).toBe(true);
});
