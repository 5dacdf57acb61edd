#!/usr/bin/env node
// The program's door: answers --version at once, makes sure of the runtime, and sets the exit code. Everything else is loaded behind it.
// The default import: an old Node has no enableCompileCache, and must get as far as being told so.
import nodeModule from 'node:module';
import {hearEndingSignals, mindOutput} from './commands/at-the-door.ts';
import manifest from '../package.json' with {type: 'json'};

const oldestMajor = 22;
const words = process.argv.slice(2);
mindOutput(1);

if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
  process.stdout.write(`${manifest.version}\n`);
} else if (Number(process.versions.node.split('.')[0]) < oldestMajor) {
  process.exitCode = await import('./commands/newer-node.ts').then(({runUnderNewerNode}) => runUnderNewerNode(words));
} else {
  hearEndingSignals();
  nodeModule.enableCompileCache();
  const {endWithInternalError} = await import('./commands/internal-error.ts');
  // Of a promise that is rejected with nobody waiting, too.
  process.on('uncaughtException', (error) => endWithInternalError(error, manifest.version));
  try {
    const {findCurrentAnswer} = await import('./commands/question.ts');
    const answer = findCurrentAnswer();
    if (answer === undefined) {
      const {main} = await import('./commands/main.ts');
      process.exitCode = await main(words);
    } else if (answer !== '') process.stdout.write(`${answer}\n`);
  } catch (error) {
    endWithInternalError(error, manifest.version);
  }
}
