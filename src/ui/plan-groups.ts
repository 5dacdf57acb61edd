// The plan for a person: what is refused by its cause, then a line for each phase and budget with counts, price and cause.
import {formatDuration} from '../base/units.ts';
import {runs} from '../build/price.ts';
import type {Forecast} from '../build/verdicts.ts';
import type {Node, RuleName} from '../graph/node.ts';
import {groupBy} from '../results/group.ts';
import type {Paint} from './paint.ts';
import {describeSearch, type Entry, type PricedPlan} from './plan.ts';
import {describeForecast, describeReason} from './reasons.ts';

/** What is refused, blocked or failed by a check; the same cause once, however many it strikes. */
export function refusalLines(entries: readonly Entry[], paint: Paint): readonly string[] {
  const causes = new Map<string, {readonly text: string; readonly struck: Node[]; blocked: number}>();
  const causeOf = new Map<Node, string>();
  for (const {node, entry} of entries) {
    if (entry.will !== 'be_refused' && entry.will !== 'fail') continue;
    const text = describeForecast(entry);
    // The same sentence with other numbers is the same cause.
    const name = text.replaceAll(/\d+(?:\.\d+)?/g, '#');
    const cause = causes.get(name) ?? {text, struck: [], blocked: 0};
    causes.set(name, cause);
    cause.struck.push(node);
    causeOf.set(node, name);
  }
  for (const {entry} of entries) {
    const root = entry.will === 'be_blocked' ? causes.get(causeOf.get(entry.by) ?? '') : undefined;
    if (root !== undefined) root.blocked++;
  }
  return [...causes.values()].map(({text, struck, blocked}) => {
    const also = struck.length > 1 && /\d/.test(text) ? ' (and alike)' : '';
    const waits =
      blocked > 0
        ? `; ${count(blocked, 'target')} that ${blocked === 1 ? 'needs' : 'need'} it ${blocked === 1 ? 'is' : 'are'} blocked`
        : '';
    return `${paint.yellow(labelsOf(struck))}  ${text}${also}${waits}`;
  });
}

const mostLabels = 3;

function labelsOf(nodes: readonly Node[]): string {
  const more = nodes.length - mostLabels;
  const shown = nodes.slice(0, mostLabels).map(({label}) => label);
  return `${shown.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}

export function groupLines(plan: PricedPlan, entries: readonly Entry[], paint: Paint): readonly string[] {
  const active = entries.filter(({entry}) => runs(entry) || entry.will === 'be_restored');
  const groups = groupBy(active, ({node}) => nameOf(node));
  const rows = [...groups].map(([name, members]) => ({
    name,
    price: priceOf(plan, members),
    counts: countsOf(members),
    cause: causeOf(members),
    searches: searchesOf(plan, members),
  }));
  const width = (of: 'name' | 'price'): number => Math.max(0, ...rows.map((row) => row[of].length));
  const [names, prices] = [width('name'), width('price')];
  return rows.flatMap(({name, price, counts, cause, searches}) => [
    `${name.padEnd(names)}  ${price.padStart(prices)}  ${counts}  ${paint.dim(cause)}`,
    ...searches.map((text) => `${' '.repeat(names + prices + 4)}${paint.dim(text)}`),
  ]);
}

// What belongs to no experiment (data, the READMEs of phases, the report) is the study's.
function nameOf({experiment, phase, dims}: Node): string {
  const budget = dims.get('budget');
  return experiment === undefined ? 'study' : [phase ?? '', ...(budget === undefined ? [] : [budget])].join(' ');
}

// What is not known is said, and adds nothing: the figure is a least one.
function priceOf({price}: PricedPlan, members: readonly Entry[]): string {
  const running = members.filter(({entry}) => runs(entry));
  if (running.length === 0) return 'nothing';
  const known = running.flatMap(({node}) => price.of.get(node.id) ?? []);
  const total = known.reduce((sum, {ms}) => sum + ms, 0);
  const unknown = running.length - known.length;
  if (unknown === running.length) return '?';
  return unknown > 0 ? `at least ${formatDuration(total)}` : formatDuration(total);
}

const nouns: Readonly<Record<RuleName, readonly [one: string, many: string]>> = {
  environment: ['environment', 'environments'],
  data: ['data step', 'data steps'],
  script: ['script', 'scripts'],
  hpo: ['search', 'searches'],
  borrow: ['borrow', 'borrows'],
  training: ['training', 'trainings'],
  report: ['report', 'reports'],
};

// What costs nothing to speak of comes last.
const byWeight: readonly RuleName[] = ['hpo', 'borrow', 'training', 'data', 'environment', 'report', 'script'];

function countsOf(members: readonly Entry[]): string {
  const parts = byWeight.flatMap((rule) => {
    const all = members.filter(({node, entry}) => node.rule === rule && runs(entry)).length;
    return all === 0 ? [] : [`${String(all)} ${nouns[rule][all === 1 ? 0 : 1]}`];
  });
  const restored = members.filter(({entry}) => entry.will === 'be_restored').length;
  return [...parts, ...(restored > 0 ? [`${String(restored)} restored from the cache`] : [])].join(', ');
}

const mostCauses = 2;

// Reasons of their own, the most frequent first; what only follows on others says nothing new.
function causeOf(members: readonly Entry[]): string {
  const causes = new Map<string, number>();
  for (const {entry} of members) for (const text of ownReason(entry)) causes.set(text, (causes.get(text) ?? 0) + 1);
  const texts = [...causes].toSorted(([, left], [, right]) => right - left).map(([text]) => text);
  if (texts.length === 0) return 'follows on what is before it';
  const more = texts.length - mostCauses;
  return `${texts.slice(0, mostCauses).join('; ')}${more > 0 ? `; and ${count(more, 'more reason')}` : ''}`;
}

function ownReason(entry: Forecast): readonly string[] {
  if (entry.will !== 'run' && entry.will !== 'be_restored') return [];
  const reason = describeReason(entry.verdict.reason);
  return [entry.will === 'run' && entry.resumes !== undefined ? `${reason}; some go on where they were` : reason];
}

function searchesOf({session, price}: PricedPlan, members: readonly Entry[]): readonly string[] {
  const searches = members.filter(({node, entry}) => node.rule === 'hpo' && runs(entry)).map(({node}) => node);
  const texts = [...new Set(searches.map((node) => describeSearch(session, node).replace(/^; /, '')))].filter((text) => text !== '');
  const held = searches.filter(({id}) => price.waits.has(id)).length;
  const shown = texts.length > 1 ? [`${texts[0] ?? ''} (others vary otherwise)`] : texts;
  return [
    ...shown.map((text) => `each search ${text}`),
    ...(held > 0 ? [`${count(held, 'search')} held until a canary has succeeded`] : []),
  ];
}

function count(number: number, noun: string): string {
  if (number === 1) return `1 ${noun}`;
  return `${String(number)} ${noun.endsWith('ch') ? `${noun}es` : `${noun}s`}`;
}
