// Keeps why the jobs of a build stand still: they go on when the last cause is gone. Knows only events.
import type {BuildEvent} from './events.ts';

export class PauseCauses {
  readonly #causes = new Set<string>();

  /** True where the event is one of pausing or going on. */
  listen(event: BuildEvent): boolean {
    if (event.type === 'paused') this.#causes.add(event.by);
    else if (event.type === 'resumed') this.#causes.delete(event.by);
    else return false;
    return true;
  }

  get isPaused(): boolean {
    return this.#causes.size > 0;
  }
}
