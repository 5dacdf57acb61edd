// The room that an environment takes is known before it is made: the plan says it, and the disk must have it.
import {expect, test} from 'vitest';
import {describeRoom, findRoomFailure, roomFor} from '../../src/build/environment-room.ts';
import type {Session} from '../../src/build/session.ts';
import {forecast} from '../../src/build/verdicts.ts';
import {handClock} from '../../src/host/clock.ts';
import {memoryDisk} from '../../src/host/memory-disk.ts';
import type {Resources} from '../../src/host/resources.ts';
import {changed, tinyStudy} from '../support/command-line.ts';
import {testPython} from '../support/python-interpreter.ts';
import {StudyBench} from '../support/study-bench.ts';

function machine(freeBytes: number, hasNvidia = true): Resources {
  return {freeDisk: () => freeBytes, freeMemory: () => 1e12, hasDevice: (kind) => kind === 'cuda' && hasNvidia};
}

function sessionWith(python: string): Session {
  const clock = handClock();
  const disk = memoryDisk({}, clock);
  const bench = new StudyBench({disk, clock, packageRoot: '/package'}, 'experiments.yaml');
  disk.write('experiments.yaml', changed(tinyStudy, `interpreter: ${testPython()}`, python));
  return bench.session();
}

function look(session: Session, resources: Resources): {refused: readonly string[]; room: string | undefined} {
  const {nodes} = session.graph;
  const forecasts = forecast(session, nodes);
  return {
    refused: findRoomFailure(session, nodes, forecasts, resources).map(({diagnostic}) => diagnostic.message),
    room: describeRoom(session, nodes, forecasts, resources),
  };
}

test('without an NVIDIA device it takes a third, or what the registry has without triton', () => {
  expect(roomFor({asksForCuda: false}, machine(0), 'linux')).toEqual({least: 6.3e9, most: 6.3e9});
  expect(roomFor({asksForCuda: false}, machine(0, false), 'linux')).toEqual({least: 2e9, most: 5.3e9});
  expect(roomFor({asksForCuda: true}, machine(0, false), 'linux')).toEqual({least: 6.3e9, most: 6.3e9});
  expect(roomFor({asksForCuda: false}, machine(0, false), 'darwin')).toEqual({least: 2e9, most: 2e9});
});

test.skipIf(process.platform !== 'linux')('an environment that is to be made is refused where the disk has no room for it', () => {
  const session = sessionWith('venv: .venv');
  const room = 'The Python environment takes about 6.3 GB on the disk.';
  expect(look(session, machine(7e9))).toEqual({refused: [], room});
  expect(look(session, machine(3e9))).toEqual({
    refused: ['3 GB are free on the disk of .venv; the Python environment takes about 6.3 GB'],
    room,
  });
  expect(look(session, machine(3e9, false))).toEqual({
    refused: [],
    room: 'The Python environment takes about 2 GB on the disk (5.3 GB where the CPU build of torch cannot be had).',
  });
});

test('one that is there, a named interpreter, and what may be shared already are not refused', () => {
  const there = sessionWith('venv: .venv');
  there.disk.write('.venv/lib/python3.13/site-packages/torch.py', '');
  expect(look(there, machine(1e9))).toEqual({refused: [], room: undefined});
  expect(look(sessionWith('interpreter: /opt/python'), machine(1e9))).toEqual({refused: [], room: undefined});
  const shared = look(sessionWith('shared: .venv'), machine(1e9));
  expect([shared.refused, shared.room?.endsWith(' on the disk, once for all workspaces that share it.')]).toEqual([[], true]);
});
