// Tells several listeners something, of whom none may keep the others from hearing it. Knows nothing of what is said.

/** What the first that failed has thrown is thrown on, when all have heard. */
export function tellEach<T>(listeners: readonly ((said: T) => void)[], said: T): void {
  const errors: unknown[] = [];
  for (const listener of listeners) {
    try {
      listener(said);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
