// `ftsbuild data`: alone, or with further targets, it builds the group; with `list`, `verify` or `register` it works on the data manifest. Wiring only.
import type {Command} from 'commander';
import {examplesOf} from '../ui/examples.ts';
import {addBuildOptions, buildTargets} from './build-flags.ts';
import {isSet, place, placeFlags, type Finish} from './flags.ts';
import type {Terminal} from './terminal.ts';

export function addDataVerbs(program: Command, terminal: Terminal, finish: Finish): void {
  const data = addBuildOptions(program.command('data'))
    .description('build the data; or list, verify, register: work on the manifest of data files')
    .enablePositionalOptions()
    .action(async (targets: string[]) => {
      finish(await buildTargets(['data', ...targets], [program, data], terminal));
    });
  const list = place(data.command('list'))
    .description('show every data file on record')
    .option('--json', 'print JSON')
    .action(async () => {
      const {listData} = await import('./data.ts');
      finish(listData({...placeOf(list), json: isSet(list, 'json')}, terminal));
    });
  const verify = place(data.command('verify'))
    .description('read every data file on record anew; exit status 1 when one is not what was recorded')
    .option('--json', 'print JSON')
    .action(async () => {
      const {verifyData} = await import('./data.ts');
      finish(verifyData({...placeOf(verify), json: isSet(verify, 'json')}, terminal));
    });
  const register = place(data.command('register'))
    .description('put a file on record as it is now, with a digest of each column')
    .argument('<file>', 'relative to the workspace')
    .option('--timescale <name>', 'its bars, where no dataset of the study says so', 'daily')
    .action(async (path: string) => {
      const {registerData} = await import('./data.ts');
      const {timescale} = register.opts<{timescale: string}>();
      finish(await registerData({...placeOf(register), path, timescale}, terminal));
    });

  for (const verb of [list, verify, register]) verb.addHelpText('after', () => examplesOf(`data ${verb.name()}`));

  // Options of the place may stand before `data` and before the word after it.
  function placeOf(verb: Command): Pick<ReturnType<typeof placeFlags>, 'file' | 'directory' | 'profile'> {
    const own = placeFlags(verb, data);
    const before = placeFlags(verb, program);
    const {file = before.file, directory = before.directory, profile = before.profile} = own;
    return {file, directory, profile};
  }
}
