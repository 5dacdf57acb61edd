// What a search may draw one parameter from. Knows nothing of studies and layers.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import type {Json, JsonObject} from '../base/json.ts';
import {findMap, findMember, findNumber, itemsOf, membersOf, toJson} from './located.ts';
import type {Located, LocatedMap} from './located.ts';
import {isArchitectureName, parameterKinds} from './slices.ts';
import type {Domain} from './slices.ts';
import type {Scale} from './study.ts';

export type Space =
  | {readonly kind: 'uniform' | 'log'; readonly low: number; readonly high: number; readonly when?: When}
  | {readonly kind: 'int'; readonly low: number; readonly high: number; readonly step: number; readonly when?: When}
  | {readonly kind: 'choice'; readonly choices: readonly (number | string)[]; readonly when?: When}
  /** One axis of the architecture grid. */
  | {readonly kind: 'grid'; readonly values: readonly number[]};

/** The parameter is searched only where another one has this value. */
export interface When {
  readonly name: string;
  readonly value: number | string;
  readonly span: Span;
}

const forms = ['log', 'uniform', 'int', 'choice'] as const;

/** Undefined where the node says nothing that can be searched; why is among the problems then. */
export function parseSpace(name: string, node: Located, problems: Diagnostic[]): Space | undefined {
  if (isArchitectureName(name)) return {kind: 'grid', values: itemsOf(node).flatMap((item) => numberIn(item) ?? [])};
  const domain = parameterKinds.get(name)?.searchable;
  if (domain === undefined) throw new Error(`unreachable: the schema lets "${name}" be searched`);
  const space = node.kind === 'map' ? parseForm(node, problems) : choiceOf(node);
  if (space === undefined) return undefined;
  const wrong = findSpaceProblem(space, domain);
  if (wrong !== undefined)
    problems.push(problem('FTS224', `${name} cannot be searched like this: ${wrong}`, {span: node.span, help: formsHelp}));
  return wrong === undefined ? space : undefined;
}

/** As the record of a study holds it; docs/design.md, "Parameters". */
export function recordForm(space: Exclude<Space, {kind: 'grid'}>, when: When | undefined): JsonObject {
  const condition: JsonObject = when === undefined ? {} : {when: {[when.name]: when.value}};
  switch (space.kind) {
    case 'uniform':
    case 'log':
      return {kind: space.kind, low: space.low, high: space.high, ...condition};
    case 'int':
      return {kind: 'int', low: space.low, high: space.high, step: space.step, ...condition};
    case 'choice':
      return {kind: 'choice', choices: space.choices, ...condition};
  }
}

export function scaleOf(space: Space): Scale {
  if (space.kind === 'int') return {low: space.low, high: space.high, step: space.step};
  const scales = {uniform: 'linear', log: 'log', choice: 'choice', grid: 'architecture'} as const;
  return scales[space.kind];
}

export function includes(space: Space, value: Json): boolean {
  switch (space.kind) {
    case 'grid':
      return typeof value === 'number' && space.values.includes(value);
    case 'choice':
      return (typeof value === 'number' || typeof value === 'string') && space.choices.includes(value);
    case 'int':
      return typeof value === 'number' && isBetween(value, space) && (value - space.low) % space.step === 0;
    case 'uniform':
    case 'log':
      return typeof value === 'number' && isBetween(value, space);
  }
}

export function describeSpace(space: Space): string {
  switch (space.kind) {
    case 'grid':
      return `one of ${space.values.join(', ')}`;
    case 'choice':
      return `one of ${space.choices.join(', ')}`;
    case 'int':
      return `a whole number from ${space.low} to ${space.high}${space.step === 1 ? '' : ` in steps of ${space.step}`}`;
    case 'uniform':
    case 'log':
      return `from ${space.low} to ${space.high}`;
  }
}

function isBetween(value: number, {low, high}: {readonly low: number; readonly high: number}): boolean {
  return value >= low && value <= high;
}

function choiceOf(node: Located | undefined): Space {
  const choices = itemsOf(node).flatMap((item) => textOrNumber(toJson(item)) ?? []);
  return {kind: 'choice', choices};
}

const formsHelp =
  'Write one of {log: [0.0001, 0.001]}, {uniform: [0, 0.2]}, {int: [1, 9], step: 2} and {choice: [a, b]}, the lower bound first.';

function parseForm(node: LocatedMap, problems: Diagnostic[]): Space | undefined {
  const named = forms.filter((form) => node.members.has(form));
  const [form] = named;
  if (form === undefined || named.length > 1) {
    const message = form === undefined ? 'none of log, uniform, int and choice is given' : `${named.join(' and ')} exclude each other`;
    problems.push(problem('FTS224', message, {span: node.span, help: formsHelp}));
    return undefined;
  }
  const when = readWhen(findMap(node, 'when'));
  const condition = when === undefined ? {} : {when};
  if (form === 'choice') return {...choiceOf(findMember(node, 'choice')), ...condition};
  const [low, high] = itemsOf(findMember(node, form)).map(numberIn);
  // Bounds that are missing were reported by the schema.
  if (low === undefined || high === undefined) return undefined;
  const step = findNumber(node, 'step');
  if (form === 'int') return {kind: 'int', low, high, step: step ?? 1, ...condition};
  if (step !== undefined)
    problems.push(problem('FTS224', 'a step goes with int only', {span: findMember(node, 'step')?.span ?? node.span, help: formsHelp}));
  return {kind: form, low, high, ...condition};
}

function readWhen(node: LocatedMap | undefined): When | undefined {
  for (const [name, member] of membersOf(node)) {
    const value = textOrNumber(toJson(member.node));
    if (value !== undefined) return {name, value, span: member.keySpan};
  }
  return undefined;
}

function findSpaceProblem(space: Space, domain: Domain): string | undefined {
  if (space.kind === 'choice') {
    const outside = space.choices.find((choice) => !isIn(domain, choice));
    return outside === undefined ? undefined : `"${outside}" is not ${describeDomain(domain)}`;
  }
  if (space.kind === 'grid') return undefined;
  if (domain.of === 'texts') return `it is one of ${domain.texts.join(', ')}, so it takes a list`;
  if (domain.of === 'whole numbers' && space.kind !== 'int') return 'it is a whole number: use {int: [low, high]} or a list';
  if (space.low >= space.high) return `the lower bound ${space.low} is not below the upper bound ${space.high}`;
  if (space.kind === 'log' && space.low <= 0) return 'a logarithmic range must begin above 0';
  if (space.kind === 'int' && !(Number.isInteger(space.low) && Number.isInteger(space.high)))
    return 'the bounds of int must be whole numbers';
  const missed = space.kind === 'int' ? findMissed(space) : undefined;
  if (missed !== undefined) return missed;
  const outside = [space.low, space.high].find((bound) => !isIn(domain, bound));
  return outside === undefined ? undefined : `${outside} is not ${describeDomain(domain)}`;
}

// The sampler would stop below the end that the file names.
function findMissed({low, high, step}: {readonly low: number; readonly high: number; readonly step: number}): string | undefined {
  const rest = (high - low) % step;
  if (rest === 0) return undefined;
  const last = high - rest;
  const below = last > low ? `end at ${last} or ` : '';
  return `in steps of ${step} from ${low} it never is ${high}; ${below}end at ${last + step}`;
}

function isIn(domain: Domain, value: number | string): boolean {
  if (domain.of === 'texts') return typeof value === 'string' && domain.texts.includes(value);
  if (typeof value !== 'number' || (domain.of === 'whole numbers' && !Number.isInteger(value))) return false;
  if (value === domain.low) return domain.without !== 'low';
  if (value === domain.high) return domain.without !== 'high';
  return isBetween(value, domain);
}

function describeDomain(domain: Domain): string {
  if (domain.of === 'texts') return `one of ${domain.texts.join(', ')}`;
  const noun = domain.of === 'numbers' ? 'a number' : 'a whole number';
  const low = domain.without === 'low' ? `above ${domain.low}` : `from ${domain.low}`;
  if (domain.high === Infinity) return `${noun} ${low}${domain.without === 'low' ? '' : ' on'}`;
  return `${noun} ${low} to ${domain.without === 'high' ? 'below ' : ''}${domain.high}`;
}

function numberIn(node: Located): number | undefined {
  return node.kind === 'scalar' && typeof node.value === 'number' ? node.value : undefined;
}

function textOrNumber(value: Json): number | string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}
