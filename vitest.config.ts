// Two suites: the fast one is `npm test`, the slow one torture, simulations and whole builds.
import {defineConfig} from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/**/*.slow.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {test: {name: 'slow', include: ['tests/**/*.slow.test.ts'], testTimeout: 900_000, hookTimeout: 900_000}},
    ],
  },
});
