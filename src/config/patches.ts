// Checks that the patches of a window cover it whole: a bar that no patch reads is history that the model never sees. Pure.
import {problem} from '../base/diagnostic.ts';
import type {Diagnostic, Span} from '../base/diagnostic.ts';
import type {Settings} from './merge.ts';

export interface Patches {
  readonly context: number;
  readonly length: number;
  readonly stride: number;
}

/** `span`: where to point when every value is built in. */
export function checkPatches(settings: Settings, patches: Patches, span: Span): readonly Diagnostic[] {
  const wrong = findUncovered(patches);
  if (wrong === undefined) return [];
  const places = wrong.names.flatMap((name) => settings.get(name)?.span ?? []);
  const [first = span, ...others] = places;
  const see = others.map((other) => ({span: other, note: 'together with this'}));
  return [problem('FTS241', wrong.message, {span: first, ...(see.length > 0 && {see}), help: wrong.help})];
}

interface Uncovered {
  /** What can be changed, the likeliest mistake first. */
  readonly names: readonly string[];
  readonly message: string;
  readonly help: string;
}

function findUncovered({context, length, stride}: Patches): Uncovered | undefined {
  if (length > context)
    return {
      names: ['patch.length', 'context'],
      message: `patch.length ${length} is longer than context ${context}`,
      help: 'A patch is a part of the window: take a shorter patch, or a longer context.',
    };
  if (stride > length)
    return {
      names: ['patch.stride', 'patch.length'],
      message: `patch.stride ${stride} is longer than patch.length ${length}: bars between two patches would never be read`,
      help: `Take a stride of at most ${length}, or longer patches.`,
    };
  const left = (context - length) % stride;
  if (left === 0) return undefined;
  return {
    names: ['patch.stride', 'patch.length', 'context'],
    message: `patches of ${length} bars every ${stride} do not fill context ${context}: the newest ${left} would never be read`,
    help: `The nearest contexts that they fill are ${context - left} and ${context - left + stride}; or take other patches.`,
  };
}
