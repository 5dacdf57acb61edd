// The local executor keeps the contract.
import {localExecutor} from '../../src/executors/local.ts';
import {executorContract} from './executor-contract.ts';

executorContract('local executor', localExecutor);
