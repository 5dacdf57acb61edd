// `ftsbuild schema`: the JSON Schema of experiments.yaml for an editor, with the names that this study defines.
import {resolve} from 'node:path';
import {isJsonObject, type Json} from '../base/json.ts';
import {schemaText} from '../config/generated/experiments.js';
import type {TextReader} from '../config/include.ts';
import {schemaWithNames} from '../config/named-schema.ts';
import {readStudyNames} from '../config/study-names.ts';
import {packageFolder} from '../host/package-folder.ts';
import {workspaceDisk} from '../host/real-disk.ts';
import {refuse} from './build.ts';
import {writeChanged} from './schema-file.ts';
import {exitCode} from './exit-codes.ts';
import {readTiers, type OpenOptions} from './open.ts';
import type {Terminal} from './terminal.ts';
import {findWorkspace} from './workspace.ts';

export interface SchemaOptions extends OpenOptions {
  /** Relative to the directory; undefined: printed. */
  readonly output?: string | undefined;
}

export function schema(options: SchemaOptions, terminal: Terminal): number {
  const place = findWorkspace(options);
  const isMissing = !place.ok && place.error.every(({code}) => code === 'FTS001') && options.file === undefined;
  if (!place.ok && !isMissing) return refuse(place.error, options, terminal);
  const text = place.ok ? namedSchema(workspaceDisk(place.value.root), place.value.file) : plainSchema();
  if (options.output === undefined) terminal.print(text.trimEnd());
  else writeChanged(workspaceDisk(resolve(options.directory ?? '.')), options.output, text);
  return exitCode.done;
}

/** As text, with the names of the study in that file. */
export function namedSchema(disk: TextReader, file: string): string {
  const whole = JSON.parse(schemaText) as Json;
  if (!isJsonObject(whole)) throw new Error('unreachable: a schema is an object');
  const home = packageFolder();
  const tiers = readTiers(workspaceDisk(home), home);
  const named = schemaWithNames(whole, {study: readStudyNames(disk, file), tiers: tiers.ok ? tiers.value.keys() : []});
  return toText({$comment: `Made by ftsbuild schema, of ${file}.`, ...named});
}

function plainSchema(): string {
  return toText(JSON.parse(schemaText) as Json);
}

function toText(value: Json): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
