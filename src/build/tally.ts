// Counts how the nodes of a build came to rest, and the trials that ended in it.
import {unreachable} from '../base/unreachable.ts';
import type {JsonObject} from '../base/json.ts';
import type {Node} from '../graph/node.ts';
import type {Outcome, Summary, ThermalSummary, TrialCounts} from './events.ts';

type Failed = Extract<Outcome, {at: 'failed'}>;

export class Tally {
  readonly #done = {ran: 0, fresh: 0, restored: 0, recognised: 0};
  readonly #failed: {node: Node; outcome: Failed}[] = [];
  readonly #blocked: {node: Node; by: Node}[] = [];
  readonly #trials = {evaluated: 0, cached: 0};

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

  /** What a job says of itself while it runs. */
  countTrial(progress: JsonObject): void {
    if (progress['event'] === 'trial_ended') this.#trials[progress['cached'] === true ? 'cached' : 'evaluated']++;
  }

  /** Something failed and nothing new succeeded. */
  get onlyFailures(): boolean {
    return this.#failed.length > 0 && this.#done.ran + this.#done.restored + this.#done.recognised === 0;
  }

  summary(durationMs: number, interrupted: boolean, thermal: ThermalSummary | undefined): Summary {
    const heat = thermal === undefined ? {} : {thermal};
    return {...this.#done, failed: this.#failed, blocked: this.#blocked, trials: this.#trialCounts(), durationMs, interrupted, ...heat};
  }

  #trialCounts(): TrialCounts {
    const {evaluated, cached} = this.#trials;
    return {evaluated, cached, hitRate: evaluated + cached === 0 ? null : cached / (evaluated + cached)};
  }
}
