// Builds that are killed: twenty times here, two hundred times in build.slow.test.ts.
import {test} from 'vitest';
import {Workspace} from '../support/command-line.ts';
import {torture} from './torture.ts';

test('after 20 kills at random moments everything is as if nothing had happened', {timeout: 120_000}, async () => {
  await torture(Workspace.forTest(), 20, 20);
});
