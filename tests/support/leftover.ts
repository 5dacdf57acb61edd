// A search whose engine died, and whose process no signal ends.
import {nodeId} from '../../src/base/ids.ts';
import {noteProcess} from '../../src/build/leftover.ts';
import type {Session} from '../../src/build/session.ts';
import type {Processes} from '../../src/host/processes.ts';
import {bestOf, study, StudyBench} from './search-bench.ts';

export interface Leftover {
  readonly bench: StudyBench;
  readonly session: Session;
  /** Each look at a process takes a second. */
  readonly processes: Processes;
}

/** No system gives such a number. */
export const unkillablePid = 999_999_999;

export async function unkillableLeftover(): Promise<Leftover> {
  const bench = new StudyBench([study('x')]);
  const out = bestOf('x');
  bench.jobs.set(out, () => {
    throw new Error('power cut');
  });
  await bench.build().catch(() => undefined);
  const session = bench.session();
  const startOf = (): string => {
    bench.clock.advance(1000);
    return 'long ago';
  };
  const processes = {host: 'here', ownPid: 1, startOf};
  noteProcess(session, session.graph.get(nodeId(out)), {pid: unkillablePid, processes});
  return {bench, session, processes};
}
