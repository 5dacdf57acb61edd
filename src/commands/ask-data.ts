// Asks the study's interpreter what a data step would say of files that only Python reads, for `check`. Runs no step, and writes nothing.
import {problem, type Diagnostic} from '../base/diagnostic.ts';
import {isJsonObject, type JsonObject} from '../base/json.ts';
import type {LookedAt} from '../build/data-look.ts';
import {refuseFor} from '../build/gates.ts';
import {cautionOf} from '../build/input-gates.ts';
import {describeRefused, type Inspected, type Refused} from '../build/inspect.ts';
import {interpreterOf} from '../build/run-job.ts';
import type {Session} from '../build/session.ts';
import {findOutput} from '../host/run.ts';
import {dataNodeId} from '../rules/data.ts';
import {parseDataEntry} from '../state/data-manifest.ts';
import {unpackPrices} from '../state/prices.ts';

/** Longer than any file of prices takes; who cannot answer is not waited for. */
const timeoutMs = 20_000;

interface Asked {
  readonly look: LookedAt;
  readonly order: JsonObject;
}

/** The same with what Python says of the files that needed it. */
export async function askData(session: Session, inspected: Inspected): Promise<Inspected> {
  const asked = inspected.data.flatMap((look) => (look.needsPython ? orderOf(session, look) : []));
  const answers = asked.length === 0 ? undefined : await ask(session, asked);
  if (answers === undefined) return inspected;
  const found = new Map(
    asked.flatMap(({look}, index) => {
      const answer = answers[index];
      return isJsonObject(answer) ? [[look, judged(session, look, answer)] as const] : [];
    }),
  );
  const refused = [...found.values()].flatMap((entry) => entry.refused);
  const problems = [...[...found.values()].flatMap(({look}) => look.problems), ...describeRefused(session, refused)];
  return {
    ...inspected,
    problems: [...inspected.problems, ...problems],
    refused: [...inspected.refused, ...refused],
    data: inspected.data.map((look) => found.get(look)?.look ?? look),
  };
}

function orderOf({graph}: Session, look: LookedAt): readonly Asked[] {
  const {work} = graph.get(dataNodeId(look.dataset));
  if (work.kind !== 'job') return [];
  const {record, extent} = work.job;
  return [{look, order: {dataset: look.dataset.name, params: record, labels: extent['labels'] ?? []}}];
}

async function ask(session: Session, asked: readonly Asked[]): Promise<readonly unknown[] | undefined> {
  const {disk, packageRoot} = session;
  const interpreter = interpreterOf(session);
  if (disk.stat(interpreter) === 'missing') return undefined;
  const orders = JSON.stringify({workspace: disk.root, orders: asked.map(({order}) => order)});
  const said = await findOutput([interpreter, '-B', '-m', 'fts.data.look', orders], {
    ...{directory: disk.root, timeoutMs, environment: {PYTHONPATH: packageRoot}},
  });
  return parseList(said);
}

function parseList(text: string | undefined): readonly unknown[] | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

interface Judged {
  readonly look: LookedAt;
  readonly refused: readonly Refused[];
}

function judged(session: Session, look: LookedAt, {message, record}: JsonObject): Judged {
  const {dataset} = look;
  const {span} = dataset;
  const plain = {...look, needsPython: false};
  if (typeof message === 'string') {
    const help = 'A build would refuse it with exit status 3.';
    return {look: {...plain, problems: [problem('FTS604', message, {span, help})]}, refused: []};
  }
  const entry = isJsonObject(record) ? parseDataEntry(record) : undefined;
  if (entry === undefined) return {look: plain, refused: []};
  const problems: readonly Diagnostic[] = entry.cautions.map((caution) => ({...cautionOf(dataset.path, caution.message), span}));
  const prices = entry.prices === undefined ? undefined : unpackPrices(entry.prices);
  const refused = session.graph.nodes.flatMap(({work, label, experiment}) => {
    if (experiment === undefined || work.kind !== 'job' || work.job.data !== dataset.path) return [];
    const refusal = refuseFor(session, work.job, {rows: entry.rows, prices});
    return refusal === undefined ? [] : [{label, experiment, message: refusal.message}];
  });
  return {look: {...plain, problems, plausibility: entry.plausibility}, refused};
}
