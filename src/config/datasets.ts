// Reads the section `data`: what each dataset is made from and what it must hold. Opens no dataset.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {ProjectPath} from '../base/ids.ts';
import {suggestion} from '../base/suggest.ts';
import {findMap, findMember, findNumber, findScalar, itemsOf, membersOf} from './located.ts';
import type {Located, LocatedMap, Member} from './located.ts';
import {checkName} from './names.ts';
import {findPath, placeBelow} from './paths.ts';
import type {Home} from './paths.ts';
import type {Dataset} from './study.ts';
import type {TierTable} from './tiers.ts';

const usualCalendar = 'mon-fri';
const builtInSources = ['arch.sp500', 'arch.nasdaq'];

/** By name; undefined for one that is declared but wrong, so that what refers to it need not complain again. */
export type Declared<T> = ReadonlyMap<string, T | undefined>;

export interface DatasetContext {
  readonly home: Home;
  readonly tiers: TierTable;
  readonly problems: Diagnostic[];
}

export function readDatasets(section: LocatedMap | undefined, context: DatasetContext): Declared<Dataset> {
  return new Map(membersOf(section).map(([name, member]) => [name, readDataset(name, member, context)]));
}

function readDataset(name: string, {keySpan, node}: Member, context: DatasetContext): Dataset | undefined {
  const wrong = checkName(name, 'a dataset', keySpan);
  if (wrong !== undefined) context.problems.push(wrong);
  if (wrong !== undefined || node.kind !== 'map') return undefined;
  const origin = readOrigin(findMap(node, 'builder'), context);
  const path = readPath(name, node, {origin, context});
  const rows = readRows(findMember(node, 'rows'), context.problems);
  if (origin === undefined || path === undefined || rows === undefined) return undefined;
  const md5 = findScalar(node, 'md5')?.text;
  const calendar = findScalar(node, 'calendar')?.text ?? usualCalendar;
  return {
    name,
    path,
    origin,
    timescale: findScalar(node, 'timescale')?.text ?? 'daily',
    ...(calendar !== usualCalendar && {calendar}),
    ...(md5 !== undefined && {md5}),
    columns: textsOf(findMember(node, 'columns')),
    ...rows,
    maxNan: findNumber(findMember(node, 'nan'), 'max') ?? 0,
    span: keySpan,
  };
}

function readOrigin(builder: LocatedMap | undefined, {tiers, problems}: DatasetContext): Dataset['origin'] | undefined {
  if (builder === undefined) return {kind: 'file'};
  const source = findScalar(builder, 'source');
  if (source === undefined) return undefined;
  const names = itemsOf(findMember(builder, 'tiers')).flatMap((item) => (item.kind === 'scalar' ? [item] : []));
  for (const {text, span} of names) {
    if (!tiers.has(text)) problems.push(problem('FTS203', `there is no tier "${text}"`, {span, help: suggestion(text, tiers.keys())}));
  }
  // Which columns it will have is not known then.
  if (names.some(({text}) => !tiers.has(text))) return undefined;
  const known = {kind: 'builder', source: source.text, tiers: names.map(({text}) => text)} as const;
  if (builtInSources.includes(source.text)) return known;
  if (!source.text.includes('/') && !/\.(csv|parquet)$/.test(source.text)) {
    const help = suggestion(source.text, builtInSources, 'A path to a raw file, or one of');
    problems.push(problem('FTS203', `there is no source "${source.text}"`, {span: source.span, help}));
    return undefined;
  }
  const rawFile = findPath(source, problems);
  return rawFile && {...known, rawFile};
}

interface PathContext {
  readonly origin: Dataset['origin'] | undefined;
  readonly context: DatasetContext;
}

// A file that is only read stays where it is, whatever the profile.
function readPath(name: string, node: LocatedMap, {origin, context}: PathContext): ProjectPath | undefined {
  const written = findScalar(node, 'path');
  const path = written === undefined ? `data/processed/v1/${name}.parquet` : findPath(written, context.problems);
  if (path === undefined) return undefined;
  return placeBelow(origin?.kind === 'file' ? {folder: undefined} : context.home, path);
}

function readRows(node: Located | undefined, problems: Diagnostic[]): Pick<Dataset, 'minRows' | 'keepRows'> | undefined {
  // A plain number means just so many: the last ones, and no fewer.
  if (node?.kind === 'scalar' && typeof node.value === 'number') return {minRows: node.value, keepRows: node.value};
  const keep = findNumber(node, 'keep');
  const min = findNumber(node, 'min') ?? 1;
  if (keep === undefined) return {minRows: min};
  if (keep >= min) return {minRows: min, keepRows: keep};
  const spots = ['keep', 'min'].map((name) => findMember(node, name)?.span);
  const see = spots[1] === undefined ? [] : [{span: spots[1], note: 'the minimum'}];
  const span = spots[0] ?? node?.span;
  problems.push(
    problem('FTS242', `only ${keep} rows are kept, but at least ${min} are wanted`, {
      ...(span && {span}),
      see,
      help: 'Lower rows.min too.',
    }),
  );
  return undefined;
}

export function textsOf(node: Located | undefined): readonly string[] {
  return itemsOf(node).flatMap((item) => (item.kind === 'scalar' ? [item.text] : []));
}
