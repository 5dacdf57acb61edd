// A Handlebars template without its comments: what it renders is the same, and two templates that differ only in comments are one text. Pure.

// A comment, or any other expression: what looks like a comment inside a string is none. `{{{{` and `\{{` begin what is not looked into.
const expression = /(?<comment>\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?![\s\S]*?\}\})|\{\{\{?(?:"[^"]*"|'[^']*'|\[[^\]]*\]|[^}"'[])*\}\}\}?/gu;

/**
 * A comment alone on its lines goes with them, as in rendering; one amid text leaves that text as it is. One that strips white space, or stands
 * beside an expression or one that strips, decides how that one renders, and stays, without its words.
 */
export function withoutTemplateComments(template: string): string {
  if (template.includes('{{{{') || template.includes('\\{{')) return template;
  let kept = '';
  let from = 0;
  for (const match of template.matchAll(expression)) {
    if (match.groups?.['comment'] === undefined) continue;
    const cut = cutFor(template, match.index, match[0]);
    kept += template.slice(from, cut.from) + cut.instead;
    from = cut.to;
  }
  return kept + template.slice(from);
}

interface Cut {
  readonly from: number;
  readonly to: number;
  readonly instead: string;
}

function cutFor(template: string, at: number, comment: string): Cut {
  const end = at + comment.length;
  const lineStart = template.lastIndexOf('\n', at - 1) + 1;
  const lineEnd = template.indexOf('\n', end);
  const before = template.slice(lineStart, at);
  const after = template.slice(end, lineEnd < 0 ? undefined : lineEnd);
  const strips = [comment.startsWith('{{~') ? '~' : '', comment.endsWith('~}}') ? '~' : ''] as const;
  // White space that a neighbour strips would reach past the comment, were it gone.
  const isReached = /~\}\}\s*$/u.test(template.slice(0, at)) || /^\s*\{\{\{?~/u.test(template.slice(end));
  if (isReached || strips.join('') !== '' || before.includes('}}') || after.includes('{{')) {
    return {from: at, to: end, instead: `{{${strips[0]}!----${strips[1]}}}`};
  }
  if (before.trim() !== '' || after.trim() !== '') return {from: at, to: end, instead: ''};
  return {from: lineStart, to: lineEnd < 0 ? template.length : lineEnd + 1, instead: ''};
}
