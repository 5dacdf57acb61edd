// Searches and trainings in memory whose record, data and results say how much work they are: for what is learnt of their price.
import {projectPath} from '../../src/base/ids.ts';
import type {JsonObject} from '../../src/base/json.ts';
import {estimateIn, type Cost, type Estimate} from '../../src/build/estimate.ts';
import {openPricer} from '../../src/build/price.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {recordDataset} from '../../src/state/data-manifest.ts';
import {nodeId} from '../../src/base/ids.ts';
import {sampleBestParams} from './samples.ts';
import {identityOf, StudyBench, study, type StudyOptions} from './search-bench.ts';
import type {Step} from './bench.ts';

/** Of 1000 rows 750 windows are for training and 90 for validation; six patches in each. */
const record = {
  ...{'split.mode': 'contiguous', 'split.validation': 0.15, 'split.test': 0.04, 'split.block': 100, 'split.embargo': 0},
  ...{context: 60, horizon: 1, 'patch.length': 10, 'patch.stride': 10, epochs: 10, subset: 1, patience: 0, pruner: 'none'},
  ...{device: 'cpu', threads: 1, precision: 'auto', 'budget.params': 2e6},
};

export const dataPath = projectPath('data/processed/v1/d.parquet');

export interface PricedOptions extends StudyOptions {
  readonly record?: JsonObject;
  /** Milliseconds that the file says of the whole. */
  readonly stated?: number;
}

export function pricedStudy(name: string, {record: change = {}, stated, ...options}: PricedOptions = {}): Step {
  const step = study(name, options);
  return {
    ...step,
    params: {name, ...options.params, ...change},
    ...(stated === undefined ? {} : {ms: stated}),
    job: {...step.job, data: dataPath, record: {...record, ...change}},
  };
}

/** A trial as a line of `trials.jsonl`. */
export function trialLine(trial: number, change: JsonObject = {}): string {
  const epochs = Array.from({length: 10}, (_, index) => ({epoch: index + 1, train_loss: 0.5, val_loss: 0.5, val_auc: 0.5}));
  const plain = {schema_version: 1, trial, state: 'complete', value: 0.5, params: {learning_rate: 0.001}, param_count: 2e6, epoch: 1};
  return `${JSON.stringify({...plain, epochs, seconds: 10, reason: null, cached: false, ...change})}\n`;
}

export class PricedBench extends StudyBench {
  constructor(steps: readonly Step[], rows = 1000) {
    super(steps);
    this.setRows(rows);
  }

  setRows(rows: number): void {
    this.disk.write(dataPath, `${String(rows)} rows`);
    const entry = {dataset: 'd', path: dataPath, rows, md5: 'm', sha256: this.session().digests.digestOf(dataPath), columns: {}, raw: null};
    recordDataset(this.disk, 'data/manifest.json', {schema_version: 1, kind: 'dataset', ...entry});
  }

  /** The next run of the search takes so many seconds a trial; `trials` are the lines that it leaves. */
  takes(name: string, trials: readonly string[], samples = {train: 750, val: 90}): void {
    const out = `outputs/hpo/${name}/best_params.json`;
    this.jobs.set(out, () => {
      const {key, extent} = this.jobOf(out);
      const step = this.steps.find((one) => one.out === out);
      const result = {
        ...sampleBestParams(key),
        // Another search finds another configuration.
        params: {learning_rate: 1 / (1 + Number.parseInt(key.slice(0, 6), 16))},
        identity: identityOf(name),
        trials: {expected: extent.trials, ended: extent.trials, complete: extent.trials, pruned: 0, failed: 0},
        samples: {
          train: {windows: samples.train, positives: 100},
          val: {windows: samples.val, positives: 10},
          test: {windows: 30, positives: 10},
        },
        record: step?.job?.record ?? {},
      };
      return {
        progress: [{event: 'result', status: 'success', reason: null, message: null, val_loss: 0.5}],
        ending: {how: 'exited', status: 0},
        files: {
          [out]: JSON.stringify(result),
          [`outputs/hpo/${name}/study.db`]: 'a database',
          [`outputs/hpo/${name}/trials.jsonl`]: trials.join(''),
        },
      };
    });
  }

  costOf(name: string): Cost {
    const session = this.session();
    const node = session.graph.get(nodeId(`outputs/hpo/${name}/best_params.json`));
    return openPricer(session, forecast(session, session.graph.nodes))(node);
  }

  estimateOf(name: string): Estimate {
    const estimate = estimateIn(this.costOf(name));
    if (estimate === undefined) throw new Error(`${name} has no estimate`);
    return estimate;
  }
}
