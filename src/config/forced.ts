// Checks the configurations that every study tries first: they must lie in the search space and the budget. Pure.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic} from '../base/diagnostic.ts';
import type {Json, JsonObject} from '../base/json.ts';
import type {Fit} from './fit.ts';
import type {Forced} from './layer.ts';
import {membersOf, toJson} from './located.ts';
import type {LocatedMap, Member} from './located.ts';
import type {Settings} from './merge.ts';
import type {ActiveSpaces} from './resolve.ts';
import {architectureNames, isArchitectureName} from './slices.ts';
import {describeSpace, includes} from './space.ts';

export interface ForcedContext {
  readonly forced: Forced | undefined;
  readonly settings: Settings;
  readonly searched: ActiveSpaces;
  readonly fit: Fit;
  readonly problems: Diagnostic[];
}

/** As the record of a study holds them. */
export function resolveForced(context: ForcedContext): readonly JsonObject[] {
  return (context.forced?.configurations ?? []).map((configuration) => resolveOne(configuration, context));
}

const forcedHelp = 'A forced configuration is a point of the search space: correct the value, widen the space, or leave it out.';

function resolveOne(configuration: LocatedMap, context: ForcedContext): JsonObject {
  const kept = new Map<string, Json>();
  for (const [name, member] of membersOf(configuration)) {
    if (isReplaced(name, context)) continue;
    const wrong = findProblem(name, member, context);
    if (wrong === undefined) kept.set(name, toJson(member.node));
    else context.problems.push(problem('FTS226', wrong, {span: member.node.span, help: forcedHelp}));
  }
  checkCondition(configuration, kept, context);
  return {
    ...Object.fromEntries([...kept].filter(([name]) => !isArchitectureName(name))),
    ...resolveArchitecture(configuration, kept, context),
  };
}

// A value that a stronger layer fixed since (a profile's single epoch, say) is no longer the configuration's to choose.
function isReplaced(name: string, {forced, settings}: ForcedContext): boolean {
  const setting = settings.get(name);
  return setting?.kind === 'fixed' && setting.rank > (forced?.rank ?? 0);
}

function findProblem(name: string, {node}: Member, {settings, searched}: ForcedContext): string | undefined {
  const setting = settings.get(name);
  if (setting === undefined) return `"${name}" is neither fixed nor searched`;
  if (setting.kind === 'fixed') {
    if (isArchitectureName(name) && setting.value === toJson(node)) return undefined;
    return `"${name}" is not searched: ${setting.from} fixes it to ${JSON.stringify(setting.value)}`;
  }
  if (setting.space.kind !== 'grid' && !searched.has(name)) return `"${name}" is not searched here: its condition never holds`;
  return includes(setting.space, toJson(node))
    ? undefined
    : `${name} must be ${describeSpace(setting.space)}, found ${JSON.stringify(toJson(node))}`;
}

function checkCondition(configuration: LocatedMap, kept: ReadonlyMap<string, Json>, {searched, problems}: ForcedContext): void {
  for (const name of kept.keys()) {
    const when = searched.get(name)?.when;
    const other = when && kept.get(when.name);
    if (when === undefined || other === undefined || other === when.value) continue;
    const span = configuration.members.get(name)?.node.span ?? configuration.span;
    problems.push(problem('FTS226', `"${name}" is searched only where ${when.name} is ${String(when.value)}`, {span, help: forcedHelp}));
  }
}

// All four numbers or none: a study draws its architecture as one.
function resolveArchitecture(configuration: LocatedMap, kept: ReadonlyMap<string, Json>, {fit, problems}: ForcedContext): JsonObject {
  if (fit.grid === null || !architectureNames.some((name) => kept.has(name))) return {};
  const numbers: Record<string, number> = {};
  for (const name of architectureNames) {
    const values = fit.grid[name];
    const value = kept.get(name) ?? (values.length === 1 ? values[0] : undefined);
    if (typeof value !== 'number') {
      // A part that is there but wrong was reported where it stands.
      if (!configuration.members.has(name))
        problems.push(problem('FTS226', `the forced architecture lacks "${name}"`, {span: configuration.span, help: forcedHelp}));
      return {};
    }
    numbers[name] = value;
  }
  const isFitting = fit.architectures.some(
    (one) =>
      one.dModel === numbers['d_model'] &&
      one.nLayers === numbers['n_layers'] &&
      one.nHeads === numbers['n_heads'] &&
      one.ffRatio === numbers['ff_ratio'],
  );
  if (!isFitting)
    problems.push(
      problem('FTS226', 'the forced architecture is outside the budget, or its heads do not divide its width', {
        span: configuration.span,
        help: forcedHelp,
      }),
    );
  return numbers;
}
