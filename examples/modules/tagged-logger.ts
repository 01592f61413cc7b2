// Hands what containers print to a program, `logger` for instance, with the container's name; the
// sandbox gets its copy too. The program lives as long as the container, not as long as the agent.
import { join } from 'node:path';
import { type ContainerStream, defineModule, param } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';

export default defineModule({
  kind: 'ContainerLogger',
  name: 'org_example_TaggedLogger',
  description: 'Output goes to the sandbox and to a program',
  parameters: {
    command: param.string({
      default: 'logger -t "$TAG"',
      help: 'Reads lines; $TAG is the container, $STREAM stdout or stderr.',
    }),
  },
  create: (_context, { command }) => ({
    prepare(id, { directory }) {
      const stream = (name: string): ContainerStream => ({
        type: 'command',
        // It writes into the sandbox, where the container's user may have put a link.
        asContainerUser: true,
        // A program that fails loses its own copy only.
        argv: ['/bin/sh', '-c', 'tee -a "$FILE" | { eval "$COMMAND"; cat >/dev/null; }'],
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          FILE: join(directory, name),
          COMMAND: command,
          TAG: tagOf(id),
          STREAM: name,
        },
      });
      return { stdout: stream('stdout'), stderr: stream('stderr') };
    },
  }),
});

/** `root.child`. */
function tagOf({ value, parent }: ContainerID): string {
  return parent ? `${tagOf(parent)}.${value}` : value;
}
