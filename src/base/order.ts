// Order by code unit: the same on every machine, whatever its language. Keys and plans depend on it.
export function byCodeUnit(left: string, right: string): -1 | 0 | 1 {
  return left < right ? -1 : left > right ? 1 : 0;
}

export function sorted(texts: Iterable<string>): string[] {
  return [...texts].sort(byCodeUnit);
}

export function sortedBy<T>(items: Iterable<T>, text: (item: T) => string): T[] {
  return [...items].sort((left, right) => byCodeUnit(text(left), text(right)));
}
