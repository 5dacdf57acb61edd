// The event stream: every line of whole builds meets its schema, and tells what happened.
import {expect, test, vi} from 'vitest';
import type {BuildEvent} from '../../src/build/events.ts';
import type {Price} from '../../src/build/price.ts';
import type {Node} from '../../src/graph/node.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import {handClock} from '../../src/host/clock.ts';
import {lineOf, runLineOf, type EventLine} from '../../src/ui/event-line.ts';
import {findForeignFiles} from '../../src/ui/begun-anew.ts';
import {chromeTrace} from '../../src/ui/chrome-trace.ts';
import {findView, keptStreams, linesOf, openStream} from '../../src/ui/ndjson.ts';
import {Bench} from '../support/bench.ts';
import {sampleBestParams} from '../support/samples.ts';
import {schemaProblems} from '../support/schemas.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';
import {at, ended, epoch, run, start, started, trialEnded} from '../support/streams.ts';

const range = {ms: 100, lowMs: 50, highMs: 200};
const unpriced: Price = {of: new Map(), sequential: range, parallel: range, jobs: 2, unknown: 3, unpriced: new Set(), waits: new Map()};

function priced(node: Node): Price {
  return {...unpriced, of: new Map([[node.id, {...range, from: 'file'}]])};
}

/** The lines of the events, as a reader gets them, each held against the schema. */
function linesFor(events: readonly BuildEvent[], price: Price = unpriced): readonly EventLine[] {
  const texts = events.map((event) => JSON.stringify(lineOf(event, price, start)));
  for (const text of texts) expect([text, schemaProblems('events', JSON.parse(text)).slice(0, 3)]).toEqual([text, []]);
  return texts.map((text) => JSON.parse(text) as EventLine);
}

function types(lines: readonly EventLine[]): ReadonlySet<string> {
  return new Set(lines.map(({type}) => type));
}

test('the first line says of which version the stream is, whose, and what the plan costs', () => {
  const first = runLineOf({pid: 7, host: 'here', command: 'all -j 2'}, unpriced, start);
  expect(first).toMatchObject({schema_version: 1, pid: 7, command: 'all -j 2', estimate: null});
  expect(schemaProblems('events', first)).toEqual([]);
  const node = new Bench([{out: 'a'}]).session().graph.nodes[0]!;
  const withPrice = runLineOf({pid: 7, host: 'here', command: ''}, priced(node), start);
  expect(withPrice.estimate).toEqual({
    ...{sequential: {seconds: 0.1, low_seconds: 0.05, high_seconds: 0.2}, unknown: 3},
    parallel: {seconds: 0.1, low_seconds: 0.05, high_seconds: 0.2},
  });
  expect(schemaProblems('events', withPrice)).toEqual([]);
});

test('a build that runs, fails, blocks and refuses sends lines that meet the schema', async () => {
  const fails = (): string => {
    throw new Error('no such column');
  };
  const bench = new Bench([{out: 'a'}, {out: 'b', in: ['a'], makes: fails}, {out: 'c', in: ['b']}, {out: 'd', in: ['absent.csv']}]);
  const {events} = await bench.build();
  const lines = linesFor(events, priced(bench.session().graph.nodes[0]!));
  const outcomes = Object.fromEntries(lines.flatMap((line) => (line.type === 'node_ended' ? [[line.node, line.outcome.at]] : [])));
  expect(outcomes).toEqual({a: 'done', b: 'failed', c: 'blocked', d: 'failed'});
  expect(lines.at(-1)).toMatchObject({type: 'build_ended', ran: 1, blocked: [{node: 'c', by: 'b'}]});
  expect(lines.find((line) => line.type === 'node_ended' && line.node === 'a')).toMatchObject({estimate: {seconds: 0.1}});
});

test('jobs with progress, warnings, results that come back, rejected and superseded ones: all lines meet the schema', async () => {
  const bench = new StudyBench([study('x', {params: {subset: 1}}), training('x')]);
  const usual = bench.jobs.get(bestOf('x'))!;
  const words = [
    {event: 'data_validated', rows: 4000, features: 20},
    {event: 'trial_started', trial: 0, params: {learning_rate: 0.001}},
    ...[epoch(1, 2, 0.5), trialEnded(1, 3, 0.5)],
  ];
  bench.jobs.set(bestOf('x'), (command) => ({...usual(command), progress: [...words, ...(usual(command).progress ?? [])]}));
  const all = [...(await bench.build()).events];
  bench.steps[0] = study('x', {params: {subset: 0.3}});
  all.push(...(await bench.build()).events);
  bench.steps[0] = study('x', {params: {subset: 1}});
  all.push(...(await bench.build()).events);
  bench.steps[0] = study('x', {params: {subset: 0.5}});
  bench.jobs.set(bestOf('x'), () => ({ending: {how: 'signalled', signal: 'SIGKILL'}}));
  all.push(...(await bench.build()).events);
  bench.jobs.set(bestOf('x'), () => ({
    ...{progress: [{event: 'result', status: 'success'}], ending: {how: 'exited', status: 0}},
    files: {[bestOf('x')]: JSON.stringify({...sampleBestParams(''), key: 'another'})},
  }));
  all.push(...(await bench.build()).events);
  const seen = types(linesFor(all));
  for (const type of ['node_started', 'node_progress', 'node_kept', 'node_restored', 'node_stale', 'node_ended'])
    expect([type, seen.has(type)]).toEqual([type, true]);
  expect(all.some((event) => event.type === 'node_ended' && event.node.id === metricsOf('x'))).toBe(true);
});

test('what gates, heat and the watchdog send meets the schema', () => {
  const node = new Bench([{out: 'a'}]).session().graph.nodes[0]!;
  const known = {kind: 'known', celsius: 86.5, source: 'hwmon coretemp'} as const;
  const diagnostic = {code: 'FTS601', severity: 'warning', message: 'no better than the base rate'} as const;
  const lines = linesFor([
    {type: 'machine', cores: 2, memory: 8e9, kind: 'linux x64'},
    {type: 'node_held', node, why: 'its canary runs', at: start},
    {type: 'node_step', node, what: 'installing 61 Python packages', at: start},
    {type: 'node_warned', node, diagnostic},
    {type: 'paused', by: 'heat', why: '86 C', at: start},
    {type: 'resumed', by: 'person', why: 'ftsbuild resume', at: start},
    {type: 'temperature', reading: known, state: 'warning', at: start},
    {type: 'temperature', reading: {kind: 'unknown', why: 'no sensor'}, state: 'unknown', at: start},
    {type: 'temperature', reading: {kind: 'pressure', level: 'heavy', source: 'notifyutil'}, state: 'warning', at: start},
    {type: 'node_stalled', node, silentMs: 600_000, usualMs: 3000, action: 'retry', at: start},
  ]);
  expect(lines[6]).toMatchObject({celsius: 86.5, source: 'hwmon coretemp', why: null});
  expect(lines[7]).toMatchObject({celsius: null, source: null, why: 'no sensor'});
  expect(lines[8]).toMatchObject({celsius: null, pressure: 'heavy', why: null});
});

test('each line is one write, to the stream and to the file of --events, which is begun anew', () => {
  const clock = handClock(start);
  const disk = memoryDisk({'mine.ndjson': 'of yesterday\n'}, clock);
  const append = vi.spyOn(disk, 'append');
  const write = openStream(disk, run(), 'mine.ndjson');
  write(started('a'));
  expect(append.mock.calls).toHaveLength(4);
  for (const [, text] of append.mock.calls) expect(text).toMatch(/^\{.*\}\n$/);
  const stream = disk.readText('.ftsbuild/events/2026-01-01T000000.000Z.ndjson');
  expect([stream?.split('\n').length, disk.readText('mine.ndjson')]).toEqual([3, stream]);
});

test('streams of the last builds are kept, the oldest go', () => {
  const disk = memoryDisk({}, handClock(start));
  for (let build = 0; build < keptStreams + 5; build++) openStream(disk, run(null, at(build)));
  const names = disk.list('.ftsbuild/events');
  expect(names).toHaveLength(keptStreams);
  expect(names).not.toContain('2026-01-01T000004.000Z.ndjson');
  expect(names).toContain('2026-01-01T000005.000Z.ndjson');
});

test('a stream is read while it grows: a torn last line is not there yet', () => {
  const text = `${[run(), started('a')].map((line) => JSON.stringify(line)).join('\n')}\n${JSON.stringify(ended('a', 1)).slice(0, 40)}`;
  expect(linesOf(text)).toHaveLength(2);
  expect(linesOf(text.slice(0, 30))).toEqual([]);
});

test('a stream of another version tells nothing', () => {
  expect(linesOf(`${JSON.stringify({...run(), schema_version: 2})}\n`)).toEqual([]);
});

test('the running build is the one of the holder of the lock, not one that its process id had before', () => {
  const disk = memoryDisk({}, handClock(start));
  openStream(disk, run(null, at(10)))(started('a'));
  const holder = {pid: 1, host: 'here', since: start};
  expect(findView(disk, holder)?.running.size).toBe(1);
  expect(findView(disk, {...holder, pid: 2})).toBeUndefined();
  expect(findView(disk, {...holder, since: start + 60_000})).toBeUndefined();
});

test('--events and --trace begin only their own files anew', () => {
  const files = {
    'mine.ndjson': '',
    'trace.json': '',
    'folder/file': 'x',
    'list.json': '[\n{"name": "x"}\n]\n',
    'lines.ndjson': '{"type":"cat"}\n',
  };
  const disk = memoryDisk({...files, 'experiments.yaml': 'version: 1\n'});
  openStream(disk, run(), 'mine.ndjson')(started('a'));
  const elements: object[] = [];
  chromeTrace((event) => elements.push(event))(run());
  disk.write('trace.json', `[\n${elements.map((element) => JSON.stringify(element)).join(',\n')}\n]\n`);
  disk.write('begun.json', '[\n\n]\n');
  const said = (events?: string, trace?: string): readonly string[] =>
    findForeignFiles(disk, {events, trace}).map(({code, message}) => `${code} ${message}`);
  expect([said('mine.ndjson', 'trace.json'), said('new.ndjson', 'begun.json')]).toEqual([[], []]);
  for (const path of ['experiments.yaml', 'lines.ndjson', 'trace.json', 'list.json'])
    expect(said(path)).toEqual([`FTS406 --events would overwrite ${path}, which is no stream of events of this program`]);
  for (const path of ['experiments.yaml', 'lines.ndjson', 'mine.ndjson', 'list.json'])
    expect(said(undefined, path)).toEqual([`FTS406 --trace would overwrite ${path}, which is no trace of this program`]);
  expect(said('folder', 'folder')).toEqual([
    'FTS406 --events cannot write folder: it is a directory',
    'FTS406 --trace cannot write folder: it is a directory',
  ]);
  expect(said('new', './new')).toEqual(['FTS406 --events and --trace both name new']);
});
