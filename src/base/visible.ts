// Makes characters visible that would act instead of being read: control characters, and those that turn the direction of text around.

// The marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9).
const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// C0 and C1, and the separators that break a line.
const acting = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** On one line: `\u000a` stands where a line break stood. */
export function visible(text: string): string {
  return visibleTurns(text).replace(acting, escaped);
}

/** The same of what turns text around only: lines and colours stay what they are. */
export function visibleTurns(text: string): string {
  return text.replace(turning, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
