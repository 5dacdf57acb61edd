// The names that a study defines: phases, budgets, tasks, datasets, shapes. Reads what is readable of files that may be broken.
import type {TextReader} from './include.ts';
import {findSibling} from './include.ts';
import {findMember, itemsOf, membersOf} from './located.ts';
import {parseReadable} from './parse.ts';

export const sectionNames = ['phases', 'budgets', 'tasks', 'data', 'shapes', 'profiles'] as const;
export type SectionName = (typeof sectionNames)[number];

/** Names of each section, those of included files first. */
export type StudyNames = ReadonlyMap<SectionName, ReadonlySet<string>>;

export function readStudyNames(disk: TextReader, file: string): StudyNames {
  const names = new Map(sectionNames.map((section) => [section, new Set<string>()]));
  collect({disk, names, seen: new Set()}, file);
  return names;
}

interface Collecting {
  readonly disk: TextReader;
  readonly names: ReadonlyMap<SectionName, Set<string>>;
  readonly seen: Set<string>;
}

function collect(collecting: Collecting, file: string): void {
  const {disk, names, seen} = collecting;
  if (seen.has(file)) return;
  seen.add(file);
  const text = disk.readText(file);
  const root = text === undefined ? undefined : parseReadable(text, file);
  for (const item of itemsOf(findMember(root, 'include'))) {
    const sibling = item.kind === 'scalar' ? findSibling(file, item.text) : undefined;
    if (sibling !== undefined) collect(collecting, sibling);
  }
  for (const [section, known] of names) for (const [name] of membersOf(findMember(root, section))) known.add(name);
}
