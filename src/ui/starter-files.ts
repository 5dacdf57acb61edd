// The texts that `ftsbuild init` writes beside a first experiments.yaml: for git, and for a server that checks each change.

export const ignoredText = `# Made by ftsbuild, again whenever it is needed
.venv/
.ftsbuild/
outputs/
data/processed/
__pycache__/
node_modules/
`;

export const workflowText = `# Checks the study on every change: nothing is trained. Exit status 2 means that something is wrong with the files.
name: experiments
on:
  push:
  pull_request:
permissions:
  contents: read
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: {node-version: 24}
      # package.json and its lock file say which ftsbuild: npm install --save-dev FTSBUILD, where FTSBUILD is where yours comes from
      # (a package's name, a git address, a packed file that is committed). Until they are committed nothing is checked, and nothing fails.
      - name: Say that nothing is checked yet
        if: hashFiles('package-lock.json') == ''
        run: echo "::warning::The study is not checked, for there is no package-lock.json. Commit what npm install --save-dev FTSBUILD writes."
      - name: Install ftsbuild
        if: hashFiles('package-lock.json') != ''
        run: npm ci
      - name: Check the study
        if: hashFiles('package-lock.json') != ''
        run: npx --no-install ftsbuild check --no-data --format github
`;

export const nextSteps = `Next:
  ftsbuild all --dry-run          what would run, why, and for how long
  ftsbuild --profile smoke all    every kind of step once, within minutes
  ftsbuild all                    the study`;
