// Answers what a look at the study seldom needs: checks and assertions, schemas of results, texts of scripts that are not rendered yet. What
// does so is loaded at the first need: it costs more than an up-to-date build.
import type {Diagnostic} from '../base/diagnostic.ts';
import type {ProjectPath} from '../base/ids.ts';
import {canonicalText, type JsonObject} from '../base/json.ts';
import type {Outcome} from '../config/expression.ts';
import type {ResultKind} from '../config/results.ts';
import type {Study} from '../config/study.ts';
import type {Node} from '../graph/node.ts';

export interface Conditions {
  /** Undefined until `load` has ended; from then on `isWanted` is true. */
  evaluate(expression: string, variables: JsonObject): Outcome | undefined;
  /** What the schema says against a result; undefined until `load` has ended. */
  validate(kind: ResultKind, result: JsonObject): readonly string[] | undefined;
  /** The text that a script will have, by its path; undefined until a `load` after it was asked for. Writes nothing. */
  preview(script: Node): ReadonlyMap<ProjectPath, string> | undefined;
  /** Something was asked before what answers it was there. */
  readonly isWanted: boolean;
  load(): Promise<void>;
}

const mostCutOff = 3;

export function openConditions(): Conditions {
  let evaluateExpression: typeof import('../config/expression.ts').evaluateExpression | undefined;
  let validateResult: typeof import('../config/results.ts').validateResult | undefined;
  let isWanted = false;
  const unrendered = new Set<Node>();
  const previews = new WeakMap<Node, ReadonlyMap<ProjectPath, string>>();
  // The same condition over the same numbers is asked of every seed and every study of one dataset.
  const known = new Map<string, Outcome>();
  const cutOff = new Map<string, number>();
  return {
    get isWanted() {
      return isWanted;
    },
    load: async () => {
      ({evaluateExpression} = await import('../config/expression.ts'));
      ({validateResult} = await import('../config/results.ts'));
      for (const node of unrendered) previews.set(node, await render(node));
      unrendered.clear();
      isWanted = false;
    },
    validate: (kind, result) => {
      isWanted ||= validateResult === undefined;
      return validateResult?.(kind, result);
    },
    preview: (script) => {
      const known = previews.get(script);
      if (known === undefined) unrendered.add(script);
      isWanted ||= known === undefined;
      return known;
    },
    evaluate: (expression, variables) => {
      if (evaluateExpression === undefined) {
        isWanted = true;
        return undefined;
      }
      const name = canonicalText([expression, variables]);
      const remembered = known.get(name);
      if (remembered !== undefined) return remembered;
      // It is over numbers: what did not end for some of them is not waited for with all.
      const times = cutOff.get(expression) ?? 0;
      if (times >= mostCutOff) return {holds: false, detail: `it could not be evaluated: it did not end ${String(times)} times`};
      const outcome = evaluateExpression(expression, variables);
      if (outcome.isEndless === true) cutOff.set(expression, times + 1);
      known.set(name, outcome);
      return outcome;
    },
  };
}

// A script rests on nothing but its parameters; one that cannot be rendered has no text yet, and says why when its turn comes.
async function render({work}: Node): Promise<ReadonlyMap<ProjectPath, string>> {
  if (work.kind !== 'internal') return new Map();
  try {
    const rendered = await work.perform({readText: () => undefined});
    return new Map(rendered.ok ? rendered.value.files.map(({path, text}) => [path, text]) : []);
  } catch (error) {
    const {TemplateError} = await import('../results/template.ts');
    if (!(error instanceof TemplateError)) throw error;
    return new Map();
  }
}

/** Looks; where something that is not loaded yet stood in the way of the answer, loads it and looks again. What is seen then may ask for more. */
export async function lookWith<T>(conditions: Conditions, look: () => T): Promise<T> {
  for (;;) {
    const seen = look();
    if (!conditions.isWanted) return seen;
    await conditions.load();
  }
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
