// The catalogue of problems, docs/errors.md, as a table: its second column says what each code means.

export function readCatalogue(markdown: string): ReadonlyMap<string, string> {
  const rows = markdown.matchAll(/^\| (?<code>FTS\d{3}) \| (?<what>.+?) \|/gmu);
  return new Map([...rows].map(({groups}) => [groups?.['code'] ?? '', (groups?.['what'] ?? '').replaceAll('`', '')]));
}
