// Examples below the help of each command: a line each, with what it is for.

const examples: Readonly<Record<string, readonly (readonly [line: string, what: string])[]>> = {
  ftsbuild: [
    ['all --dry-run', 'what would run, and why'],
    ['outputs/hpo/phase6a_2M_h1', 'the studies of that prefix, and what they need'],
    ['all --only budget=2M,20M', 'a part of the matrix'],
    ['--profile smoke all', 'every kind of step once, apart from the real results'],
    ['-f configs/quickstart.yaml all', 'another study'],
  ],
  check: [
    ['check', 'everything that is wrong with the study, by its place'],
    ['check --no-data --format github', 'for a workflow, without the data at hand'],
  ],
  why: [
    ['why outputs/training/phase6a_2M_h1_threshold_1pct', 'what changed, and what it will cost'],
    ['why --params phase6a_2M_h1_threshold_1pct', 'each parameter, and where its value comes from'],
  ],
  status: [
    ['status', 'the whole study, by phase and budget'],
    ['status phase6a --only budget=2B --json', 'a part of it, for a program'],
  ],
  list: [
    ['list hpo --only horizon=1', 'the searches of one horizon'],
    ['list --scripts phase6a', 'the commands to run by hand'],
    ['list --orphans', 'what is left of experiments that were dropped or renamed'],
  ],
  graph: [
    ['graph', 'the study as Mermaid text'],
    ['graph --format svg report', 'as a picture'],
  ],
  adopt: [['adopt outputs/hpo/phase6a_2M_h1 --reason "from the big machine"', 'results that were made elsewhere']],
  invalidate: [['invalidate data --reason "wrong prices"', 'the data, and all that was made of it']],
  gc: [
    ['gc --older-than 30d --dry-run', 'what would go, and how much room it takes'],
    ['gc --max-size 10GB --yes', 'keep the cache below 10 GB'],
    ['gc --orphans', 'what is left of dropped experiments goes into the cache'],
  ],
  clean: [
    ['clean outputs/training/phase6a_2M_h1', 'the trainings of that prefix go into the cache'],
    ['clean --dry-run', 'what would go, and how much room it takes'],
  ],
  fsck: [
    ['fsck', 'every recorded file by its bytes; mends what it can'],
    ['fsck --dry-run --json', 'looks only, for a program'],
  ],
  unlock: [['unlock cluster-node-7', 'that machine is gone, and its build held this folder']],
  data: [
    ['data', 'the data sets of the study'],
    ['data --dry-run', 'what would be built of them'],
  ],
  'data list': [['data list', 'the files on record']],
  'data verify': [['data verify --json', 'whether each is what was recorded, for a program']],
  'data register': [['data register data/raw/prices.csv', 'a file of your own, as it is now']],
  init: [
    ['init', 'asks for a name, data and model sizes'],
    ['init -C my_study --yes --data data/raw/prices.csv --budgets 6K,18K,54K', 'asks nothing'],
  ],
  schema: [
    ['schema --output .ftsbuild/schema.json', 'what the first line of experiments.yaml names'],
    ['schema -f configs/quickstart.yaml', 'of another study'],
  ],
  completion: [
    ['completion bash', 'in ~/.bashrc: eval "$(ftsbuild completion bash)"'],
    ['completion fish', 'into ~/.config/fish/completions/ftsbuild.fish'],
  ],
  help: [
    ['help', 'every command, and the options of a build'],
    ['help why', 'one of them'],
  ],
  doctor: [['doctor', 'sensors, devices and Python of this machine']],
  pause: [['pause', 'the build that runs in this folder stands still']],
  resume: [['resume', 'and goes on']],
  stop: [['stop -C ../other_study', 'the build of another folder ends, and saves what it has']],
  watch: [
    ['watch', 'make what is cheap whenever a file changes, and list the rest'],
    ['watch scripts', 'only the scripts'],
    ['watch --profile smoke --all', 'build the smoke profile at each change'],
  ],
  diff: [
    ['diff HEAD', 'what is not committed yet'],
    ['diff main experiments.yaml', 'this branch against main'],
    ['diff old.yaml new.yaml', 'two files'],
    ['diff origin/main --format markdown', 'a table for the pull request'],
  ],
};

/** With a heading; empty for a command that needs none. */
export function examplesOf(command: string): string {
  const lines = examples[command] ?? [];
  const width = Math.max(0, ...lines.map(([line]) => line.length));
  return lines.length === 0 ? '' : `\nExamples:\n${lines.map(([line, what]) => `  ftsbuild ${line.padEnd(width)}   ${what}`).join('\n')}\n`;
}
