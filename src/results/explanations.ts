// The report's sentences that say how its numbers are made and how to read them. Each is held against the code by a test.
import {fewestBudgets} from './fits.ts';
import {marks} from './summary.ts';

export const explanations = {
  tables: `Loss in nats on validation, mean over the seeds ± the seeds' standard deviation. ${marks.borrowed} = parameters borrowed from other experiments' searches, ${marks.partial} = from a search that was cut short. The last row is what a model scores that always predicts the base rate.`,
  attempts: "Attempts are the log's whole history, results that were superseded since included. Success rate: successes in all attempts.",
  scaling: [
    "Fit of `loss = a · N^−α` by least squares on the budgets' mean log loss, N measured on the built model; α above 0 means that larger models are better.",
    'A base rate is the share of positives, and the loss of always predicting it. Validation chose the configurations and is no judge of them; the sealed test was read once, after training.',
  ].join(' '),
  individual:
    'Nothing was selected by a test number: the test split is read once, after training. An accuracy says something only beside its base rate.',
  reading: [
    `A law is called shown when, on validation and on the sealed test alike, the whole 95 % interval of α lies above 0 *and* the gain from the smallest to the largest budget exceeds what two seeds of one model differ by. What only validation shows is called "law on validation only". An interval below 0 says that the loss rises with size. It takes ${fewestBudgets} budgets.`,
    'The "95 % interval" is a t-interval with each budget as one observation, on budgets − 2 degrees of freedom: the seeds of a budget share the data, the split and what one search found. "if seeds share nothing" takes each run as one observation instead; it is narrower as a rule, and decides nothing. Neither says anything of other data.',
    'R² is a footnote: four budgets of pure noise give an R² above 0.8 in one study of ten.',
  ],
} as const;
