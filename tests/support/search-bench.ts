// Searches and trainings in memory that write whole, valid results: for what becomes of results after they were made.
import {nodeId, projectPath} from '../../src/base/ids.ts';
import type {Json, JsonObject} from '../../src/base/json.ts';
import {forecast, type Forecast} from '../../src/build/verdicts.ts';
import type {JobWork} from '../../src/graph/node.ts';
import {neededFor} from '../../src/graph/order.ts';
import {Bench, type JobScript, type Step} from './bench.ts';
import {sampleMetrics} from '../results/samples.ts';
import {sampleBestParams} from './samples.ts';

export interface StudyOptions {
  readonly params?: Readonly<Record<string, Json>>;
  readonly trials?: number;
  readonly checks?: JobWork['checks'];
  readonly pool?: 'cpu' | 'accelerator';
}

export const bestOf = (name: string): string => `outputs/hpo/${name}/best_params.json`;

/** One search, called `name`. */
export function study(name: string, {params = {}, trials = 3, checks = [], pool = 'cpu'}: StudyOptions = {}): Step {
  return {
    out: bestOf(name),
    pool,
    params,
    extent: {trials},
    volatile: [`outputs/hpo/${name}/study.db`],
    job: {
      output: projectPath(`outputs/hpo/${name}`),
      logFile: projectPath(`outputs/hpo/${name}/hpo.log`),
      identity: identityOf(name),
      record: {search: {learning_rate: {kind: 'log', low: 1e-4, high: 1e-3}}, architecture: null, seed: 42},
      extent: {trials},
      checks,
    },
  };
}

export const metricsOf = (name: string): string => `outputs/training/${name}/seed42/metrics.json`;

/** The training of the experiment `name`, on the parameters that its search found. */
export function training(name: string, {params = {}, checks = []}: Pick<StudyOptions, 'params' | 'checks'> = {}): Step {
  const folder = `outputs/training/${name}/seed42`;
  return {
    out: metricsOf(name),
    in: [{path: bestOf(name), part: {of: 'json', pointer: '/params'}, role: 'best_params'}],
    pool: 'cpu',
    params,
    volatile: [`${folder}/checkpoints/best.pt`],
    job: {
      rule: 'training',
      output: projectPath(folder),
      logFile: projectPath(`${folder}/train.log`),
      identity: identityOf(name),
      record: {seed: 42},
      seed: 42,
      checks,
    },
  };
}

export function identityOf(name: string): NonNullable<JobWork['identity']> {
  return {...sampleBestParams('').identity, experiment: name};
}

/** Each run of a search succeeds, and its result differs from every other run's by its time. */
export class StudyBench extends Bench {
  /** Searches whose Python process was started, in order. */
  readonly started: string[] = [];

  constructor(steps: readonly Step[]) {
    super(steps);
    for (const {out} of steps) this.succeed(out);
  }

  succeed(out: string, change: JsonObject = {}): void {
    this.jobs.set(out, () => {
      const job = this.jobOf(out);
      this.started.push(out);
      const {experiment} = job.identity;
      if (out === metricsOf(experiment)) return this.#trained(out, change);
      const trials = {expected: job.extent.trials, ended: job.extent.trials, complete: job.extent.trials, pruned: 0, failed: 0};
      const provenance = this.#provenance();
      return {
        progress: [{event: 'result', status: 'success', reason: null, message: null, val_loss: 0.5}],
        ending: {how: 'exited', status: 0},
        files: {
          [out]: JSON.stringify({...sampleBestParams(job.key), identity: identityOf(experiment), trials, provenance, ...change}),
          [`outputs/hpo/${experiment}/study.db`]: `database of ${job.key} with ${String(trials.ended)} trials`,
        },
      };
    });
  }

  #provenance(): JsonObject {
    return {...sampleBestParams('').provenance, created: new Date(this.clock.now() + this.started.length).toISOString()};
  }

  #trained(out: string, change: JsonObject): JobScript {
    const job = this.jobOf(out);
    const {experiment} = job.identity;
    const sample = sampleMetrics(identityOf(experiment), {seed: 42, size: 100, loss: 0.5});
    const rest = {head_dropout: 0, weight_decay: 0.01, warmup: 0.1, batch_size: 64, epochs: 50, patience: 0, grad_clip: 1};
    const hpo = {...sample.hpo, key: (JSON.parse(this.disk.readText(bestOf(experiment)) ?? '{}') as {key: string}).key};
    const metrics = {...sample, key: job.key, params: {...sample.params, ...rest}, hpo, provenance: this.#provenance()};
    const folder = `outputs/training/${experiment}/seed42`;
    return {
      progress: [{event: 'result', status: 'success', reason: null, message: null, val_loss: 0.5}],
      ending: {how: 'exited', status: 0},
      files: {
        [out]: JSON.stringify({...metrics, ...change}),
        [`${folder}/checkpoints/best.pt`]: `weights of ${job.key}`,
        [`${folder}/checkpoints/last.pt`]: 'to resume',
      },
    };
  }

  /** The next runs are cut after some trials. */
  cut(out: string, trials = 2): void {
    this.jobs.set(out, (): JobScript => {
      const job = this.jobOf(out);
      this.started.push(out);
      const folder = `outputs/hpo/${job.identity.experiment}`;
      return {
        progress: [{event: 'result', status: 'partial', reason: 'timeout', message: `${String(trials)} of 3 trials`}],
        ending: {how: 'exited', status: 4},
        files: {[`${folder}/study.db`]: `half a database of ${job.key}`, [`${folder}/trials.jsonl`]: '{}\n'.repeat(trials)},
      };
    });
  }

  /** The next run succeeds; `look` sees the disk as the job finds it. */
  goOn(out: string, look: () => void): void {
    this.succeed(out);
    const run = this.jobs.get(out);
    this.jobs.set(out, (command) => {
      look();
      if (run === undefined) throw new Error('unreachable: it was just set');
      return run(command);
    });
  }

  forecastOf(out: string): Forecast {
    const session = this.session();
    const entry = forecast(session, neededFor(session.graph, session.graph.nodes)).get(nodeId(out));
    if (entry === undefined) throw new Error(`nothing makes ${out}`);
    return entry;
  }

  jobOf(out: string): {key: string; identity: {experiment: string}; extent: {trials: number}; node: string} {
    const folders = this.disk.list('.ftsbuild/jobs');
    for (const folder of folders === 'missing' ? [] : folders) {
      const job = JSON.parse(this.disk.readText(`.ftsbuild/jobs/${folder}/job.json`) ?? '{}') as ReturnType<StudyBench['jobOf']>;
      if (job.node === out) return job;
    }
    throw new Error(`no job file of ${out}`);
  }

  rows(): number {
    return Math.max(0, (this.disk.readText('docs/experiment_results.csv') ?? '').trimEnd().split('\n').length - 1);
  }

  /** Every file below a folder, with its text. */
  filesIn(folder: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.disk.texts()).filter(([path]) => path.startsWith(`${folder}/`)));
  }
}
