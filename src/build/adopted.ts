// What of a result was not made under its key, but taken as it was by a person's word: as its file says, and as its record does.
import {canonicalText, findAt, isJsonObject, parseObject, type JsonObject} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import type {Adopted, Trace} from '../state/trace.ts';
import {placeOf} from './keep.ts';
import {readResult} from './outputs.ts';
import type {Session} from './session.ts';

/** As the file says. It outlives the journal, and goes with the file into another workspace. */
export function adoptedIn(result: JsonObject | undefined): Adopted | undefined {
  const found = result?.['adopted'];
  if (!isJsonObject(found)) return undefined;
  const {trials, reason} = found;
  return {trials: typeof trials === 'number' ? trials : null, reason: typeof reason === 'string' ? reason : noReason};
}

/** As a member of the trace of results that lie at the node's place. */
export function adoptedAt(session: Session, node: Node): Pick<Trace, 'adopted'> {
  const adopted = placeOf(node) === undefined ? undefined : adoptedIn(readResult(session, node));
  return adopted === undefined ? {} : {adopted};
}

/** Of a search by its record: how many of its trials from the first one on. Records of earlier versions say it of whole results only. */
export function adoptedTrialsOf({adopted, how, reason, extent}: Trace): {readonly trials: number; readonly reason: string} | undefined {
  const {trials} = extent;
  const whole = how === 'adopted' && typeof trials === 'number' ? {trials, reason: reason ?? noReason} : undefined;
  const part = typeof adopted?.trials === 'number' ? {trials: adopted.trials, reason: adopted.reason} : undefined;
  return whole ?? part;
}

/** In few words, without the reason of what was adopted whole; undefined of what was made under its key. */
export function describeAdopted({adopted, how, reason}: Pick<Trace, 'adopted' | 'how' | 'reason'>): string | undefined {
  if (how === 'adopted') return reason ?? noReason;
  if (adopted === undefined) return undefined;
  return adopted.trials === null ? adopted.reason : `${String(adopted.trials)} of its trials: ${adopted.reason}`;
}

const noReason = 'no reason given';

/** Each of a study's trials is marked as adopted. */
export function markTrials(lines: string): string {
  return lines
    .split('\n')
    .map((line) => {
      const trial = parseObject(line === '' ? undefined : line);
      return trial === undefined ? line : JSON.stringify({...trial, adopted: true});
    })
    .join('\n');
}

/**
 * Whether a search's best parameters are those of a trial of the study beside them, with its value: an edited file says what no trial found.
 * Of what has no lines of trials nothing can be said.
 */
export function isOfATrial(session: Session, node: Node, result: JsonObject): boolean {
  const lines = node.rule === 'hpo' ? node.outputs.find(({path}) => path.endsWith('/trials.jsonl'))?.path : undefined;
  if (lines === undefined) return true;
  const wanted = canonicalText([result['params'] ?? null, result['value'] ?? null]);
  return (session.disk.readText(lines) ?? '').split('\n').some((line) => {
    const trial = parseObject(line === '' ? undefined : line);
    return trial !== undefined && canonicalText([findAt(trial, '/params') ?? null, findAt(trial, '/value') ?? null]) === wanted;
  });
}
