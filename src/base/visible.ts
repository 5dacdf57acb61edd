// Makes characters visible that would act instead of being read: control characters, and those that turn the direction of text around.

// C0 and C1, the marks and overrides of Unicode's bidirectional algorithm (UAX 9), and the separators that break a line.
const acting = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** On one line: `\u202e` stands where the character stood. What a text says is shown so, wherever it came from. */
export function visible(text: string): string {
  return text.replace(acting, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
