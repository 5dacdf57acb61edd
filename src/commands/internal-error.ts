// The last resort: an error that nobody expected ends the program with one line, and says where to read the rest.
import {inspect} from 'node:util';
import {writeTemporaryFile} from '../host/temporary-file.ts';
import {exitCode} from './exit-codes.ts';

/** Ends the program at once: what still runs could wait for what never comes. Jobs notice it, as they notice a kill. */
export function endWithInternalError(error: unknown, version: string): never {
  const what = error instanceof Error ? error.message : String(error);
  const details = `ftsbuild ${version}, Node ${process.versions.node}, ${process.platform}\n${process.argv.slice(2).join(' ')}\n${inspect(error)}\n`;
  // Not into the workspace: most commands write nothing there, and that it cannot be written may be the error.
  const file = writeTemporaryFile('internal-error.txt', details);
  process.stderr.write(`ftsbuild: internal error: ${what.split('\n')[0] ?? ''}\n${file === undefined ? details : `  details: ${file}\n`}`);
  process.exit(exitCode.failed);
}
