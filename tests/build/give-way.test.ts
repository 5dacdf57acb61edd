// What a person has put or edited at the place of an output is kept before something else lies there: by one rule for every file of every node.
import {expect, test} from 'vitest';
import {projectPath} from '../../src/base/ids.ts';
import type {BuildEvent} from '../../src/build/events.ts';
import {runReport} from '../../src/build/run-report.ts';
import type {Session} from '../../src/build/session.ts';
import {forced, judgeReport} from '../../src/build/verdicts.ts';
import {recordDataset} from '../../src/state/data-manifest.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk, type MemoryDisk} from '../../src/host/memory-disk.ts';
import {sampleBestParams} from '../support/samples.ts';
import {tinyStudy} from '../support/command-line.ts';
import {bestOf, metricsOf, study, StudyBench, training} from '../support/search-bench.ts';
import {StudyBench as WholeStudy} from '../support/study-bench.ts';
import {trialsOf} from '../results/samples.ts';

const report = 'docs/experiment_results.md';
const runbook = 'docs/tiny_runbook.md';

/** Texts below `.ftsbuild/kept/`, by their paths without the folder that says why. */
function kept(disk: MemoryDisk): Record<string, string> {
  const entries = Object.entries(disk.texts()).filter(([path]) => path.startsWith('.ftsbuild/kept/'));
  return Object.fromEntries(entries.map(([path, text]) => [path.split('/').slice(3).join('/'), text]));
}

function told(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'node_kept' ? [event.path] : []));
}

let disk: MemoryDisk;
let whole: WholeStudy;

/** The report of a small study with a figure, made by the real rule. */
class Report {
  readonly events: BuildEvent[] = [];

  session(): Session {
    return whole.session();
  }

  verdict(): string {
    const session = this.session();
    const verdict = judgeReport(session, session.graph.get(reportId(session)));
    return verdict.is === 'stale' ? `${verdict.reason.because} ${'path' in verdict.reason ? verdict.reason.path : ''}` : verdict.is;
  }

  async make(): Promise<readonly string[]> {
    const session = this.session();
    const node = session.graph.get(reportId(session));
    this.events.length = 0;
    const listen = (event: BuildEvent): void => void this.events.push(event);
    await runReport({session, listen, git: () => Promise.resolve({commit: null, dirty: null})}, node, forced(judgeReport(session, node)));
    return told(this.events);
  }

  figure(): string {
    const figures = disk.list('docs/figures');
    return `docs/figures/${figures === 'missing' ? '' : String(figures.find((name) => name.endsWith('.svg')))}`;
  }
}

function reportId(session: Session): Session['graph']['nodes'][number]['id'] {
  const node = session.graph.nodes.find(({rule}) => rule === 'report');
  if (node === undefined) throw new Error('there is no report');
  return node.id;
}

async function begin(): Promise<Report> {
  const clock = handClock();
  disk = memoryDisk({}, clock);
  whole = new WholeStudy({disk, clock, packageRoot: '/package'}, 'experiments.yaml');
  disk.write('experiments.yaml', tinyStudy);
  await whole.build();
  searchFinds('complete');
  forgetReport();
  return new Report();
}

/** The search of the first experiment has five trials and whole best parameters, and so the report a figure; or it has none. */
function searchFinds(what: 'complete' | 'nothing'): void {
  const session = whole.session();
  const node = session.graph.nodes.find(({id}) => id === bestOf('tiny_3K_h3_up1'));
  const trace = node && session.store.standingOf(node.id).trace;
  const identity = node?.work.kind === 'job' ? {...node.work.job.identity} : {};
  if (node === undefined || trace === undefined) throw new Error('the search was not built');
  const trials =
    what === 'nothing'
      ? ''
      : trialsOf(5, 1)
          .map((trial) => `${JSON.stringify(trial)}\n`)
          .join('');
  disk.write('outputs/hpo/tiny_3K_h3_up1/trials.jsonl', trials);
  disk.write(node.id, JSON.stringify({...sampleBestParams(trace.key), identity}));
  session.store.record({...trace, outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const)});
}

/** As before the first one. */
function forgetReport(): void {
  disk.remove('docs');
  const lines = (disk.readText('.ftsbuild/journal') ?? '').split('\n');
  disk.write('.ftsbuild/journal', lines.filter((line) => !line.includes(`"node":"${report}"`)).join('\n'));
}

test('a report, a runbook or a figure that somebody edited is kept when it is made anew; what nobody touched is not', async () => {
  const made = await begin();
  expect(await made.make()).toEqual([]);
  expect(await made.make()).toEqual([]);
  const figure = made.figure();
  const edited = [report, runbook, figure];
  for (const path of edited) {
    disk.append(path, 'REMARK');
    expect(made.verdict()).toBe(`output_changed ${path}`);
    expect(await made.make()).toEqual([path]);
    expect(made.verdict()).toBe('fresh');
  }
  expect(Object.keys(kept(disk)).toSorted()).toEqual(edited.toSorted());
  expect(Object.values(kept(disk)).every((text) => text.endsWith('REMARK'))).toBe(true);
});

test('a report, a runbook or a figure that is gone is noticed and made again', async () => {
  const made = await begin();
  await made.make();
  const before = disk.texts();
  for (const path of [report, runbook, made.figure()]) {
    disk.remove(path);
    expect(made.verdict()).toBe(`output_missing ${path}`);
    await made.make();
    expect(disk.readText(path)).toBe(before[path]);
  }
});

test("a person's notes at the place of the report, of a runbook, of a figure, even a folder, are kept before the first report is written", async () => {
  const made = await begin();
  await made.make();
  const figure = made.figure();
  forgetReport();
  for (const path of [report, figure, `${runbook}/notes.txt`]) disk.write(path, 'mine');
  expect([...(await made.make())].toSorted()).toEqual([report, figure, runbook].toSorted());
  expect(kept(disk)).toEqual({[report]: 'mine', [figure]: 'mine', [`${runbook}/notes.txt`]: 'mine'});
  expect(disk.stat(runbook)).toMatchObject({kind: 'file'});
});

test("a figure that the report has no more goes; one that was edited is kept, and a picture that is a person's stays where it is", async () => {
  const made = await begin();
  await made.make();
  const figure = made.figure();
  disk.write('docs/figures/mine.svg', '<svg/>');
  searchFinds('nothing');
  disk.append(figure, 'REMARK');
  expect(await made.make()).toEqual([figure]);
  expect(disk.list('docs/figures')).toEqual(['mine.svg']);
  expect(Object.keys(kept(disk))).toEqual([figure]);
});

test('pictures of a report of an earlier version, which did not say which were its own, are not lost', async () => {
  const made = await begin();
  await made.make();
  const journal = disk.readText('.ftsbuild/journal') ?? '';
  disk.write('.ftsbuild/journal', journal.replace(/"sides":\[.*?\]\],/u, ''));
  disk.write('docs/figures/old.svg', '<svg/>');
  expect(await made.make()).toEqual(['docs/figures/old.svg']);
  expect(kept(disk)).toEqual({'docs/figures/old.svg': '<svg/>'});
});

test.each([bestOf('x'), metricsOf('x')])('a result that somebody edited is kept, though its key is as it was: %s', async (out) => {
  const bench = new StudyBench([study('x'), training('x')]);
  await bench.build();
  const edited = (bench.disk.readText(out) ?? '').replace('0.5', '0.25');
  bench.disk.write(out, edited);
  const built = await bench.build();
  expect(built.outcomes.get(out)).toEqual({at: 'done', how: 'ran'});
  expect(told(built.events)).toEqual([out]);
  expect(kept(bench.disk)).toEqual({[out]: edited});
  expect((await bench.build()).ran).toEqual([]);
});

test('so is one of a search that was cut and goes on; what the search left itself is no edit', async () => {
  const bench = new StudyBench([{...study('x'), partialSuffices: true}]);
  bench.cut(bestOf('x'));
  const cut = bench.jobs.get(bestOf('x'));
  bench.jobs.set(bestOf('x'), (command) => {
    const job = cut?.(command);
    if (job === undefined) throw new Error('unreachable: it was just set');
    return {...job, files: {...job.files, [bestOf('x')]: '{"status": "partial"}'}};
  });
  await bench.build();
  expect(told((await bench.build()).events)).toEqual([]);
  bench.disk.write(bestOf('x'), '{"status": "mine"}');
  bench.succeed(bestOf('x'));
  expect(told((await bench.build()).events)).toEqual([bestOf('x')]);
  expect(kept(bench.disk)).toEqual({[bestOf('x')]: '{"status": "mine"}'});
});

test('what is no plain file gives way to the output of a job, a log too', async () => {
  const bench = new StudyBench([study('x')]);
  await bench.build();
  const database = 'outputs/hpo/x/study.db';
  bench.disk.remove(database);
  bench.disk.write(`${database}/mine`, 'mine');
  bench.disk.write(bestOf('x'), 'edited');
  expect(told((await bench.build()).events)).toEqual([bestOf('x'), database]);
  expect(kept(bench.disk)).toEqual({[bestOf('x')]: 'edited', [`${database}/mine`]: 'mine'});
});

test('a script and a README that are edited, and a file at the place of one, are kept', async () => {
  const bench = new StudyBench([]);
  bench.steps = [{out: 'experiments/one/README.md', params: {a: 1}, makes: () => 'generated 1'}];
  bench.disk.write('experiments/one/README.md', 'mine');
  expect(told((await bench.build()).events)).toEqual(['experiments/one/README.md']);
  bench.disk.append('experiments/one/README.md', ', and more');
  bench.steps = [{out: 'experiments/one/README.md', params: {a: 2}, makes: () => 'generated 2'}];
  await bench.build();
  expect(Object.values(bench.disk.texts()).filter((text) => ['mine', 'generated 1, and more'].includes(text))).toHaveLength(2);
  expect(bench.disk.readText(projectPath('experiments/one/README.md'))).toBe('generated 2');
});

test('a log that is gone costs no run: it is said in its place, and the results go into the cache as they are', async () => {
  const log = 'outputs/hpo/x/hpo.log';
  const bench = new StudyBench([{...study('x'), volatile: ['outputs/hpo/x/study.db', log]}]);
  const run = bench.jobs.get(bestOf('x'));
  bench.jobs.set(bestOf('x'), (command) => {
    const job = run?.(command) ?? {};
    return {...job, files: {...job.files, [log]: 'said'}};
  });
  await bench.build();
  bench.disk.remove(log);
  expect(bench.plan()).toEqual({[bestOf('x')]: 'stay'});
  expect((await bench.build()).ran).toEqual([]);
  expect(bench.disk.readText(log)).toMatch(/^The log of this run is gone\. The results beside it are whole: on record since 2026-/);
  bench.disk.remove(log);
  bench.steps = [{...study('x', {params: {subset: 0.5}}), volatile: [log]}];
  await bench.build();
  expect(Object.keys(kept(bench.disk))).toEqual([]);
});

test('a file at the place of the data manifest that is none is kept', () => {
  const files = memoryDisk({'notes.md': 'mine'});
  expect(recordDataset(files, 'notes.md', {path: 'data/a.parquet'})).toMatchObject({path: 'notes.md'});
  expect(kept(files)).toEqual({'notes.md': 'mine'});
  expect(recordDataset(files, 'notes.md', {path: 'data/b.parquet'})).toBeUndefined();
});
