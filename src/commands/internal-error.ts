// The last resort: an error that nobody expected ends the program with one line, and says where to read the rest.
import {inspect} from 'node:util';
import {findErrorCode} from '../host/disk-failure.ts';
import {writeTemporaryFile} from '../host/temporary-file.ts';
import {exitCode} from './exit-codes.ts';

/** What the machine does not give, and what helps: met anywhere, while modules are loaded too, and no mistake of this program's. */
const exhausted: ReadonlyMap<string, string> = new Map([
  ['EMFILE', 'this process may have no more files open: allow it more (`ulimit -n 1024`), and start it again'],
  ['ENFILE', 'too many files are open on this machine: end other programs, and start it again'],
  ['EAGAIN', 'this machine starts no more processes for you: end other programs, or allow more (`ulimit -u`), and start it again'],
  ['ENOMEM', 'this machine has no memory left: end other programs, and start it again'],
]);

/** Ends the program at once: what still runs could wait for what never comes. Jobs notice it, as they notice a kill. */
export function endWithInternalError(error: unknown, version: string): never {
  const lack = exhausted.get(findErrorCode(error) ?? '');
  if (lack !== undefined) {
    process.stderr.write(`error: ${lack}.\n`);
    process.exit(exitCode.gate);
  }
  const what = error instanceof Error ? error.message : String(error);
  const details = `ftsbuild ${version}, Node ${process.versions.node}, ${process.platform}\n${process.argv.slice(2).join(' ')}\n${inspect(error)}\n`;
  // Not into the workspace: most commands write nothing there, and that it cannot be written may be the error.
  const file = writeTemporaryFile('internal-error.txt', details);
  process.stderr.write(`ftsbuild: internal error: ${what.split('\n')[0] ?? ''}\n${file === undefined ? details : `  details: ${file}\n`}`);
  process.exit(exitCode.failed);
}
