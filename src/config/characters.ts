// Finds what is no text of YAML: bytes that were not UTF-8, and control characters. Knows nothing of what the text means.
export interface Foreign {
  readonly offset: number;
  readonly message: string;
  readonly help: string;
}

// Tabs and line ends are the only control characters of YAML. Reading as UTF-8 leaves U+FFFD where bytes stand for no character.
const foreign = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffd-\uffff]/;

/** The first character that may not stand in a file. */
export function findForeign(text: string): Foreign | undefined {
  const found = foreign.exec(text);
  if (found === null) return undefined;
  const {0: character, index: offset} = found;
  if (character === '\ufffd') return {offset, message: 'not UTF-8: no character is written like this', help: 'Save the file as UTF-8.'};
  const help =
    character === '\0' ? 'Save the file as UTF-8, or remove the character: files of UTF-16 are full of it.' : 'Remove the character.';
  return {offset, message: `not valid YAML: it may not hold the control character ${codePoint(character)}`, help};
}

/** A character of a value that only an escape such as `"\e"` can have written; no name or title has a use for it. */
export function findEscaped(value: string): string | undefined {
  const found = foreign.exec(value);
  return found === null ? undefined : codePoint(found[0]);
}

function codePoint(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
