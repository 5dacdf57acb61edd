// What a study may say of size and loss: the verdict on validation, which chose the configuration, held against the sealed test's. Pure.
import {unreachable} from '../base/unreachable.ts';
import {describeDoubt, describeVerdict, type Verdict} from './verdict.ts';

export interface Conclusion {
  readonly validation: Verdict;
  readonly test: Verdict;
}

/** In a few words, for a table. */
export function nameConclusion({validation, test}: Conclusion): string {
  return validation.at === 'law' && test.at !== 'law' ? 'law on validation only' : nameVerdict(validation);
}

/** Of one split. */
export function nameVerdict(verdict: Verdict): string {
  const names = {law: 'law shown', none_shown: 'no law shown', rises: 'no law: the loss rises', too_few_points: 'too few budgets'} as const;
  return names[verdict.at];
}

/** Whole sentences: what is shown, and what it rests on. */
export function describeConclusion({validation, test}: Conclusion): string {
  switch (validation.at) {
    case 'law':
      return test.at === 'law'
        ? 'A scaling law is shown, on validation and on the sealed test: the loss falls with size, by more than the seeds differ.'
        : `A scaling law is shown on validation only, which also chose the configurations. On the sealed test none is: ${describeLack(test)}.`;
    case 'too_few_points':
      return describeVerdict(validation);
    case 'rises':
    case 'none_shown':
      return `${describeVerdict(validation)} ${describeOther(validation, test)}`;
    default:
      return unreachable(validation, 'verdict');
  }
}

function describeLack(test: Exclude<Verdict, {at: 'law'}>): string {
  switch (test.at) {
    case 'too_few_points':
      return 'it has too few budgets';
    case 'rises':
      return 'there the loss rises with size';
    case 'none_shown':
      return describeDoubt(test.because);
    default:
      return unreachable(test, 'verdict');
  }
}

function describeOther(validation: Verdict, test: Verdict): string {
  if (test.at === validation.at) return 'The sealed test says the same.';
  return test.at === 'law'
    ? 'The sealed test alone would show one; one of two splits is not enough.'
    : `On the sealed test none is shown either: ${describeLack(test)}.`;
}
