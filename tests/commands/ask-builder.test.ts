// A builder that Ctrl-Z has stopped is seen to stand still, and what it is asked for lets it go on.
import {spawn} from 'node:child_process';
import {fileURLToPath} from 'node:url';
import {expect, test, vi} from 'vitest';
import {askBuilder} from '../../src/commands/ask-builder.ts';
import {status} from '../../src/commands/status.ts';
import {findSuspended} from '../../src/host/suspended.ts';
import {tinyStudy, Workspace} from '../support/command-line.ts';
import {quietTerminal} from '../support/terminal.ts';

const builder = fileURLToPath(new URL('../support/listening-builder.ts', import.meta.url));

/** A builder in this folder, told to stand still as soon as it holds the workspace. */
async function suspendedBuilder(root: string): Promise<{heard: () => string; ended: Promise<unknown>}> {
  const child = spawn(process.execPath, [builder, root], {stdio: ['ignore', 'pipe', 'inherit'], detached: true});
  let heard = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard += text));
  const ended = new Promise((resolve) => child.on('close', resolve));
  await vi.waitFor(() => expect(heard).toBe('ready\n'), 10_000);
  child.kill('SIGSTOP');
  await vi.waitFor(() => expect(findSuspended(child.pid ?? 0)).toBeDefined(), 10_000);
  return {heard: () => heard, ended};
}

test.each([
  ['resume', /^The build goes on\.$/u],
  ['stop', /^The build stops/u],
] as const)('`%s` of a suspended build lets it go on, and is obeyed', async (ask, answer) => {
  const {root} = Workspace.forTest({'experiments.yaml': tinyStudy});
  const {heard, ended} = await suspendedBuilder(root);
  const looking = quietTerminal();
  await status({directory: root, targets: [], only: [], except: [], json: false}, looking.terminal);
  expect(looking.said.join('\n')).toContain('It is suspended (Ctrl-Z) and stands still: `ftsbuild resume` lets it go on');
  const pausing = quietTerminal();
  expect(await askBuilder('pause', {directory: root}, pausing.terminal)).toBe(0);
  expect(pausing.said).toEqual([expect.stringContaining('stands still already')]);

  const {terminal, said} = quietTerminal();
  expect(await askBuilder(ask, {directory: root}, terminal)).toBe(0);
  expect(said).toEqual([expect.stringMatching(answer), expect.stringContaining('It was suspended (Ctrl-Z) and goes on')]);
  await ended;
  expect(heard()).toBe(`ready\n${ask}\n`);
});
