// Lint: strict TypeScript, and the layers (docs/design.md, section 2): imports point down only.
import tseslint from 'typescript-eslint';

// Low to high.
const layers = ['base', 'host', 'config', 'graph', 'results', 'rules', 'state', 'executors', 'build', 'ui', 'commands'];
// Only these touch files and processes; the others go through the interfaces of host/.
const touching = ['host', 'executors'];
const machine = ['node:fs', 'node:fs/promises', 'node:child_process', 'execa', 'chokidar', 'systeminformation'];

function layerRules(layer, height) {
  return {
    files: [`src/${layer}/**/*.ts`],
    ignores: ['src/config/generate-validators.ts', 'src/commands/newer-node.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: layers
            .slice(height + 1)
            .map((upper) => ({regex: `^(\\.\\./)+${upper}/`, message: `${layer}/ is below ${upper}/ and does not import it`})),
          paths: touching.includes(layer)
            ? []
            : machine.map((name) => ({name, message: 'only host/ and executors/ touch files and processes'})),
        },
      ],
    },
  };
}

export default tseslint.config(
  {ignores: ['dist/', 'node_modules/', '.venv/', 'outputs/', '**/generated/', 'coverage/', '**/*.js']},
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {parserOptions: {projectService: true}},
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', {allowNumber: true, allowBoolean: true}],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
      '@typescript-eslint/no-unused-vars': ['error', {argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true}],
      '@typescript-eslint/no-confusing-void-expression': ['error', {ignoreArrowShorthand: true}],
      '@typescript-eslint/dot-notation': 'off',
      'max-depth': ['error', 4],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {'no-restricted-globals': ['error', {name: 'console', message: 'only ui/ prints, through the terminal'}]},
  },
  ...layers.map(layerRules),
  {
    files: ['tests/**/*.ts', 'bench/**/*.ts', '*.config.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
);
