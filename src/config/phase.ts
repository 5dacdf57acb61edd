// Reads one phase as it is written: its points, layers, cases and borrow rules. Resolves nothing yet.
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import {readFilter, readFilters} from './filter.ts';
import type {Filter} from './filter.ts';
import {ranks, readLayer} from './layer.ts';
import type {Layer} from './layer.ts';
import {findMap, findMember, findScalar, itemsOf, membersOf} from './located.ts';
import type {Located, LocatedMap, LocatedScalar} from './located.ts';
import {mostPoints, readPoints} from './matrix.ts';
import type {Point, Room} from './matrix.ts';
import {checkName, checkPhaseName, findVerbOfPhase} from './names.ts';
import {identityNames, isIdentityName} from './slices.ts';
import type {IdentityName} from './slices.ts';
import type {BorrowMethod} from './study.ts';
import {parseTemplate, usualTemplate} from './template.ts';
import type {Template} from './template.ts';

export interface PhaseText {
  readonly name: string;
  readonly title: string;
  readonly span: Span;
  readonly identity: Identity;
  readonly layer: Layer;
  readonly points: readonly Point[];
  readonly exclude: readonly Filter[];
  readonly template: Template;
  readonly cases: readonly Case[];
  readonly skip: readonly Filter[];
  readonly borrow: readonly BorrowRule[];
  readonly acceptPartial: boolean;
  readonly canary: 'budget' | undefined;
  /** Whether its experiments are trained, or the phase only searches. */
  readonly training: 'none' | 'by seed';
}

/** What a layer says about which point it is. */
export type Identity = ReadonlyMap<IdentityName, LocatedScalar>;

export interface Case {
  readonly when: Filter;
  readonly layer: Layer;
}

export interface BorrowRule {
  readonly for: Filter;
  readonly from: readonly Filter[];
  readonly method: BorrowMethod;
  readonly span: Span;
}

/** Undefined where the name cannot be one. */
export function readPhase(
  name: string,
  {keySpan, node}: {readonly keySpan: Span; readonly node: Located},
  {room, problems}: Room,
): PhaseText | undefined {
  const wrong = checkPhaseName(name, keySpan);
  if (wrong !== undefined) problems.push(wrong);
  if (wrong !== undefined || node.kind !== 'map') return undefined;
  const shadowed = findVerbOfPhase(name, keySpan);
  if (shadowed !== undefined) problems.push(shadowed);
  const hpo = findMap(node, 'hpo');
  const template = findScalar(node, 'name');
  return {
    name,
    title: findScalar(node, 'title')?.text ?? name,
    span: keySpan,
    identity: readIdentity(node),
    layer: readLayer(node, {label: `phase ${name}`, rank: ranks.phase}, problems),
    points: readPoints(node, keySpan, {room, problems}),
    exclude: readFilters(findMember(node, 'exclude')),
    template: parseTemplate(template?.text ?? usualTemplate, template?.span ?? keySpan),
    cases: itemsOf(findMember(node, 'cases')).flatMap((item, index) => readCase(item, ranks.firstCase + index, problems)),
    skip: readFilters(findMember(hpo, 'skip')),
    borrow: itemsOf(findMember(hpo, 'borrow')).flatMap(readBorrowRule),
    acceptPartial: findScalar(node, 'accept_partial')?.value === true,
    canary: findScalar(node, 'canary')?.text === 'budget' ? 'budget' : undefined,
    training: findScalar(node, 'training')?.text === 'none' ? 'none' : 'by seed',
  };
}

export function readIdentity(node: LocatedMap | undefined): Identity {
  const identity = new Map<IdentityName, LocatedScalar>();
  for (const name of identityNames) {
    const value = findScalar(node, name);
    if (value !== undefined) identity.set(name, value);
  }
  return identity;
}

export function identityOfPoint(point: Point): Identity {
  return new Map([...point.values].flatMap(([name, value]) => (isIdentityName(name) ? [[name, value] as const] : [])));
}

function readCase(item: Located, rank: number, problems: Diagnostic[]): readonly Case[] {
  const name = findScalar(item, 'name');
  const when = findMember(item, 'when');
  if (name === undefined || when === undefined) return [];
  const wrong = checkName(name.text, 'a case', name.span);
  if (wrong !== undefined) problems.push(wrong);
  return [{when: readFilter(when), layer: readLayer(findMap(item, 'set'), {label: `case ${name.text}`, rank}, problems)}];
}

function readBorrowRule(item: Located): readonly BorrowRule[] {
  const [wanted, from, method] = [findMember(item, 'for'), findMember(item, 'from'), findScalar(item, 'method')];
  if (wanted === undefined || from === undefined || method === undefined || !isMethod(method.text)) return [];
  return [{for: readFilter(wanted), from: readFilters(from), method: method.text, span: item.span}];
}

function isMethod(text: string): text is BorrowMethod {
  return text === 'interpolate' || text === 'copy' || text === 'nearest' || text === 'mean';
}

/** Phases in file order; undefined for one that cannot be read. */
export function readPhases(section: LocatedMap | undefined, problems: Diagnostic[]): readonly PhaseText[] {
  let room = mostPoints;
  return membersOf(section).flatMap(([name, member]) => {
    const phase = readPhase(name, member, {room, problems});
    room -= phase?.points.length ?? 0;
    return phase ?? [];
  });
}
