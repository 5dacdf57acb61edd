// Words that other programs have for ours. Knows nothing of where they are written.

const synonyms: ReadonlyMap<string, string> = new Map([
  ['loguniform', 'log'],
  ['log_uniform', 'log'],
  ['reciprocal', 'log'],
  ['categorical', 'choice'],
  ['randint', 'int'],
  ['integer', 'int'],
  ['float', 'uniform'],
]);

/** Our word for it, where it is one of those that may stand there. */
export function findSynonym(name: string, allowed: readonly string[]): string | undefined {
  const ours = synonyms.get(name.toLowerCase());
  return ours !== undefined && allowed.includes(ours) ? ours : undefined;
}
