// Counts how the nodes of a build came to rest.
import {unreachable} from '../base/unreachable.ts';
import type {Node} from '../graph/node.ts';
import type {Outcome, Summary} from './events.ts';

type Failed = Extract<Outcome, {at: 'failed'}>;

export class Tally {
  readonly #done = {ran: 0, fresh: 0, restored: 0, recognised: 0};
  readonly #failed: {node: Node; outcome: Failed}[] = [];
  readonly #blocked: {node: Node; by: Node}[] = [];

  count(node: Node, outcome: Outcome): void {
    switch (outcome.at) {
      case 'done':
        this.#done[outcome.how]++;
        return;
      case 'failed':
        this.#failed.push({node, outcome});
        return;
      case 'blocked':
        this.#blocked.push({node, by: outcome.by});
        return;
      default:
        unreachable(outcome);
    }
  }

  /** Something failed and nothing new succeeded. */
  get onlyFailures(): boolean {
    return this.#failed.length > 0 && this.#done.ran + this.#done.restored + this.#done.recognised === 0;
  }

  summary(durationMs: number, interrupted: boolean): Summary {
    return {...this.#done, failed: this.#failed, blocked: this.#blocked, durationMs, interrupted};
  }
}
