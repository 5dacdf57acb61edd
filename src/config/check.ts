// Holds a configuration against its schema, and turns each error into a sentence at its place. Knows nothing of what the values mean.
import type {ErrorObject} from 'ajv';

import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, DiagnosticCode, Span} from '../base/diagnostic.ts';
import {isJsonObject} from '../base/json.ts';
import type {Json, JsonObject} from '../base/json.ts';
import {findMeant, findNearest, suggestion} from '../base/suggest.ts';
import validate, {schemaText} from './generated/experiments.js';
import {findPlace, toJson, without} from './located.ts';
import type {Located, LocatedMap, Place} from './located.ts';
import {findSynonym} from './synonyms.ts';
import {findTaker} from './takers.ts';

export interface Checked {
  /** What is left when everything that the schema refuses is taken out: later checks need not repeat its complaints. */
  readonly sound: LocatedMap;
  readonly problems: readonly Diagnostic[];
  /** Where something was refused (`defaults`, `phases.phase6a`; `*` for the file as a whole): what is missing there may be what was refused. */
  readonly suspect: ReadonlySet<string>;
}

export function checkAgainstSchema(root: LocatedMap): Checked {
  if (validate(toJson(root))) return {sound: root, problems: [], suspect: new Set()};
  const schema = JSON.parse(schemaText) as Json;
  if (!isJsonObject(schema)) throw new Error('unreachable: a schema is an object');
  const errors = oneForEachMistake(validate.errors ?? [], root);
  const problems = errors.map((error) => explain({error, root, schema}));
  const refused = errors.filter((error) => error.keyword !== 'required').map(refusedPath);
  const sound = without(
    root,
    refused.filter((path) => path.length > 0),
  );
  const suspect = new Set(errors.map(suspectOf));
  return {sound: sound.kind === 'map' ? sound : {...root, members: new Map()}, problems, suspect};
}

// What refers to an entry by its name is not in doubt because of another entry.
const sectionsOfEntries: ReadonlySet<string> = new Set(['data', 'budgets', 'tasks', 'phases', 'profiles']);

function suspectOf({instancePath}: ErrorObject): string {
  const [section, entry] = stepsOf(instancePath);
  if (section === undefined) return '*';
  if (!sectionsOfEntries.has(section)) return section;
  return entry === undefined ? '*' : `${section}.${entry}`;
}

// A value of the wrong type may break further rules of its schema; the first error at a place says enough.
function oneForEachMistake(errors: readonly ErrorObject[], root: LocatedMap): readonly ErrorObject[] {
  const first = new Map<string, ErrorObject>();
  for (const error of errors) {
    const place = `${error.instancePath}\n${String(error.params['additionalProperty'] ?? error.params['missingProperty'] ?? '')}`;
    const earlier = first.get(place);
    if (earlier === undefined || (error.keyword === 'type' && earlier.keyword !== 'type')) first.set(place, error);
  }
  return [...first.values()].filter((error) => !isMisspelt(error, errors, root));
}

// A key that is missing because it is written wrongly is said once, where it is written.
function isMisspelt({keyword, instancePath, params}: ErrorObject, errors: readonly ErrorObject[], root: LocatedMap): boolean {
  if (keyword !== 'required') return false;
  const unknown = errors.filter((error) => error.keyword === 'additionalProperties' && error.instancePath === instancePath);
  if (unknown.length === 0) return false;
  const names = unknown.map((error) => String(error.params['additionalProperty']));
  const place = findPlace(root, stepsOf(instancePath))?.node;
  return findNearest(String(params['missingProperty']), names) !== undefined || (place?.kind === 'map' && place.members.size === 1);
}

function refusedPath(error: ErrorObject): readonly string[] {
  const path = stepsOf(error.instancePath);
  return error.keyword === 'additionalProperties' ? [...path, String(error.params['additionalProperty'])] : path;
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

interface Failing {
  readonly error: ErrorObject;
  readonly root: LocatedMap;
  readonly schema: JsonObject;
}

function explain({error, root, schema}: Failing): Diagnostic {
  const steps = stepsOf(error.instancePath);
  const place = findPlace(root, steps);
  if (place === undefined) throw new Error(`unreachable: nothing at ${error.instancePath}`);
  const rule = schemaAt(schema, steps);
  if (error.keyword === 'additionalProperties') return unknownKey(error, place, {rule, steps});
  if (error.keyword === 'required') return missingKey(error, place, steps);
  const {code, message, help} = wrongValue(error, place.node, rule);
  const advice = help ?? textOf(rule['x-help']);
  return problem(code, message, {span: place.node.span, ...(advice !== undefined && {help: advice}), ...placesOf(error, place.node)});
}

// Of two equal items the second is the mistake.
function placesOf({keyword, params}: ErrorObject, node: Located): Pick<Diagnostic, 'span' | 'see'> {
  if (keyword !== 'uniqueItems' || node.kind !== 'list') return {};
  const [first, second] = [Number(params['i']), Number(params['j'])]
    .toSorted((left, right) => left - right)
    .map((index) => node.items[index]);
  if (first === undefined || second === undefined) return {};
  return {span: second.span, see: [{span: first.span, note: 'first here'}]};
}

// The part of the schema that speaks of a place. It holds no anyOf or oneOf, so there is exactly one.
function schemaAt(schema: JsonObject, steps: readonly string[]): JsonObject {
  let here = resolved(schema, schema);
  for (const step of steps) here = resolved(schema, partFor(here, step));
  return here;
}

function partFor(schema: JsonObject, step: string): Json | undefined {
  const properties = schema['properties'];
  if (isJsonObject(properties) && Object.hasOwn(properties, step)) return properties[step];
  return /^\d+$/.test(step) && schema['items'] !== undefined ? schema['items'] : schema['additionalProperties'];
}

function resolved(root: JsonObject, part: Json | undefined): JsonObject {
  if (!isJsonObject(part)) return {};
  const reference = textOf(part['$ref']);
  if (reference === undefined) return part;
  const definitions = root['definitions'];
  const target = isJsonObject(definitions) ? definitions[reference.replace('#/definitions/', '')] : undefined;
  return isJsonObject(target) ? target : {};
}

function unknownKey(error: ErrorObject, place: Place, at: {readonly rule: JsonObject; readonly steps: readonly string[]}): Diagnostic {
  const name = String(error.params['additionalProperty']);
  const properties = at.rule['properties'];
  const allowed = isJsonObject(properties) ? Object.keys(properties) : [];
  const span = place.node.kind === 'map' ? place.node.members.get(name)?.keySpan : undefined;
  const where = at.steps.length === 0 ? '' : ` in ${at.steps.join('.')}`;
  const synonym = findSynonym(name, allowed);
  const meant = synonym === undefined ? findMeant(name, allowed) : `Did you mean "${synonym}"?`;
  const help = meant ?? findTaker(name) ?? suggestion(name, allowed, 'Allowed here');
  return problem('FTS110', `unknown key "${name}"${where}`, {...(span && {span}), help});
}

function missingKey(error: ErrorObject, place: Place, steps: readonly string[]): Diagnostic {
  const name = String(error.params['missingProperty']);
  const where = steps.length === 0 ? 'the file' : steps.join('.');
  return problem('FTS113', `${where} lacks "${name}"`, {
    span: place.keySpan ?? firstLine(place.node.span),
    help: `Add \`${name}: ...\` to it.`,
  });
}

function firstLine(span: Span): Span {
  return {...span, length: Math.min(span.length, 1)};
}

interface Wrong {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly help?: string;
}

function wrongValue(error: ErrorObject, node: Located, rule: JsonObject): Wrong {
  const found = describe(node);
  const {params} = error;
  switch (error.keyword) {
    case 'type':
      return {code: 'FTS111', message: `expected ${textOf(rule['x-type']) ?? typeNames(params['type'])}, found ${found}`};
    case 'enum': {
      const allowed = params['allowedValues'] as readonly unknown[];
      return {code: 'FTS112', message: `${found} is not one of ${allowed.join(', ')}`, ...enumHelp(node, rule, allowed.map(String))};
    }
    case 'pattern':
      return {code: 'FTS115', message: `${found} is not ${textOf(rule['x-type']) ?? 'written as it must be'}`};
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return {code: 'FTS114', message: `must be ${String(params['comparison'])} ${String(params['limit'])}, found ${found}`};
    case 'minItems':
    case 'minProperties':
    case 'minLength':
      return {
        code: 'FTS116',
        message: Number(params['limit']) > 1 ? `needs at least ${String(params['limit'])} values` : 'must not be empty',
        help: `Give at least ${Number(params['limit']) > 1 ? String(params['limit']) : 'one'}.`,
      };
    case 'maxItems':
    case 'maxProperties':
      return {code: 'FTS116', message: `holds more than ${String(params['limit'])}`, help: 'Leave some out.'};
    case 'uniqueItems':
      return {code: 'FTS117', message: `holds ${describeItem(node, Number(params['j']))} twice`, help: 'Remove one of the two.'};
    default:
      throw new Error(`unreachable: the schema uses "${error.keyword}", which has no sentence`);
  }
}

function enumHelp(node: Located, rule: JsonObject, allowed: readonly string[]): {readonly help?: string} {
  const meant = node.kind === 'scalar' ? findMeant(node.text, allowed) : undefined;
  // What the schema has to say about the place comes before a mere similarity.
  return meant === undefined || rule['x-help'] !== undefined ? {} : {help: meant};
}

function describe(node: Located): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a mapping';
  if (node.value === null) return 'nothing';
  return typeof node.value === 'string' ? `"${node.value}"` : node.text;
}

function describeItem(node: Located, index: number): string {
  const item = node.kind === 'list' ? node.items[index] : undefined;
  return item === undefined ? 'a value' : describe(item);
}

function typeNames(type: unknown): string {
  const nouns: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    string: 'a text',
    integer: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    null: 'nothing',
  };
  const names = Array.isArray(type) ? type : [type];
  return names.map((name) => nouns[String(name)] ?? String(name)).join(' or ');
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
