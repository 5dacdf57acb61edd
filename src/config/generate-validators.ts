// Development entry: compiles schemas/*.schema.json to plain functions, so that Ajv is no part of the program. Run by `npm ci`.
//
//   node src/config/generate-validators.ts
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';

import {Ajv} from 'ajv';
import {Ajv2020} from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';

import {isJsonObject} from '../base/json.ts';
import type {Json, JsonObject} from '../base/json.ts';

/** To add one: its name here, its schema in `schemas/{name}.schema.json`; it is then in `generated/{name}.js`. */
const names = ['experiments', 'best_params', 'metrics', 'dataset', 'trial'];
const root = new URL('../../', import.meta.url);
const target = new URL('src/config/generated/', root);

const declaration = `import type {ErrorObject} from 'ajv';

declare const validate: {(data: unknown): boolean; errors?: ErrorObject[] | null};
export default validate;
/** The schema, as JSON text: parsed only where something is wrong. */
export const schemaText: string;
`;

// What Ajv takes from its run time, in terms of Node's own.
const replacements: readonly (readonly [string, string])[] = [
  ['require("ajv/dist/runtime/equal").default', 'isDeepStrictEqual'],
  ['require("ajv/dist/runtime/ucs2length").default', '((text) => [...text].length)'],
];

mkdirSync(target, {recursive: true});
for (const name of names) {
  writeFileSync(new URL(`${name}.js`, target), moduleFor(name));
  writeFileSync(new URL(`${name}.d.ts`, target), declaration);
}

function moduleFor(name: string): string {
  const file = new URL(`schemas/${name}.schema.json`, root);
  if (existsSync(file)) return compiled(JSON.parse(readFileSync(file, 'utf8')) as Json);
  process.emitWarning(`schemas/${name}.schema.json does not exist yet; its validator will throw`);
  const message = `schemas/${name}.schema.json did not exist when the validators were generated`;
  return `export const schemaText = '';\nexport default () => {\n  throw new Error('${message}');\n};\n`;
}

function compiled(schema: Json): string {
  if (!isJsonObject(schema)) throw new Error('unreachable: a schema is an object');
  // Start-up counts: without messages, annotations and inlined references the code is a third of its size.
  const ajv = new (is2020(schema) ? Ajv2020 : Ajv)({
    allErrors: true,
    messages: false,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
    validateFormats: false,
    inlineRefs: false,
    code: {source: true, esm: true, optimize: 2},
  });
  let text = standalone.default(ajv, ajv.compile(withoutAnnotations(schema)));
  for (const [from, to] of replacements) text = text.replaceAll(from, to);
  if (text.includes('require(')) throw new Error('the generated validator needs something of Ajv at run time: add it to the replacements');
  return `import {isDeepStrictEqual} from 'node:util';\n${text}\nexport const schemaText = ${JSON.stringify(JSON.stringify(schema))};\n`;
}

function is2020(schema: JsonObject): boolean {
  return JSON.stringify(schema['$schema'] ?? '').includes('2020-12');
}

function withoutAnnotations(schema: JsonObject): JsonObject {
  const kept = Object.entries(schema).filter(([name, value]) => !isAnnotation(name, value));
  return Object.fromEntries(kept.map(([name, value]) => [name, withoutAnnotationsIn(value)]));
}

// A property may have the name of an annotation; its value is then a schema.
function isAnnotation(name: string, value: Json): boolean {
  return ['title', 'description', 'x-type', 'x-help', 'examples', 'default'].includes(name) && !isJsonObject(value);
}

function withoutAnnotationsIn(value: Json): Json {
  if (isJsonObject(value)) return withoutAnnotations(value);
  return Array.isArray(value) ? value.map(withoutAnnotationsIn) : value;
}
