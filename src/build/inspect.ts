// Everything that is known of an opened study without running it: conditions, templates, data, plan and price. Writes nothing.
import {warning, type Diagnostic, type Span} from '../base/diagnostic.ts';
import type {NodeId} from '../base/ids.ts';
import type {Node} from '../graph/node.ts';
import {neededFor} from '../graph/order.ts';
import {findConditionProblems, lookWith} from './conditions.ts';
import {lookAtData, type LookedAt} from './data-look.ts';
import {findRefusal, type Refusal} from './gates.ts';
import {findDataFailures} from './input-gates.ts';
import {dataIsAwaited} from './plan-gates.ts';
import {lookAtRaw} from './raw-data.ts';
import {priceOf, type PlanOf, type Price} from './price.ts';
import {renderAll, type RenderedScript} from './render-all.ts';
import type {Session} from './session.ts';
import {forecast, foreseeRefusal, type Forecast} from './verdicts.ts';

export interface Inspected {
  readonly problems: readonly Diagnostic[];
  readonly scripts: readonly RenderedScript[];
  readonly plan: PlanOf & {readonly price: Price};
  /** Searches and trainings that would be refused, as far as the rows are known. */
  readonly refused: readonly Refused[];
  /** The datasets; none where they were not to be looked at. */
  readonly data: readonly LookedAt[];
}

export interface Refused {
  readonly label: string;
  readonly experiment: string;
  readonly message: string;
}

export interface InspectOptions {
  /** Hold the data files that are there against what the study wants of them. */
  readonly looksAtData: boolean;
  readonly jobs: number;
}

export async function inspect(session: Session, {looksAtData, jobs}: InspectOptions): Promise<Inspected> {
  const order = neededFor(session.graph, session.graph.nodes);
  const forecasts = await lookWith(session.conditions, () => forecast(session, order));
  const {scripts, problems: templateProblems} = await renderAll(session, forecasts);
  const refused = looksAtData ? await lookWith(session.conditions, () => findRefused(session, forecasts)) : [];
  const data = looksAtData ? lookAtData(session, forecasts) : [];
  const dataProblems = looksAtData ? findFileProblems(session, forecasts) : [];
  const problems = [
    ...(await findConditionProblems(session.study)),
    ...templateProblems,
    ...data.flatMap(({problems: found}) => found),
    ...dataProblems,
    ...describeRefused(session, refused),
  ];
  const plan = {session, order, forecasts, jobs};
  return {problems, scripts, refused, data, plan: {...plan, price: priceOf(plan)}};
}

function findRefused(session: Session, forecasts: ReadonlyMap<NodeId, Forecast>): readonly Refused[] {
  return session.graph.nodes.flatMap((node) => {
    const {label, experiment} = node;
    const refusal = experiment === undefined ? undefined : (foreseeRefusal(session, node, forecasts) ?? refusedByManifest(session, node));
    return refusal === undefined || experiment === undefined ? [] : [{label, experiment, message: refusal.message}];
  });
}

// Data that will be made again, of something that shows nothing before, is most likely what it was.
function refusedByManifest(session: Session, {work}: Node): Refusal | undefined {
  if (work.kind !== 'job') return undefined;
  const dataset = session.study.data.find(({path}) => path === work.job.data);
  const isShown = dataset !== undefined && lookAtRaw(session, dataset).is === 'sound';
  return isShown ? undefined : findRefusal(session, work.job);
}

// What the data manifest knows, against what the study reads of it. Files that are not there, and those that the next build makes anew,
// are none of the study's mistakes: in CI there mostly is no data.
function findFileProblems(session: Session, forecasts: ReadonlyMap<NodeId, Forecast>): readonly Diagnostic[] {
  const readers = session.graph.nodes.flatMap((node) =>
    node.work.kind === 'job' && node.work.job.data !== undefined && !dataIsAwaited(session, node, forecasts)
      ? [{node, work: node.work.job}]
      : [],
  );
  const spans = new Map(session.study.data.map(({path, span}) => [path, span]));
  return findDataFailures(session, readers).map(({node, diagnostic}) => {
    const span = node.work.kind === 'job' && node.work.job.data !== undefined ? spans.get(node.work.job.data) : undefined;
    return {...diagnostic, severity: 'warning', ...(span !== undefined && {span})};
  });
}

/** What is refused is no mistake in the file: the rest of the matrix runs. The points of one matrix share its place. */
export function describeRefused({study}: Session, refused: readonly Refused[]): readonly Diagnostic[] {
  const spans = new Map(study.experiments.map(({name, span}) => [name, span]));
  const groups = new Map<string, {readonly span: Span; readonly message: string; readonly labels: string[]}>();
  for (const {label, experiment, message} of refused) {
    const span = spans.get(experiment);
    if (span === undefined) continue;
    const name = `${span.file}:${span.offset}:${message}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, {span, message, labels: [label]});
    else group.labels.push(label);
  }
  return [...groups.values()].map(({span, message, labels}) =>
    warning('FTS504', `${shortList(labels)} will be refused: ${message}`, {
      span,
      help: 'Leave them out, or change their split, their data or what is asserted; the others run.',
    }),
  );
}

const longestList = 3;

function shortList(labels: readonly string[]): string {
  const more = labels.length - longestList;
  return more <= 0 ? labels.join(', ') : `${labels.slice(0, longestList).join(', ')} and ${String(more)} more`;
}
