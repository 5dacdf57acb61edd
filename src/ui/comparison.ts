// Shows what another configuration makes of a study: as text, as a Markdown table for a review, or as JSON.
import {formatDuration} from '../base/units.ts';
import type {Comparison, ExperimentChange, NodeChange} from '../build/compare.ts';
import type {Sum} from '../build/sums.ts';
import {escapeText} from '../results/markdown.ts';
import {sumOf} from '../build/sums.ts';
import {describeChange, describeChanges} from './changes.ts';
import {plainEstimate} from './price.ts';
import type {Paint} from './paint.ts';
import {describeCost, plainSum} from './standing.ts';

export interface Named {
  readonly before: string;
  readonly after: string;
}

export function describeComparison(comparison: Comparison, names: Named, paint: Paint): readonly string[] {
  const head = `${names.before} -> ${names.after}`;
  if (comparison.experiments.length === 0) return [head, 'no difference: the same experiments, with the same keys'];
  return [
    head,
    ...linesOf(comparison).map(({sign, text, nodes}) => `${paintSign(sign, paint)} ${text}${paint.dim(describeCost(costOf(nodes)))}`),
    ...describeTotals(comparison),
  ];
}

/** For the comment of a pull request. */
export function comparisonTable(comparison: Comparison, names: Named): readonly string[] {
  const head = `**ftsbuild diff** \`${names.before}\` → \`${names.after}\``;
  if (comparison.experiments.length === 0) return [head, '', 'No difference: the same experiments, with the same keys.'];
  const rows = linesOf(comparison).map(
    ({sign, text, nodes}) => `| ${sign} | ${escapeText(text)} | ${describeCost(costOf(nodes)).trim()} |`,
  );
  return [head, '', '| | what | compute |', '|---|---|---|', ...rows, '', ...describeTotals(comparison)];
}

type Sign = '+' | '-' | '~';

interface Line {
  readonly sign: Sign;
  readonly text: string;
  readonly nodes: readonly NodeChange[];
}

const mostNames = 3;
const signs = {appears: '+', disappears: '-', changes: '~'} as const;

// Experiments to which the same happens are told together.
function linesOf({experiments}: Comparison): readonly Line[] {
  const groups = new Map<string, ExperimentChange[]>();
  for (const one of experiments) {
    const name = `${signs[one.how]} ${whatHappens(one)}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [one]);
    else group.push(one);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const names = group.map(({experiment}) => experiment ?? 'data and environment');
    const shown = names.slice(0, mostNames).join(', ');
    const more = names.length > mostNames ? ` and ${String(names.length - mostNames)} more` : '';
    return [{sign: signs[first.how], text: `${shown}${more}: ${whatHappens(first)}`, nodes: group.flatMap(({nodes}) => nodes)}];
  });
}

function whatHappens({how, nodes}: ExperimentChange): string {
  if (how !== 'changes') return how;
  const texts = new Set(nodes.flatMap(({changes}) => describeChanges(changes)));
  const states = new Set(nodes.flatMap((change) => describeState(change)));
  return [...texts, ...states].join('; ');
}

function describeState({node, how, before, after}: NodeChange): readonly string[] {
  if (how === 'new') return [`${node.rule} is new`];
  if (how === 'gone') return [`${node.rule} is gone`];
  if (before === after) return how === 'follows' ? [`${node.rule} follows`] : [];
  return [`${node.rule} ${String(before)} -> ${String(after)}`];
}

function costOf(nodes: readonly NodeChange[]): Sum {
  return sumOf(nodes.map(({adds}) => adds));
}

function describeTotals({experiments, adds, drops}: Comparison): readonly string[] {
  const count = (how: ExperimentChange['how']): number =>
    experiments.filter((one) => one.how === how && one.experiment !== undefined).length;
  const cost = adds.ms > 0 || adds.unknown > 0 ? `costs${describeCost(adds).replace(/^,? +/, ' ')}` : 'costs nothing';
  const saved = drops.ms > 0 ? `, instead of about ${formatDuration(drops.ms)} before` : '';
  return [
    `${String(count('appears'))} appear, ${String(count('disappears'))} disappear, ${String(count('changes'))} change; what is changed ${cost}${saved}`,
  ];
}

function paintSign(sign: Sign, paint: Paint): string {
  if (sign === '~') return paint.yellow(sign);
  return sign === '+' ? paint.green(sign) : paint.red(sign);
}

/** As `schemas/diff.schema.json` says. */
export function plainComparison({experiments, adds, drops}: Comparison, names: Named): object {
  return {
    schema_version: 1,
    ...names,
    experiments: experiments.map(({experiment, how, nodes}) => ({
      experiment: experiment ?? null,
      how,
      targets: nodes.map(({node, how: nodeHow, changes, ...rest}) => ({
        target: node.outputs[0]?.path ?? node.id,
        rule: node.rule,
        how: nodeHow,
        before: rest.before,
        after: rest.after,
        changes: changes.map((change) => ({
          name: change.name,
          before: change.before ?? null,
          after: change.after ?? null,
          text: describeChange(change),
        })),
        runs: rest.adds !== 'nothing',
        estimate: plainEstimate(rest.adds),
      })),
    })),
    adds: plainSum(adds),
    drops: plainSum(drops),
  };
}
