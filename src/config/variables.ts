// What conditions may speak of. Test metrics are not among it: the test split is sealed.

/** Names in a condition, a dot where a number belongs to a group, and what each means. All of them are numbers. */
export type VariableSet = Readonly<Record<string, string>>;

const windows: VariableSet = {
  'train.windows': 'training windows',
  'val.windows': 'validation windows',
  'test.windows': 'test windows',
};

const metrics: VariableSet = {
  auc: 'area under the ROC curve on validation',
  accuracy: 'accuracy on validation',
  precision: 'precision on validation',
  recall: 'recall on validation',
  base_rate: 'share of positive labels on validation',
  base_rate_entropy: 'loss of always predicting the base rate',
  prediction_mean: 'mean predicted probability on validation',
  prediction_std: 'spread of the predicted probabilities on validation',
};

/** For `checks`: of a search's or a training's result. One that the result lacks makes the check not apply to it. */
export const checkVariables: VariableSet = {
  val_loss: 'validation loss of the best epoch',
  train_loss: 'training loss of the best epoch',
  ...metrics,
  'val.loss': 'the same as val_loss, of a training',
  ...Object.fromEntries(Object.entries(metrics).map(([name, meaning]) => [`val.${name}`, meaning])),
  ...windows,
  'train.positives': 'positive labels among the training windows',
  'val.positives': 'positive labels among the validation windows',
  param_count: 'parameters of the built model',
  best_epoch: 'the epoch that is kept, from 1',
  'trials.expected': 'trials the study asks for',
  'trials.ended': 'trials that came to an end of their own',
  'trials.complete': 'trials that ended well',
  'trials.pruned': 'trials that were stopped as hopeless',
  'trials.failed': 'trials that failed',
};

/** For `assert`: known before anything runs, from the number of rows alone. */
export const assertVariables: VariableSet = {...windows, rows: 'usable rows of the dataset'};
