// Groups items by a text, in the order in which the texts come up. (Map.groupBy is newer than the oldest supported language library.)
export function groupBy<T>(items: readonly T[], text: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(text(item));
    if (group === undefined) groups.set(text(item), [item]);
    else group.push(item);
  }
  return groups;
}
