// Builds that are killed two hundred times; see build.test.ts.
import {test} from 'vitest';
import {Workspace} from '../support/command-line.ts';
import {torture} from './torture.ts';

test.each([1, 2])('after 100 kills at random moments everything is as if nothing had happened (seed %i)', async (seed) => {
  await torture(Workspace.forTest(), 100, seed);
});
