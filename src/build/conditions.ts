// Evaluates checks and assertions, and holds results against their schemas. What does so is loaded at the first need: it costs more than an
// up-to-date build.
import type {Diagnostic} from '../base/diagnostic.ts';
import {canonicalText, type JsonObject} from '../base/json.ts';
import type {Outcome} from '../config/expression.ts';
import type {ResultKind} from '../config/results.ts';
import type {Study} from '../config/study.ts';

export interface Conditions {
  /** Undefined until `load` has ended; from then on `isWanted` is true. */
  evaluate(expression: string, variables: JsonObject): Outcome | undefined;
  /** What the schema says against a result; undefined until `load` has ended. */
  validate(kind: ResultKind, result: JsonObject): readonly string[] | undefined;
  /** Something was asked before what answers it was there. */
  readonly isWanted: boolean;
  load(): Promise<void>;
}

export function openConditions(): Conditions {
  let evaluateExpression: typeof import('../config/expression.ts').evaluateExpression | undefined;
  let validateResult: typeof import('../config/results.ts').validateResult | undefined;
  let isWanted = false;
  // The same condition over the same numbers is asked of every seed and every study of one dataset.
  const known = new Map<string, Outcome>();
  return {
    get isWanted() {
      return isWanted;
    },
    load: async () => {
      ({evaluateExpression} = await import('../config/expression.ts'));
      ({validateResult} = await import('../config/results.ts'));
      isWanted = false;
    },
    validate: (kind, result) => {
      isWanted ||= validateResult === undefined;
      return validateResult?.(kind, result);
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

/** Looks; where something that is not loaded yet stood in the way of the answer, loads it and looks again. */
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
