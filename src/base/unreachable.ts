// Marks what the type checker proved impossible. Reaching it is a bug, so it throws.
export function unreachable(value: never, what = 'value'): never {
  throw new Error(`unreachable: unexpected ${what} ${JSON.stringify(value)}`);
}
