// Refuses a text that would cost far more to read than a study ever does, before it is parsed. Knows nothing of what it means.
import {Lexer} from 'yaml';

const largestText = 1_000_000;
// The parser takes about a kilobyte for each of these.
const mostTokens = 60_000;
const deepest = 200;
// No text so short has many tokens, or can nest deeply enough to matter.
const shortText = 2_000;

/** What is too much, as the end of a sentence about the file; undefined for a text that may be parsed. */
export function findExcess(text: string): string | undefined {
  if (text.length > largestText) return `is larger than ${largestText} characters`;
  if (text.length <= shortText) return undefined;
  let tokens = 0;
  let open = 0;
  let inRow = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > mostTokens) return `has more than ${mostTokens} words and signs`;
    if (token === '[' || token === '{') open += 1;
    else if (token === ']' || token === '}') open -= 1;
    // `- - - x` opens a list with each dash.
    if (token === '-' || token === '?' || token === ':') inRow += 1;
    else if (token.trim() !== '') inRow = 0;
    if (open > deepest || inRow > deepest) return 'is nested too deeply';
  }
  return undefined;
}
