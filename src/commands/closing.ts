// Ends what a command has opened, in reverse order and whatever goes wrong. Knows nothing of what that is.

export type Step = () => void | Promise<void>;
/** Has a step done at the end, before all that were asked for earlier. */
export type AtEnd = (step: Step) => void;

/** Does the work, then every step that it asked for, whatever the work or another step throws; the first error is thrown on. */
export async function closing<T>(work: (atEnd: AtEnd) => Promise<T>): Promise<T> {
  const steps: Step[] = [];
  const [worked] = await Promise.allSettled([work((step) => void steps.push(step))]);
  const errors: unknown[] = [];
  for (const step of steps.toReversed()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (worked.status === 'rejected') throw worked.reason;
  if (errors.length > 0) throw errors[0];
  return worked.value;
}
