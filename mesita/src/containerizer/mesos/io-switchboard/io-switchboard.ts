import { isAbsolute } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerLogger, ContainerStream } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import type { Forker, UserIds } from '../../../linux/launcher/forker.ts';
import { containerKey } from '../paths.ts';
import { type Companions, createCompanions, type StreamName, streamNames } from './companions.ts';

/** Files or FIFOs that the launcher opens for the container's process. */
type OutputPaths = Readonly<Record<StreamName, string>>;

/** Brings what containers print to where the logger wants it. */
export interface IoSwitchboard {
  /** After the isolators' prepare. The logger's programs run when it resolves. */
  prepare(
    id: ContainerID,
    config: ContainerConfig,
    user: UserIds | undefined,
  ): Promise<OutputPaths>;
  /** The container's process holds its streams itself now. */
  handOver(id: ContainerID): void;
  /** Finds the programs that an earlier agent started. */
  recover(ids: readonly ContainerID[]): Promise<void>;
  /** Nothing writes any more: waits until all is read. Harmless for a container without programs. */
  cleanUp(id: ContainerID): Promise<void>;
  /** Lets go; programs and containers go on. */
  close(): Promise<void>;
}

interface IoSwitchboardOptions {
  readonly logger: ContainerLogger;
  readonly runtimeDir: string;
  readonly forker: Forker;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createIoSwitchboard(options: IoSwitchboardOptions): IoSwitchboard {
  const { logger, log } = options;
  const companions = createCompanions(options);

  return {
    async prepare(id, config, user) {
      const io = await logger.prepare(id, config);
      const [stdout, stderr] = await Promise.all(
        streamNames.map((name) => openStream(companions, { id, name, stream: io[name], user })),
      );
      return { stdout: stdout as string, stderr: stderr as string };
    },
    handOver: (id) => companions.handOver(id),
    recover: (ids) => companions.recover(ids),
    async cleanUp(id) {
      for (const failure of await companions.end(id)) {
        log.warn('container logger ended badly', { containerId: containerKey(id), ...failure });
      }
    },
    close: () => companions.close(),
  };
}

interface Opening {
  readonly id: ContainerID;
  readonly name: StreamName;
  readonly stream: ContainerStream;
  readonly user: UserIds | undefined;
}

async function openStream(companions: Companions, opening: Opening): Promise<string> {
  const { id, name, stream, user } = opening;
  if (stream.type === 'path') {
    if (isAbsolute(stream.path)) return stream.path;
    throw new Error(`The container logger gave '${stream.path}' for ${name}: no absolute path`);
  }
  const { argv, env = {}, asContainerUser = false } = stream;
  if (argv.length === 0) throw new Error(`The container logger gave no program for ${name}`);
  return companions.start(id, name, { argv, env, user: asContainerUser ? user : undefined });
}
