// Keeps a line about each container in a file of its sandbox, and counts those that live.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineModule, type Isolator, param } from '@mesita/sdk/module';

export default defineModule({
  kind: 'Isolator',
  name: 'org_example_Journal',
  description: 'Writes the life of each container into its sandbox',
  parameters: {
    file: param.string({ default: 'journal', help: 'Name of the file in the sandbox.' }),
  },
  create({ containers, metrics, log }, { file }): Isolator {
    metrics.gauge('containers', () => containers.all().length);
    const note = (directory: string, line: string) =>
      appendFile(join(directory, file), `${line}\n`);
    return {
      supportsNesting: true,
      supportsStandalone: true,
      async prepare(id, { directory }) {
        // Kept for cleanup, which may come from another agent than this one.
        await containers.set(id, { directory });
        await note(directory, `prepared ${id.value}`);
        return {
          environment: { variables: [{ name: 'JOURNAL', type: 'VALUE', value: file }] },
        };
      },
      async isolate(id, pid) {
        const { directory } = containers.get(id) as { directory: string };
        await note(directory, `runs as ${pid}`);
      },
      async cleanup(id) {
        const known = containers.get(id) as { directory: string } | undefined;
        // It may come for a container that was never prepared, or whose sandbox is gone.
        if (known) await note(known.directory, 'over').catch(() => log.warn('sandbox is gone'));
      },
    };
  },
});
