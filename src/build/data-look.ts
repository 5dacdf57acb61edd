// What `check` can say of each dataset: what the data step found of it, or, before it has run, what the file itself shows. Writes nothing.
import {problem, warning, type Diagnostic} from '../base/diagnostic.ts';
import type {NodeId} from '../base/ids.ts';
import type {Dataset} from '../config/study.ts';
import {dataNodeId} from '../rules/data.ts';
import type {Plausibility} from '../state/data-manifest.ts';
import {cautionOf} from './input-gates.ts';
import {lookAtRaw, rawPathOf} from './raw-data.ts';
import type {Session} from './session.ts';
import {isAwaited, type Forecast} from './verdicts.ts';

export interface LookedAt {
  readonly dataset: Dataset;
  readonly problems: readonly Diagnostic[];
  /** Known from the data step, while the file is as it left it. */
  readonly plausibility: Plausibility | undefined;
  /** The data step will look at a file that is there and that nobody but Python can read. */
  readonly needsPython: boolean;
}

export function lookAtData(session: Session, forecasts: ReadonlyMap<NodeId, Forecast>): readonly LookedAt[] {
  return session.study.data.map((dataset) => {
    const entry = session.world.findDataEntry(dataset.path);
    // Of data that will be made again the manifest tells what was.
    return entry === undefined || isAwaited(forecasts.get(dataNodeId(dataset))) ? ahead(session, dataset) : known(dataset, entry);
  });
}

function known(dataset: Dataset, entry: NonNullable<ReturnType<Session['world']['findDataEntry']>>): LookedAt {
  const {span} = dataset;
  const problems = entry.cautions.map(({message}) => ({...cautionOf(rawPathOf(dataset) ?? dataset.path, message), span}));
  return {dataset, problems, plausibility: entry.plausibility, needsPython: false};
}

function ahead(session: Session, dataset: Dataset): LookedAt {
  const {span} = dataset;
  const looked = lookAtRaw(session, dataset);
  const plain = {dataset, plausibility: undefined, needsPython: false};
  switch (looked.is) {
    case 'missing': {
      // In CI there mostly is no data, and the study is none the worse for it.
      const help = 'Put it there, or give the dataset a builder that makes it; where no data is meant to be, use --no-data.';
      return {...plain, problems: [warning('FTS604', `data ${dataset.name}: ${looked.path} is missing`, {span, help})]};
    }
    case 'wrong':
      return {...plain, problems: [problem('FTS604', looked.message, {span, help: 'A build would refuse it with exit status 3.'})]};
    case 'sound':
      return {...plain, problems: []};
    case 'unknown':
      return {...plain, problems: [], needsPython: rawPathOf(dataset) !== undefined};
  }
}
