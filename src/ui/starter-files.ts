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
      # (a package's name, a git address, a packed file that is committed).
      - run: npm ci
      - run: npx --no-install ftsbuild check --no-data --format github
`;

export const nextSteps = `Next:
  ftsbuild all --dry-run          what would run, why, and for how long
  ftsbuild --profile smoke all    every kind of step once, within minutes
  ftsbuild all                    the study`;
