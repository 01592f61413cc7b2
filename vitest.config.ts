import { defineConfig } from 'vitest/config';

const conditions = ['mesita-source'];
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } };

// `unit` is pure and quick. `system` starts real processes and runs one file after another.
export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            '{sdk,mesita}/src/**/*.test.ts',
            'mesita/test/unit/**/*.test.ts',
            'tools/**/*.test.ts',
          ],
          setupFiles: ['tools/property-seed.ts'],
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'system',
          include: ['mesita/test/{system,interop,oracle}/**/*.test.ts'],
          pool: 'forks',
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
