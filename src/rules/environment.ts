// The Python environment as a node: made from the lock file, or a named interpreter that is only looked at.
import {createHash} from 'node:crypto';
import {nodeId} from '../base/ids.ts';
import type {Input, Node} from '../graph/node.ts';
import {environmentRecord, type RuleContext} from './context.ts';

export function environmentNode({study, requirements}: RuleContext): Node {
  const record = environmentRecord(study);
  const {python} = study;
  const isShared = python.kind === 'venv' && python.packages === 'shared';
  return {
    id: nodeId(record),
    rule: 'environment',
    label: `environment ${python.kind === 'venv' ? python.directory : python.path}`,
    dims: new Map(),
    inputs: [],
    outputs: [{path: record, kind: 'file'}],
    params: new Map([
      ['requirements', createHash('sha256').update(requirements.text).digest('hex')],
      ...(python.kind === 'venv' ? [] : [['interpreter', python.path] as const]),
      ...(isShared ? [['packages', 'shared'] as const] : []),
    ]),
    extent: new Map(),
    code: [],
    collects: [],
    cost: {pool: undefined, estimateMs: 60_000},
    work: {
      kind: 'environment',
      environment: {
        requirements: requirements.file,
        directory: python.kind === 'venv' ? python.directory : undefined,
        interpreter: python.kind === 'venv' ? undefined : python.path,
        ...(isShared ? {packages: 'shared'} : {}),
        asksForCuda: study.experiments.some(({training}) => training.record.get('device')?.value === 'cuda'),
        record,
      },
    },
  };
}

/** The versions that change the numbers of a `data` or a `training` step, major.minor. */
export function environmentInput(context: RuleContext, versions: 'data' | 'training'): Input {
  return {path: environmentRecord(context.study), kind: 'implicit', part: {of: 'json', pointer: `/${versions}`}, role: 'environment'};
}

export function environmentFirst(context: RuleContext): Input {
  return {path: environmentRecord(context.study), kind: 'order_only', part: {of: 'file'}};
}
