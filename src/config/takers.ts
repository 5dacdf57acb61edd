// Says who takes a parameter that is written where nobody does. Knows the slices, and nothing of files.
import {groups, isIdentityName, parameterKinds} from './slices.ts';

const phaseWords: ReadonlySet<string> = new Set(['skip', 'borrow']);
const searchWords: ReadonlySet<string> = new Set(['objective', 'search', 'forced']);

/** A sentence that says where a known name belongs; undefined for a name that nobody takes. */
export function findTaker(name: string): string | undefined {
  if (isIdentityName(name)) return `"${name}" says which point it is: it belongs into a phase, its matrix or defaults.`;
  if (phaseWords.has(name)) return `Only a phase has "${name}": write it under hpo, in a phase.`;
  if (name === 'timescale') return 'A dataset has a timescale: make "data" the dimension, and give each dataset its own.';
  if (groups.has(name))
    return `"${name}" must be the same for search and training: it belongs into defaults, a phase, a case or a profile.`;
  if (searchWords.has(name)) return `Only the search takes "${name}": write it under hpo.`;
  const kind = parameterKinds.get(name);
  switch (kind?.scope) {
    case undefined:
      return undefined;
    case 'hpo':
      return `Only the search takes "${name}": write it under hpo.`;
    case 'training':
      return `Only the training takes "${name}": write it under training.`;
    case 'common':
      return `"${name}" belongs into defaults, a phase, a shape, a case or a profile.`;
  }
}
