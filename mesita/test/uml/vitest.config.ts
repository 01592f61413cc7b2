import { defineConfig } from 'vitest/config';

const conditions = ['mesita-source'];

// Read inside User-Mode Linux only, where nothing but tmpfs can be written.
export default defineConfig({
  root: new URL('../../..', import.meta.url).pathname,
  cacheDir: '/tmp/vite',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['mesita/test/uml/**/*.test.ts'],
    pool: 'forks',
    // One CPU, and each start of a process costs a second: one process for all files.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
