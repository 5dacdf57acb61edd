// The schema of the configuration with the names of one study as the only ones to choose from. Pure: JSON in, JSON out.
import {isJsonObject} from '../base/json.ts';
import type {Json, JsonObject} from '../base/json.ts';
import type {SectionName, StudyNames} from './study-names.ts';

interface Names {
  readonly study: StudyNames;
  readonly tiers: Iterable<string>;
}

/** The definition that stands wherever one of a section's names is meant. */
const nameDefinitions: readonly (readonly [string, SectionName])[] = [
  ['budget_name', 'budgets'],
  ['task_name', 'tasks'],
  ['data_name', 'data'],
  ['shape_name', 'shapes'],
];

/** A section of which nothing can be read leaves its names open. */
export function schemaWithNames(schema: JsonObject, {study, tiers}: Names): JsonObject {
  const plain = partOf(schema, 'definitions');
  const phaseName = {'x-type': 'a name', description: 'A phase, by its name under phases.', type: 'string'};
  const named: Record<string, Json> = {...plain, phase_name: phaseName};
  const restrict = (definition: string, names: Iterable<string>): void => {
    const values = [...names].flatMap(namesAndNumbers);
    if (values.length > 0) named[definition] = oneOf(partOf(named, definition), values);
  };
  for (const [definition, section] of nameDefinitions) restrict(definition, study.get(section) ?? []);
  restrict('tier_name', tiers);
  restrict('phase_name', study.get('phases') ?? []);
  const dimensions = dimensionsOf(plain);
  named['filter'] = withDimensions(partOf(plain, 'filter'), dimensions, valueOrList);
  named['filters'] = withDimensions(partOf(plain, 'filters'), dimensions, valueOrList);
  named['borrow'] = borrowOf(partOf(plain, 'borrow'), dimensions);
  named['profile'] = profileOf(partOf(plain, 'profile'), study.get('budgets') ?? new Set());
  return {...schema, definitions: named};
}

// YAML reads an unquoted `5` as a number; it is the name "5" all the same.
function namesAndNumbers(name: string): readonly Json[] {
  return name !== '' && String(Number(name)) === name ? [name, Number(name)] : [name];
}

function oneOf(definition: JsonObject, values: readonly Json[]): JsonObject {
  const {examples: _, ...rest} = definition;
  return {...rest, enum: values};
}

/** What a filter may ask for, each with the schema of one value. */
function dimensionsOf(definitions: JsonObject): ReadonlyMap<string, Json> {
  const dimensions = new Map<string, Json>([['phase', {$ref: '#/definitions/phase_name'}]]);
  for (const [name, reference] of Object.entries(partOf(partOf(definitions, 'matrix'), 'properties'))) {
    const several = isJsonObject(reference) ? partOf(definitions, definitionOf(reference)) : {};
    dimensions.set(name, several['items'] ?? {});
  }
  const {timescale} = partOf(partOf(definitions, 'dataset'), 'properties');
  return timescale === undefined ? dimensions : dimensions.set('timescale', timescale);
}

function valueOrList(value: Json): Json {
  const description = isJsonObject(value) ? value['description'] : undefined;
  return {...(description !== undefined && {description}), anyOf: [value, {type: 'array', minItems: 1, items: value}]};
}

function withDimensions(filter: JsonObject, dimensions: ReadonlyMap<string, Json>, schemaOf: (value: Json) => Json): JsonObject {
  const properties = Object.fromEntries([...dimensions].map(([name, value]) => [name, schemaOf(value)]));
  return {...filter, properties, additionalProperties: false};
}

function borrowOf(borrow: JsonObject, dimensions: ReadonlyMap<string, Json>): JsonObject {
  const rule = partOf(borrow, 'items');
  const members = partOf(rule, 'properties');
  const from = partOf(members, 'from');
  const items = withDimensions(partOf(from, 'items'), dimensions, (value) => value);
  return {...borrow, items: {...rule, properties: {...members, from: {...from, items}}}};
}

function profileOf(profile: JsonObject, budgets: ReadonlySet<string>): JsonObject {
  if (budgets.size === 0) return profile;
  const members = partOf(profile, 'properties');
  const {additionalProperties: change = {}, ...rest} = partOf(members, 'budgets');
  const properties = Object.fromEntries([...budgets].map((name) => [name, change]));
  return {...profile, properties: {...members, budgets: {...rest, properties, additionalProperties: false}}};
}

function definitionOf({$ref: reference}: JsonObject): string {
  return typeof reference === 'string' ? reference.replace('#/definitions/', '') : '';
}

function partOf(whole: JsonObject, name: string): JsonObject {
  const part = whole[name];
  if (!isJsonObject(part)) throw new Error(`unreachable: the schema has no object "${name}"`);
  return part;
}
