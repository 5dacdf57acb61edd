// What `fsck` found, for people and as JSON.
import type {Examination, Finding, Mended} from '../build/fsck.ts';
import type {Paint} from './paint.ts';

export interface ShownExamination extends Examination {
  readonly mended: readonly Mended[];
  /** What could not be mended, or on a dry run was not. */
  readonly left: readonly Finding[];
  readonly dryRun: boolean;
  /** Of the journal. */
  readonly warnings: readonly string[];
}

export function describeExamination(shown: ShownExamination, paint: Paint): readonly string[] {
  const {sound, absent, mended, left, torn, dryRun, warnings} = shown;
  return [
    ...warnings.map((message) => paint.yellow(message)),
    ...mended.map(({path, is, of, source, keptAt}) => {
      const kept = keptAt === undefined ? '' : `; what was there is kept: ${keptAt}`;
      return `${paint.green('mended')} ${path} (${of}): it was ${is}, and is a copy of ${source ?? ''} now${kept}`;
    }),
    ...left.map((finding) => `${paint.red(finding.is)} ${finding.path} (${finding.of}): ${describeRemedy(finding, dryRun)}`),
    ...torn.map((path) => paint.dim(`${dryRun ? 'left by a killed writer' : 'removed, left by a killed writer'}: ${path}`)),
    `${count(sound, 'file is', 'files are')} as recorded, ${String(mended.length)} mended, ${String(left.length)} ${dryRun ? 'wrong' : 'not mended'}, ${String(torn.length)} torn${absent === 0 ? '' : `; of ${count(absent, 'record', 'records')} nothing is there: a build that needs it makes it or puts it back`}`,
  ];
}

function describeRemedy({rule, source, entry, recorded, is}: Finding, dryRun: boolean): string {
  const what = is === 'missing' ? 'it is not there' : `its bytes are not ${recorded.slice(0, 12)}, as recorded`;
  if (source !== undefined && dryRun) return `${what}; \`ftsbuild fsck\` mends it from ${source}`;
  if (entry !== undefined) return `${what}; it is not given back`;
  if (rule === 'data') return `${what}; put the right file back, or take this one with \`ftsbuild data register\``;
  return `${what}; the next build that needs it keeps it and makes it again`;
}

function count(number: number, one: string, many: string): string {
  return `${String(number)} ${number === 1 ? one : many}`;
}

/** As `schemas/fsck.schema.json` says. */
export function plainExamination({sound, absent, mended, left, torn, dryRun, warnings}: ShownExamination): object {
  const plain = ({path, is, of, rule, recorded, source}: Finding): object => ({path, is, of, rule, recorded, source: source ?? null});
  return {
    ...{schema_version: 1, dry_run: dryRun, sound, absent},
    mended: mended.map((finding) => ({...plain(finding), kept_at: finding.keptAt ?? null})),
    not_mended: left.map(plain),
    torn,
    warnings,
  };
}
