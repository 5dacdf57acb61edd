// What a study's trials have in common with those of other studies: the context under which a trial's result is kept and looked up.
import {createHash} from 'node:crypto';
import {canonicalText, parseObject, type Json, type JsonObject} from '../base/json.ts';
import {architectureNames, parameterKinds} from '../config/slices.ts';
import type {Manifest} from '../state/manifest.ts';
import type {Session} from './session.ts';

/** Where results of trials lie, relative to the workspace; shared by all its studies and profiles. */
export const trialDirectory = '.ftsbuild/trials';

/** What a search's job is told (schemas/job.schema.json, `trial_cache`). */
export function trialCacheOf(session: Session, manifest: Manifest): JsonObject {
  return {directory: session.disk.resolve(trialDirectory), context: currentTrialContext(session, manifest)};
}

/** The context under which trials are looked up today: another one each time that they were disowned. */
export function currentTrialContext(session: Session, manifest: Manifest): string {
  const context = trialContextOf(session, manifest);
  const times = readDisowned(session)[context] ?? 0;
  return times === 0 ? context : digestOf([context, times]);
}

/**
 * Trials of a search that was declared wrong are looked up no more, nor are those of other searches that have the same surroundings: which of
 * them it ran is not on record, and a miss costs a training, a wrong hit a result.
 */
export function disownTrials(session: Session, manifest: Manifest): void {
  const context = trialContextOf(session, manifest);
  const before = readDisowned(session);
  session.disk.write(disownedPath, `${JSON.stringify({...before, [context]: (before[context] ?? 0) + 1})}\n`);
}

// Context -> how often it was disowned.
const disownedPath = '.ftsbuild/disowned-trials.json';

function readDisowned({disk}: Session): Readonly<Record<string, number>> {
  const entries = Object.entries(parseObject(disk.readText(disownedPath)) ?? {});
  return Object.fromEntries(entries.flatMap(([context, times]) => (typeof times === 'number' ? [[context, times]] : [])));
}

/**
 * A digest of everything in the manifest of a search that decides the numbers of each of its trials. The rest of what decides them is known to
 * the job only: the trial's own parameters, whether the search drew them or the record fixes them, and the kind of device.
 *
 * Left out is what draws and ends trials but changes none. Where it is doubtful, an entry stays in: a miss costs a training, a wrong hit a result.
 */
export function trialContextOf({world}: Pick<Session, 'world'>, manifest: Manifest): string {
  const namesOf = (entries: readonly string[]): ReadonlySet<string> => new Set(world.readCode(entries).map(({name}) => `code ${name}`));
  const [ofTrials, ofSearches] = [namesOf(trialCode), namesOf(searchCode)];
  // What a script of one's own, or the study, adds to the usual code may decide anything.
  const decides = (name: string): boolean => ofTrials.has(name) || !ofSearches.has(name);
  const deciding = manifest.filter(([name]) => (name.startsWith('code ') ? decides(name) : !outside.has(name)));
  return digestOf(deciding);
}

function digestOf(value: Json): string {
  return createHash('sha256').update(canonicalText(value)).digest('hex');
}

/** The modules whose meaning a trial's numbers depend on, with all that they import. */
const trialCode = ['fts.trial', 'fts.training', 'fts.windows'];

const searchCode = ['fts.hpo_script', 'fts.run'];

// Of the objective, the job adds the metric where it decides when a training ends. The budget decides only whether a model may run.
const drawing = ['search', 'architecture', 'forced', 'pruner', 'startup_trials', 'objective.metric', 'objective.goal', 'budget.params'];
const ofTheTrial = [...parameterKinds.values()].filter(({searchable}) => searchable !== undefined).map(({name}) => name);
const outside: ReadonlySet<string> = new Set([...drawing, ...architectureNames, ...ofTheTrial].map((name) => `param ${name}`));
