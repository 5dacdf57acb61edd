// A real study over any disk, with the real Python package and templates, judged by the real engine; jobs only write files. Starts no process.
import {readdirSync, readFileSync} from 'node:fs';
import {createHash} from 'node:crypto';
import {forecast, judgeNow, judgeReport, type Forecast} from '../../src/build/verdicts.ts';
import {rememberCode} from '../../src/build/changes.ts';
import {effortOf} from '../../src/build/effort.ts';
import {asInstalled} from '../../src/build/installed.ts';
import {openConditions} from '../../src/build/conditions.ts';
import {keepSuperseded} from '../../src/build/keep.ts';
import {findSource, restore} from '../../src/build/restore.ts';
import type {Session} from '../../src/build/session.ts';
import {loadStudy} from '../../src/config/load.ts';
import {parseTiers} from '../../src/config/tiers.ts';
import type {Node} from '../../src/graph/node.ts';
import {neededFor} from '../../src/graph/order.ts';
import type {Clock} from '../../src/host/clock.ts';
import type {Disk} from '../../src/host/disk.ts';
import {graphOf} from '../../src/rules/nodes.ts';
import {recordDataset} from '../../src/state/data-manifest.ts';
import {openDigests} from '../../src/state/digests.ts';
import {openStore} from '../../src/state/store.ts';
import {keyOf, manifestOf} from '../../src/state/manifest.ts';
import {openWorld} from '../../src/state/world.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {success, type Result} from '../../src/base/result.ts';
import {repositoryRoot} from './python-interpreter.ts';

export interface Site {
  readonly disk: Disk;
  readonly clock: Clock & {advance?: (ms: number) => void};
  /** Absolute. */
  readonly packageRoot: string;
  readonly cores?: number;
}

/** Milliseconds that a fake job is recorded to have taken. */
export type DurationOf = (node: Node, trials: number | null) => number;

export class StudyBench {
  readonly site: Site;
  readonly file: string;
  readonly templates: Map<string, string>;
  durationOf: DurationOf = (node) => node.cost.estimateMs ?? 1000;
  /** Jobs that begin and do not succeed. */
  fails: (node: Node) => boolean = () => false;
  /** Contents of data columns; what is not named is `1`. */
  readonly columns = new Map<string, string>();
  /** Columns that are in the data file and that nobody asked for. */
  readonly extraColumns: string[] = [];
  /** What the environment is found to be. */
  environment: JsonObject = {training: {python: '3.11', torch: '2.9'}, data: {python: '3.11', numpy: '2.4'}};

  constructor(site: Site, file: string) {
    this.site = site;
    this.file = file;
    this.templates = new Map(
      readdirSync(`${repositoryRoot}/templates`).map((name) => [name, readFileSync(`${repositoryRoot}/templates/${name}`, 'utf8')]),
    );
    site.disk.write(file, readFileSync(`${repositoryRoot}/${file}`, 'utf8'));
    for (const path of packageFiles())
      site.disk.write(`${site.packageRoot}/${path}`, readFileSync(`${repositoryRoot}/python/${path}`, 'utf8'));
  }

  /** As a command opens it: everything is read anew. */
  session(site: Site = this.site): Session {
    site.clock.advance?.(10_000);
    return valueOf(this.open(site));
  }

  /** The same, where the study may be wrong. */
  open(site: Site = this.site, readText: (path: string) => string | undefined = (path) => site.disk.readText(path)): Result<Session> {
    const {disk, clock, packageRoot} = site;
    const tiers = valueOf(parseTiers(disk.readText(`${packageRoot}/fts/data/tiers.json`) ?? ''));
    const loaded = loadStudy({readText}, {file: this.file, tiers, cores: site.cores ?? 2});
    if (!loaded.ok) return loaded;
    const {study} = loaded.value;
    const requirements = {file: 'requirements.lock', text: 'torch==2.9'};
    const graph = valueOf(graphOf({study, templates: this.templates, requirements, hasAccelerator: true}));
    const digests = openDigests(disk, clock, '.ftsbuild/digests');
    const world = openWorld({disk, digests, packageRoot, dataManifest: study.paths.manifest});
    const store = valueOf(openStore(disk));
    return success({
      ...{study, graph, disk, clock, digests, world, store, packageRoot},
      templates: this.templates,
      remembered: new Set(),
      conditions: openConditions(),
    });
  }

  /** Nodes that a dry run would list, by their labels, with the forecast of each. */
  stale(site: Site = this.site): Map<string, Forecast> {
    const session = this.session(site);
    const all = forecast(session, neededFor(session.graph, session.graph.nodes));
    return new Map([...all].filter(([, {will}]) => will !== 'stay').map(([id, entry]) => [session.graph.get(id).label, entry]));
  }

  /** Runs what is stale, or puts back what was made before, producers first; what ran, and how many trials of it. */
  async build(): Promise<readonly {readonly node: Node; readonly trials: number | null}[]> {
    const session = this.session();
    const ran: {node: Node; trials: number | null}[] = [];
    for (const node of neededFor(session.graph, session.graph.nodes)) {
      session.world.refresh();
      const verdict = node.work.kind === 'report' ? judgeReport(session, node) : judgeNow(session, node);
      if (verdict.is !== 'stale') continue;
      const source = findSource(session, node, verdict);
      // The copy of another node's results would be verified, and these are no whole results.
      if (source?.from === 'cache') {
        await restore({session, listen: () => undefined}, node, verdict, source);
        continue;
      }
      keepSuperseded(session, node, verdict.key);
      const effort = effortOf(node, session.store.standingOf(node.id), verdict.key);
      session.store.record({kind: 'began', node: node.id, key: verdict.key, at: session.clock.now(), attempt: 1, row: null});
      if (this.fails(node)) {
        const end = {at: session.clock.now(), durationMs: 1, status: 'failed', reason: 'exit_status', message: 'it ended with 1'} as const;
        session.store.record({kind: 'ended', node: node.id, key: verdict.key, ...end});
        ran.push({node, trials: null});
        continue;
      }
      await this.#make(session, node, verdict.key);
      session.world.refresh();
      // Of the environment that counts which came out.
      const manifest = node.rule === 'environment' ? manifestOf(asInstalled(session, node), session.world) : verdict.manifest;
      rememberCode(session, node, manifest);
      session.store.record({
        kind: 'done',
        node: node.id,
        key: keyOf(manifest),
        how: 'ran',
        at: session.clock.now(),
        durationMs: this.durationOf(node, effort.trials),
        manifest,
        outputs: node.outputs.map(({path}) => [path, session.world.digestOf(path)] as const),
        extent: Object.fromEntries(node.extent),
        effort,
      });
      ran.push({node, trials: effort.trials});
    }
    session.digests.save();
    return ran;
  }

  async #make(session: Session, node: Node, key: string): Promise<void> {
    const {disk} = session;
    if (node.rule === 'data') {
      this.writeData(session, node.outputs[0]!.path);
    } else if (node.rule === 'script' && node.work.kind === 'internal') {
      const rendered = valueOf(await node.work.perform({readText: (path) => disk.readText(path)}));
      for (const {path, text} of rendered.files) disk.write(path, text);
    } else if (node.rule === 'environment') {
      disk.write(node.outputs[0]!.path, JSON.stringify(this.environment));
    } else {
      // What another key finds is another result; more trials under the same key are taken to find nothing better.
      const trials = node.rule === 'hpo' ? {trials: node.extent.get('trials')} : {};
      // What is borrowed follows from what the sources found, not from the rest of their files.
      const found =
        node.rule === 'borrow' ? node.inputs.map((input) => /"params":.*/.exec(disk.readText(input.path) ?? '')?.[0]) : key.slice(0, 8);
      const identity = {experiment: node.experiment ?? null};
      for (const {path} of node.outputs)
        disk.write(path, `${JSON.stringify({key, ...trials, identity, params: {learning_rate: found}})}\n`);
    }
  }

  /** The processed file and its manifest entry, as the data step leaves them. */
  writeData(session: Session, path: string): void {
    const features = session.study.experiments.flatMap(({training}) => {
      const value = training.record.get('features')?.value;
      return Array.isArray(value) ? value.map(String) : [];
    });
    const names = [...new Set(['Date', 'Open', 'High', 'Low', 'Close', 'Volume', ...features, ...this.extraColumns])];
    const contents = names.map((name) => [name, this.columns.get(name) ?? '1'] as const);
    const text = JSON.stringify(contents);
    session.disk.write(path, text);
    const columns = Object.fromEntries(contents.map(([name, value]) => [name, {sha256: sha256(value), nan: 0}]));
    recordDataset(session.disk, session.study.paths.manifest, {
      ...{schema_version: 1, kind: 'dataset', dataset: 'sp500', path, rows: 4779, md5: 'm', sha256: sha256(text), columns, raw: null},
    });
  }

  edit(path: string, from: string, to: string): void {
    const text = this.site.disk.readText(path);
    if (text === undefined || !text.includes(from)) throw new Error(`${path} holds no ${JSON.stringify(from)}`);
    this.site.disk.write(
      path,
      text.replace(from, () => to),
    );
  }

  editPackage(path: string, from: string, to: string): void {
    this.edit(`${this.site.packageRoot}/${path}`, from, to);
  }
}

export function packageFiles(): readonly string[] {
  const files = readdirSync(`${repositoryRoot}/python/fts`, {recursive: true}).map((name) => `fts/${String(name).replaceAll('\\', '/')}`);
  return files.filter((path) => path.endsWith('.py') || path.endsWith('tiers.json'));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function valueOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.error.map(({message}) => message).join('; '));
  return result.value;
}
