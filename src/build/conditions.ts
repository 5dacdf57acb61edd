// Evaluates checks and assertions. The library behind them is loaded at the first need: it costs more than an up-to-date build.
import type {Diagnostic} from '../base/diagnostic.ts';
import {canonicalText, type JsonObject} from '../base/json.ts';
import type {Outcome} from '../config/expression.ts';
import type {Study} from '../config/study.ts';

export interface Conditions {
  /** Undefined until `load` has ended; from then on `isWanted` is true. */
  evaluate(expression: string, variables: JsonObject): Outcome | undefined;
  /** Something was asked before the library was there. */
  readonly isWanted: boolean;
  load(): Promise<void>;
}

export function openConditions(): Conditions {
  let evaluateExpression: typeof import('../config/expression.ts').evaluateExpression | undefined;
  let isWanted = false;
  // The same condition over the same numbers is asked of every seed and every study of one dataset.
  const known = new Map<string, Outcome>();
  return {
    get isWanted() {
      return isWanted;
    },
    load: async () => {
      ({evaluateExpression} = await import('../config/expression.ts'));
      isWanted = false;
    },
    evaluate: (expression, variables) => {
      if (evaluateExpression === undefined) {
        isWanted = true;
        return undefined;
      }
      const name = canonicalText([expression, variables]);
      const outcome = known.get(name) ?? evaluateExpression(expression, variables);
      known.set(name, outcome);
      return outcome;
    },
  };
}

/** Looks; where a condition stood in the way of the answer, loads the library and looks again. */
export async function lookWith<T>(conditions: Conditions, look: () => T): Promise<T> {
  const first = look();
  if (!conditions.isWanted) return first;
  await conditions.load();
  return look();
}

export function hasConditions({experiments}: Study): boolean {
  return experiments.some(({checks, asserts}) => checks.length + asserts.length > 0);
}

/** What is wrong with the conditions of a study as they are written. */
export async function findConditionProblems(study: Study): Promise<readonly Diagnostic[]> {
  if (!hasConditions(study)) return [];
  const {checkExpressions} = await import('../config/expression.ts');
  return checkExpressions(study);
}
