// Reads one layer of values (defaults, a phase, a case, ...) into flat names that remember who set them, and where.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {findMap, findMember, findScalar, itemsOf, membersOf, toJson} from './located.ts';
import type {Located, LocatedMap, Member} from './located.ts';
import {architectureNames, groups, parameterKinds} from './slices.ts';
import {parseSpace} from './space.ts';
import type {Space} from './space.ts';
import type {Assertion, Check, CodeModule, Parameter} from './study.ts';

/** A fixed value. `rank` orders the layers: the higher one wins. */
export interface Fixed extends Parameter {
  readonly kind: 'fixed';
  readonly rank: number;
}

/** A value that the search draws. */
export interface Searched {
  readonly kind: 'searched';
  readonly rank: number;
  readonly from: string;
  readonly span: Span;
  readonly space: Space;
}

export interface NamedShape {
  readonly name: string;
  readonly span: Span;
}

export interface Forced {
  readonly configurations: readonly LocatedMap[];
  readonly from: string;
  readonly span: Span;
  readonly rank: number;
}

export interface Layer {
  readonly label: string;
  readonly rank: number;
  readonly common: ReadonlyMap<string, Fixed>;
  readonly hpo: ReadonlyMap<string, Fixed>;
  readonly training: ReadonlyMap<string, Fixed>;
  readonly search: ReadonlyMap<string, Searched>;
  readonly shape: NamedShape | undefined;
  readonly forced: Forced | undefined;
  readonly checks: readonly Check[] | undefined;
  readonly asserts: readonly Assertion[] | undefined;
  readonly code: readonly CodeModule[];
}

export interface Place {
  readonly label: string;
  readonly rank: number;
}

/** In the order of strength. Cases count up from their rank, so there is room between it and the next. */
export const ranks = {builtIn: 0, defaults: 1, phase: 2, budget: 3, point: 4, firstCase: 5, profile: 1_000_000} as const;

export function readLayer(node: LocatedMap | undefined, place: Place, problems: Diagnostic[]): Layer {
  const hpo = findMap(node, 'hpo');
  const common = readValues(node, place);
  const ofSearch = readValues(hpo, place);
  const search = readSearch(findMap(hpo, 'search'), place, problems);
  refuseBoth([common, ofSearch], search, problems);
  const shape = findScalar(node, 'shape');
  return {
    ...place,
    common,
    hpo: ofSearch,
    training: readValues(findMap(node, 'training'), place),
    search,
    shape: shape && {name: shape.text, span: shape.span},
    forced: readForced(hpo, place),
    checks: findMember(node, 'checks') && itemsOf(findMember(node, 'checks')).flatMap(readCheck),
    asserts: findMember(node, 'assert') && itemsOf(findMember(node, 'assert')).flatMap(readAssertion),
    code: itemsOf(findMember(node, 'code')).flatMap((item) => (item.kind === 'scalar' ? [{module: item.text, span: item.span}] : [])),
  };
}

/** A layer of single values under their flat names, such as a point of the matrix. */
export function layerOf(values: ReadonlyMap<string, Located>, place: Place): Layer {
  const common = new Map<string, Fixed>();
  for (const [name, node] of values) if (parameterKinds.has(name)) common.set(name, fixed(toJson(node), node.span, place));
  const shape = values.get('shape');
  return {...emptyLayer(place), common, shape: shape?.kind === 'scalar' ? {name: shape.text, span: shape.span} : undefined};
}

export function builtInLayer(): Layer {
  const common = new Map<string, Fixed>();
  for (const {name, builtIn} of parameterKinds.values()) {
    if (builtIn !== undefined) common.set(name, {kind: 'fixed', value: builtIn, from: 'built-in', rank: ranks.builtIn});
  }
  return {...emptyLayer({label: 'built-in', rank: ranks.builtIn}), common};
}

function emptyLayer(place: Place): Layer {
  const none = new Map<string, never>();
  return {
    ...place,
    common: none,
    hpo: none,
    training: none,
    search: none,
    shape: undefined,
    forced: undefined,
    checks: undefined,
    asserts: undefined,
    code: [],
  };
}

function readValues(node: LocatedMap | undefined, place: Place): ReadonlyMap<string, Fixed> {
  const values = new Map<string, Fixed>();
  for (const [name, member] of membersOf(node)) {
    if (parameterKinds.has(name)) values.set(name, fixed(toJson(member.node), member.node.span, place));
    else if (groups.has(name)) addGroup(values, name, {member, place});
  }
  return values;
}

function addGroup(values: Map<string, Fixed>, group: string, {member, place}: {readonly member: Member; readonly place: Place}): void {
  for (const [name, {node}] of membersOf(member.node)) {
    const flat = `${group}.${name}`;
    // `objective.at` says in the file what is true of every study; it is no parameter.
    if (parameterKinds.has(flat)) values.set(flat, fixed(toJson(node), node.span, place));
  }
}

function fixed(value: Fixed['value'], span: Span, place: Place): Fixed {
  return {kind: 'fixed', value, from: place.label, span, rank: place.rank};
}

function readSearch(node: LocatedMap | undefined, place: Place, problems: Diagnostic[]): ReadonlyMap<string, Searched> {
  const search = new Map<string, Searched>();
  const add = (name: string, value: Located): void => {
    const space = parseSpace(name, value, problems);
    if (space !== undefined) search.set(name, {kind: 'searched', rank: place.rank, from: place.label, span: value.span, space});
  };
  for (const [name, member] of membersOf(node)) {
    if (name !== 'architecture') add(name, member.node);
    else
      for (const part of architectureNames) {
        const values = findMember(member.node, part);
        if (values !== undefined) add(part, values);
      }
  }
  return search;
}

function refuseBoth(values: readonly ReadonlyMap<string, Fixed>[], search: ReadonlyMap<string, Searched>, problems: Diagnostic[]): void {
  for (const [name, entry] of search) {
    const set = values.map((layer) => layer.get(name)).find((value) => value !== undefined);
    if (set?.span !== undefined) {
      const see = [{span: entry.span, note: 'searched here'}];
      problems.push(
        problem('FTS220', `"${name}" is both fixed and searched in ${entry.from}`, {span: set.span, see, help: 'Keep one of the two.'}),
      );
    }
  }
}

function readForced(hpo: LocatedMap | undefined, place: Place): Forced | undefined {
  const node = findMember(hpo, 'forced');
  if (node?.kind !== 'list') return undefined;
  const configurations = node.items.flatMap((item) => (item.kind === 'map' ? [item] : []));
  return {configurations, from: place.label, span: node.span, rank: place.rank};
}

function readCheck(node: Located): readonly Check[] {
  const expression = node.kind === 'map' ? findScalar(node, 'expr') : node;
  if (expression?.kind !== 'scalar') return [];
  const severity = findScalar(node, 'severity')?.text === 'warn' ? 'warn' : 'fail';
  return [{expression: expression.text, severity, span: expression.span}];
}

function readAssertion(node: Located): readonly Assertion[] {
  return node.kind === 'scalar' ? [{expression: node.text, span: node.span}] : [];
}
