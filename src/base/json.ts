// JSON values and their one canonical text (object members in code-unit order), which digests are made of.
import {sorted} from './order.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** The object in a text; undefined where there is no text, or it holds no JSON object. */
export function parseObject(text: string | undefined): JsonObject | undefined {
  try {
    const json = JSON.parse(text ?? 'null') as Json;
    return isJsonObject(json) ? json : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Two equal values give the same text, whatever order their members were written in.
export function canonicalText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalText(item)).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = sorted(Object.keys(value)).map((name) => `${JSON.stringify(name)}:${canonicalText(value[name] ?? null)}`);
  return `{${members.join(',')}}`;
}

// Follows a JSON pointer (RFC 6901); undefined when nothing is there.
export function findAt(value: Json, pointer: string): Json | undefined {
  let here: Json | undefined = value;
  for (const step of pointer.split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(here)) here = (here as readonly Json[])[Number(name)];
    else if (isJsonObject(here) && Object.hasOwn(here, name)) here = here[name];
    else return undefined;
  }
  return here;
}
