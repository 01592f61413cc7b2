import { defineConfig } from 'vitest/config';

// Read inside User-Mode Linux only, where nothing but tmpfs can be written.
export default defineConfig({
  root: new URL('../../..', import.meta.url).pathname,
  cacheDir: '/tmp/vite',
  test: {
    include: ['mesita/dist/uml/*.test.js'],
    exclude: [],
    // What tests share is JavaScript already, and large.
    server: { deps: { external: [/dist\/uml\/chunk/] } },
    pool: 'forks',
    // One CPU, and each start of a process costs a second: one process for all files.
    fileParallelism: false,
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
