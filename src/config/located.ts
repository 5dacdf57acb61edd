// A parsed value that remembers where each part of it is written. Knows nothing of YAML.
import type {Span} from '../base/diagnostic.ts';
import type {Json} from '../base/json.ts';

export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly value: null | boolean | number | string;
  /** As written, without quotes: what a name is, even where YAML reads a number. */
  readonly text: string;
  readonly span: Span;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly items: readonly Located[];
  readonly span: Span;
}

export interface LocatedMap {
  readonly kind: 'map';
  readonly members: ReadonlyMap<string, Member>;
  readonly span: Span;
}

export interface Member {
  readonly keySpan: Span;
  readonly node: Located;
}

/** Mappings have no prototype, so that no key is special. */
export function toJson(node: Located): Json {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toJson);
  const plain = Object.create(null) as Record<string, Json>;
  for (const [name, member] of node.members) plain[name] = toJson(member.node);
  return plain;
}

export function findMember(node: Located | undefined, name: string): Located | undefined {
  return node?.kind === 'map' ? node.members.get(name)?.node : undefined;
}

export function findMap(node: Located | undefined, name: string): LocatedMap | undefined {
  const member = findMember(node, name);
  return member?.kind === 'map' ? member : undefined;
}

export function findScalar(node: Located | undefined, name: string): LocatedScalar | undefined {
  const member = findMember(node, name);
  return member?.kind === 'scalar' ? member : undefined;
}

export function findNumber(node: Located | undefined, name: string): number | undefined {
  const value = findScalar(node, name)?.value;
  return typeof value === 'number' ? value : undefined;
}

/** Members of a mapping in file order; none where there is no mapping. */
export function membersOf(node: Located | undefined): readonly (readonly [string, Member])[] {
  return node?.kind === 'map' ? [...node.members] : [];
}

/** The items of a list, or the value itself where one stands for a list of one; none where there is nothing. */
export function itemsOf(node: Located | undefined): readonly Located[] {
  if (node === undefined) return [];
  return node.kind === 'list' ? node.items : [node];
}

export interface Place {
  readonly node: Located;
  /** Of the key that the value belongs to, where it is a member of a mapping. */
  readonly keySpan: Span | undefined;
}

/** Follows the steps of a path; undefined when nothing is there. */
export function findPlace(root: Located, steps: readonly string[]): Place | undefined {
  let place: Place = {node: root, keySpan: undefined};
  for (const step of steps) {
    const next = stepInto(place.node, step);
    if (next === undefined) return undefined;
    place = next;
  }
  return place;
}

function stepInto(node: Located, step: string): Place | undefined {
  if (node.kind === 'list') {
    const item = node.items[Number(step)];
    return item && {node: item, keySpan: undefined};
  }
  return node.kind === 'map' ? node.members.get(step) : undefined;
}

/** The same tree without the members and items at the given paths. */
export function without(root: Located, paths: readonly (readonly string[])[]): Located {
  if (paths.length === 0) return root;
  if (root.kind === 'map') return {...root, members: withoutMembers(root.members, paths)};
  if (root.kind === 'list') return {...root, items: withoutItems(root.items, paths)};
  return root;
}

function withoutMembers(members: ReadonlyMap<string, Member>, paths: readonly (readonly string[])[]): ReadonlyMap<string, Member> {
  const kept = new Map<string, Member>();
  for (const [name, member] of members) {
    const inside = paths.filter((path) => path[0] === name);
    if (!inside.some((path) => path.length === 1))
      kept.set(name, {
        ...member,
        node: without(
          member.node,
          inside.map((path) => path.slice(1)),
        ),
      });
  }
  return kept;
}

function withoutItems(items: readonly Located[], paths: readonly (readonly string[])[]): readonly Located[] {
  return items.flatMap((item, index) => {
    const inside = paths.filter((path) => path[0] === String(index));
    return inside.some((path) => path.length === 1)
      ? []
      : [
          without(
            item,
            inside.map((path) => path.slice(1)),
          ),
        ];
  });
}
