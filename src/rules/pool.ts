// Which slots a run takes: the CPU's, or the accelerator's. Knows of the machine whether it has an accelerator.
import type {ParameterRecord} from '../config/study.ts';
import type {Cost} from '../graph/node.ts';
import type {RuleContext} from './context.ts';

/** A run on the CPU shares the CPU's slots, and `auto` is one where there is no accelerator: it is resolved as the run will resolve it. */
export function poolFor({hasAccelerator}: RuleContext, record: ParameterRecord): NonNullable<Cost['pool']> {
  const device = record.get('device')?.value;
  return device === 'cpu' || (device === 'auto' && !hasAccelerator) ? 'cpu' : 'accelerator';
}
