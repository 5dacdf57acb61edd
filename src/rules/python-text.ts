// Writes values as Python text for the templates: literals that nothing can break out of, comments that stay comments.
import {visibleTurns} from '../base/visible.ts';
import {isJsonObject, type Json} from '../base/json.ts';
import type {TemplateHelpers} from '../results/template.ts';

/** `py` a literal, `pyColumns` the inside of a list wrapped over lines, `pyMapping` a dict, `comment` text that is safe in a comment or docstring. */
export const pythonHelpers: TemplateHelpers = {
  py: (value) => pythonLiteral(value as Json),
  pyColumns: (columns) => wrapItems((columns as readonly string[]).map(textLiteral)),
  pyMapping: (pairs) => mappingLiteral(pairs as readonly Pair[]),
  comment: (value) => commentText(String(value)),
};

interface Pair {
  readonly name: string;
  readonly value: Json;
}

/** Texts are escaped to ASCII, so neither quotes nor line separators can end them. Throws for a number that JSON has not. */
export function pythonLiteral(value: Json): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberLiteral(value);
  if (typeof value === 'string') return textLiteral(value);
  if (isJsonObject(value))
    return `{${Object.entries(value)
      .map(([name, item]) => `${textLiteral(name)}: ${pythonLiteral(item)}`)
      .join(', ')}}`;
  return `[${value.map((item) => pythonLiteral(item)).join(', ')}]`;
}

function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new Error(`unreachable: ${value} is no JSON number`);
  return String(value);
}

function textLiteral(text: string): string {
  return JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const lineLength = 130;
/** What stands before a mapping on its line. */
const nameLength = 25;

function mappingLiteral(pairs: readonly Pair[]): string {
  const items = pairs.map(({name, value}) => `${textLiteral(name)}: ${pythonLiteral(value)}`);
  const line = `{${items.join(', ')}}`;
  return line.length <= lineLength - nameLength ? line : `{\n${wrapItems(items)}\n}`;
}

function wrapItems(items: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const item of items) {
    if (line !== '' && line.length + item.length + 2 > lineLength) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? `${item},` : ` ${item},`;
  }
  if (line !== '') lines.push(line);
  return lines.map((text) => `    ${text}`).join('\n');
}

function commentText(text: string): string {
  return visibleTurns(text)
    .replaceAll('\\u', 'U+')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
    .replace(/["\\]/g, "'");
}
