// Lint: strict TypeScript, and the layers (docs/design.md, section 2): imports point down only.
import tseslint from 'typescript-eslint';
import boundaries from 'eslint-plugin-boundaries';

const layers = ['base', 'host', 'config', 'graph', 'results', 'rules', 'state', 'executors', 'build', 'ui', 'commands'];

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
      '@typescript-eslint/array-type': 'off',
      'max-depth': ['error', 4],
      'max-params': ['error', 6],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: {boundaries},
    settings: {
      'boundaries/elements': layers.map((layer) => ({type: layer, pattern: `src/${layer}`})),
      'import/resolver': {node: {extensions: ['.ts']}},
    },
    rules: {
      'boundaries/element-types': [
        'error',
        {default: 'disallow', rules: layers.map((layer, height) => ({from: layer, allow: layers.slice(0, height + 1)}))},
      ],
      'no-restricted-globals': ['error', {name: 'console', message: 'only ui/ prints, through the terminal'}],
    },
  },
  {
    files: ['src/{base,config,graph,results,rules,state,build,ui}/**/*.ts', 'src/commands/*.ts'],
    ignores: ['src/config/generate-validators.ts', 'src/commands/newer-node.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['node:fs', 'node:fs/promises', 'node:child_process', 'execa', 'chokidar'].map((name) => ({
            name,
            message: 'only host/ and executors/ touch files and processes',
          })),
        },
      ],
    },
  },
  {
    files: ['tests/**/*.ts', 'bench/**/*.ts', '*.config.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      'max-params': 'off',
    },
  },
);
