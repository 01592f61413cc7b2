import { join } from 'node:path';
import type { ContainerLogger } from '@mesita/sdk/module';

/** What `--container_logger` leaves as it is: the files `stdout` and `stderr` of the sandbox. */
export const sandboxLogger: ContainerLogger = {
  prepare: (_id, { directory }) => ({
    stdout: { type: 'path', path: join(directory, 'stdout') },
    stderr: { type: 'path', path: join(directory, 'stderr') },
  }),
};
