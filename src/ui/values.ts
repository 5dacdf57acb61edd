// How one value became another, in the words of the YAML: `dropout: {uniform: [0, 0.3]} -> {uniform: [0, 0.2]}`, `features: +rsi_14, -macd`.
import {isJsonObject, type Json, type JsonObject} from '../base/json.ts';
import {sorted} from '../base/order.ts';
import {visible} from '../base/visible.ts';

/** One line for each part that differs; `name` is what it is called as a whole. Both are canonical JSON, or texts. */
export function describeValues(name: string, before: string, after: string): readonly string[] {
  return wordsOf(leavesOf({path: [], subject: undefined}, parse(before), parse(after)), name);
}

export const mostShown = 8;

export function shortList(words: readonly string[], most = mostShown): string {
  const more = words.length - most;
  return more > 0 ? `${words.slice(0, most).join(', ')} and ${String(more)} more` : words.join(', ');
}

/** As in a YAML file, on one line. */
export function yamlText(value: Json): string {
  if (value === null) return 'none';
  if (typeof value === 'string') return isDigest(value) ? 'another content' : excerpt(visible(value), 0);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (!isJsonObject(value)) return `[${shortList(value.map(yamlText))}]`;
  const written = spaceOf(value) ?? value;
  return `{${shortList(Object.entries(written).map(([name, item]) => `${visible(name)}: ${yamlText(item)}`))}}`;
}

/** One difference: where it is, whose it is where a list tells of several experiments, and what became of it. */
interface Leaf {
  readonly path: readonly string[];
  readonly subject: string | undefined;
  readonly text: string;
}

type Place = Pick<Leaf, 'path' | 'subject'>;

function leavesOf(place: Place, before: Json | undefined, after: Json | undefined): readonly Leaf[] {
  if (isSame(before, after)) return [];
  if (isJsonObject(before) && isJsonObject(after) && spaceOf(before) === undefined && spaceOf(after) === undefined)
    return leavesOfMembers(before, after, (name) => ({...place, path: [...place.path, name]}));
  if (Array.isArray(before) && Array.isArray(after)) return leavesOfLists(place, before, after);
  if (typeof before === 'string' && typeof after === 'string') return [{...place, text: textsText(visible(before), visible(after))}];
  return [{...place, text: `${before === undefined ? 'absent' : yamlText(before)} -> ${after === undefined ? 'absent' : yamlText(after)}`}];
}

function leavesOfMembers(before: JsonObject, after: JsonObject, into: (name: string) => Place): readonly Leaf[] {
  return sorted(new Set([...Object.keys(before), ...Object.keys(after)])).flatMap((name) =>
    leavesOf(into(name), before[name], after[name]),
  );
}

// Of items with names (parameters, experiments) those of one name are compared; of others what came and what went is told.
function leavesOfLists(place: Place, before: readonly Json[], after: readonly Json[]): readonly Leaf[] {
  const [old, now] = [byName(before), byName(after)];
  if (old === undefined || now === undefined) return [{...place, text: listText(before.map(yamlText), after.map(yamlText))}];
  const [was, is] = [Object.keys(old.items), Object.keys(now.items)];
  const kept = is.filter((name) => was.includes(name));
  const text = listText(was, is);
  const changes = kept.flatMap((name) => {
    const inner = old.of === 'experiments' ? {...place, subject: name} : {...place, path: [...place.path, name]};
    return leavesOf(inner, old.items[name], now.items[name]);
  });
  return text === anotherOrder && changes.length > 0 ? changes : [{...place, text}, ...changes].filter(({text: said}) => said !== '');
}

const anotherOrder = 'another order';

function listText(before: readonly string[], after: readonly string[]): string {
  const came = after.filter((word) => !before.includes(word)).map((word) => `+${word}`);
  const went = before.filter((word) => !after.includes(word)).map((word) => `-${word}`);
  if (came.length + went.length > 0) return shortList([...came, ...went]);
  return isSame(before, after) ? '' : anotherOrder;
}

interface Named {
  readonly of: 'experiments' | 'parameters';
  readonly items: JsonObject;
}

function byName(list: readonly Json[]): Named | undefined {
  const items = list.map(nameItem);
  if (!items.every((item) => item !== undefined)) return undefined;
  const names = new Set(items.map(({name}) => name));
  if (names.size !== items.length) return undefined;
  const of = items.every(({of: kind}) => kind === 'parameters') ? 'parameters' : 'experiments';
  return {of, items: Object.fromEntries(items.map(({name, value}) => [name, value] as const))};
}

function nameItem(item: Json): {readonly name: string; readonly of: Named['of']; readonly value: Json} | undefined {
  if (!isJsonObject(item)) return undefined;
  const {name, value, experiment, identity} = item;
  if (typeof name === 'string' && value !== undefined && Object.keys(item).length === 2) return {name, of: 'parameters', value};
  const own = isJsonObject(identity) ? identity['experiment'] : (experiment ?? name);
  return typeof own === 'string' ? {name: own, of: 'experiments', value: item} : undefined;
}

// The same change in many experiments is one line.
function wordsOf(leaves: readonly Leaf[], name: string): readonly string[] {
  const subjects = new Map<string, string[]>();
  for (const {path, subject, text} of leaves) {
    const line = lineOf(name, path.map(visible).join('.'), text);
    subjects.set(line, [...(subjects.get(line) ?? []), ...(subject === undefined ? [] : [subject])]);
  }
  return [...subjects].map(([line, owners]) => `${line}${ownersText(owners)}`);
}

/** Lists of whatever a step takes: their members have names of their own, as in the YAML. */
const transparent: ReadonlySet<string> = new Set(['record', 'fixed', 'extent', 'experiments']);

/** Whole inputs, which are told before what differs in them. */
const inputs: ReadonlySet<string> = new Set(['environment', 'best_params']);

function lineOf(name: string, path: string, text: string): string {
  if (path === '') return `${name}: ${text}`;
  if (inputs.has(name)) return `${name}: ${path} ${text}`;
  return transparent.has(name) ? `${path}: ${text}` : `${name}.${path}: ${text}`;
}

function ownersText(owners: readonly string[]): string {
  if (owners.length === 0) return '';
  return owners.length <= 2 ? ` (${owners.join(', ')})` : ` (${String(owners.length)} experiments)`;
}

// As a search is written; undefined for what is no space.
function spaceOf(value: Json | undefined): JsonObject | undefined {
  if (!isJsonObject(value)) return undefined;
  const {kind, low, high, step, choices, when} = value;
  const condition = when === undefined ? {} : {when};
  if (kind === 'choice' && choices !== undefined) return {choice: choices, ...condition};
  if (typeof kind !== 'string' || low === undefined || high === undefined) return undefined;
  return {[kind]: [low, high], ...(step === undefined || step === 1 ? {} : {step}), ...condition};
}

function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

// What is no JSON (a path, a version) is a text.
function parse(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

const longestText = 60;
/** Characters that are shown of what two long texts begin with alike. */
const leastBefore = 12;

function textsText(before: string, after: string): string {
  if (isDigest(before) && isDigest(after)) return 'another content';
  const isLong = Math.max(before.length, after.length) > longestText;
  const from = isLong ? Math.max(0, commonLength(before, after) - leastBefore) : 0;
  return `${excerpt(before, from)} -> ${excerpt(after, from)}`;
}

function commonLength(left: string, right: string): number {
  let length = 0;
  while (length < left.length && left[length] === right[length]) length++;
  return length;
}

function excerpt(text: string, from: number): string {
  const end = from + longestText;
  return `${from > 0 ? '...' : ''}${text.slice(from, end)}${text.length > end ? '...' : ''}`;
}
