// The sentence for each thing that changed: `learning_rate: 0.1 -> 0.2`, `fts/training.py: train`, `data: 2 columns changed: a, b`.
import {unreachable} from '../base/unreachable.ts';
import type {Change} from '../build/changes.ts';
import {moduleRest} from '../state/python-source.ts';
import type {Difference} from '../state/manifest.ts';
import {describeDifference} from './reasons.ts';
import {mostShown, shortList} from './values.ts';

/** Columns are told together, and so are the results that a report shows; everything else one by one. */
export function describeChanges(changes: readonly Change[]): readonly string[] {
  const columns = changes.filter(({name}) => name.startsWith('file data:'));
  const results = changes.filter(({kind}) => kind === 'result');
  const others = changes.filter((change) => !columns.includes(change) && !results.includes(change)).map((change) => describeChange(change));
  // A script holds its record twice, as a whole and in parts.
  return [...new Set(others), ...(columns.length === 0 ? [] : [describeColumns(columns)]), ...describeResults(results)];
}

function describeResults(results: readonly Change[]): readonly string[] {
  const texts = results.map((change) => describeChange(change));
  return texts.length <= mostShown ? texts : [...texts.slice(0, mostShown), `and ${String(texts.length - mostShown)} more results`];
}

export function describeChange(change: Change): string {
  const from = change.producer === undefined || change.kind === 'code' ? '' : ` (made by ${change.producer.label})`;
  switch (change.kind) {
    case 'code':
      return describeCode(change);
    case 'data':
      return describeColumns([change]);
    case 'environment':
      return describeDifference(change);
    case 'parameter':
    case 'file':
      return `${describeDifference(change)}${from}`;
    case 'rule':
      return `the way this program makes it changed: ${describeDifference(change)}`;
    case 'result':
      return describeDifference(change);
    default:
      return unreachable(change.kind);
  }
}

function plainName({name}: Difference): string {
  return name.replace(/^(param|file|code) /, '');
}

/** `fts/training.py: train, Trainer.step`. */
function describeCode(change: Change): string {
  const name = change.name === 'file script' ? 'the script' : plainName(change);
  if (change.before === undefined) return `${name} is imported now`;
  if (change.after === undefined) return `${name} is no longer imported`;
  if (change.parts === undefined) return `${name} changed`;
  if (change.parts.length === 0) return `${name}: order of its definitions`;
  return `${name}: ${shortList(change.parts.map((part) => (part === moduleRest ? 'top level' : part)))}`;
}

function describeColumns(columns: readonly Change[]): string {
  const groups = [
    ['changed', columns.filter(({before, after}) => before !== undefined && after !== undefined && after !== 'missing')],
    ['new', columns.filter(({before, after}) => before === undefined && after !== 'missing')],
    ['missing', columns.filter(({after}) => after === 'missing')],
    ['no longer read', columns.filter(({after}) => after === undefined)],
  ] as const;
  const texts = groups
    .filter(([, group]) => group.length > 0)
    .map(([what, group]) => {
      const names = group.map(({name}) => name.replace(/^file data:?/, '')).filter((name) => name !== '');
      return names.length === 0
        ? `the file is ${what}`
        : `${names.length === 1 ? 'column' : `${String(names.length)} columns`} ${what}: ${shortList(names)}`;
    });
  return `data: ${texts.join('; ')}`;
}
