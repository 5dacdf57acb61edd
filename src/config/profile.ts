// Finds the profile that was asked for: named overrides of the whole study.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import {suggestion} from '../base/suggest.ts';
import {overlay, readWithIncludes} from './include.ts';
import type {TextReader} from './include.ts';
import {findMap, membersOf} from './located.ts';
import type {LocatedMap, Member} from './located.ts';
import {checkName} from './names.ts';

/** Folders of the real study, which a profile's outputs would be mixed up with. */
const taken = ['hpo', 'training'];

/** Names of the profiles that a file declares, whatever else is wrong with it; those that cannot be names are left out. */
export function findProfileNames(disk: TextReader, file: string): readonly string[] {
  const assembled = readWithIncludes(disk, file);
  if (!assembled.ok) return [];
  return membersOf(findMap(assembled.value.root, 'profiles')).flatMap(([name, {keySpan, node}]) =>
    node.kind === 'map' && checkProfileName(name, keySpan).length === 0 ? [name] : [],
  );
}

interface Wish {
  readonly name: string | undefined;
  /** The tree before anything was taken out of it. */
  readonly written: LocatedMap;
}

export function findProfile(root: LocatedMap, {name, written}: Wish, problems: Diagnostic[]): LocatedMap | undefined {
  for (const [declared, {keySpan}] of membersOf(findMap(root, 'profiles'))) problems.push(...checkProfileName(declared, keySpan));
  if (name === undefined) return undefined;
  const known = findMap(written, 'profiles')?.members ?? new Map<string, Member>();
  if (!known.has(name))
    problems.push(problem('FTS203', `there is no profile "${name}"`, {help: suggestion(name, known.keys(), 'Known profiles')}));
  return findMap(findMap(root, 'profiles'), name);
}

function checkProfileName(name: string, span: Member['keySpan']): readonly Diagnostic[] {
  if (taken.includes(name))
    return [
      problem('FTS202', `"${name}" is a folder of the real study's outputs and cannot name a profile`, {
        span,
        help: 'Choose another name.',
      }),
    ];
  const wrong = checkName(name, 'a profile', span);
  return wrong === undefined ? [] : [wrong];
}

/** A profile says once for all datasets how many rows they have. */
export function forEveryDataset(section: LocatedMap | undefined, changes: LocatedMap | undefined): LocatedMap | undefined {
  if (section === undefined || changes === undefined) return section;
  const members = [...section.members].map(([name, member]) => {
    const node = member.node.kind === 'map' ? overlay(member.node, changes) : member.node;
    return [name, {...member, node}] as const;
  });
  return {...section, members: new Map(members)};
}
