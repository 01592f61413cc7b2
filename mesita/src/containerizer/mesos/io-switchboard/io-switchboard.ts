import type { Socket } from 'node:net';
import { isAbsolute } from 'node:path';
import type { Clock, Logger } from '@mesita/sdk/base';
import type { ContainerLogger, ContainerStream } from '@mesita/sdk/module';
import type { ContainerID } from '@mesita/sdk/types';
import type { ContainerConfig } from '@mesita/sdk/types/containerizer';
import type { Forker, UserIds } from '../../../linux/launcher/forker.ts';
import { containerKey } from '../paths.ts';
import { type ContainerInput, type ContainerOutput, openInput, readOutput } from './attachment.ts';
import { type Companions, createCompanions, type StreamName, streamNames } from './companions.ts';
import { createServers, type ServedPaths } from './servers.ts';

/** Files or FIFOs that the launcher opens for the container's process. */
type OutputPaths = Readonly<Record<StreamName, string>>;

interface Streams {
  readonly id: ContainerID;
  readonly config: ContainerConfig;
  readonly user: UserIds | undefined;
  /** Somebody will attach at once, and is to miss nothing. */
  readonly isSession: boolean;
}

/** Brings what containers print to where the logger wants it. */
export interface IoSwitchboard {
  /** After the isolators' prepare. The logger's programs run when it resolves. */
  prepare(streams: Streams): Promise<ServedPaths>;
  /** The container's process holds its streams itself now. */
  handOver(id: ContainerID): void;
  /** Finds the programs that an earlier agent started. */
  recover(ids: readonly ContainerID[]): Promise<void>;
  /** Nothing writes any more: waits until all is read. Harmless for a container without programs. */
  cleanUp(id: ContainerID): Promise<void>;
  /** Rejects where nothing serves the container's streams: it has no terminal, nor is it a session. */
  attachOutput(id: ContainerID): Promise<ContainerOutput>;
  /** The same; one at a time. */
  attachInput(id: ContainerID): Promise<ContainerInput | 'BUSY'>;
  /** Lets go; programs and containers go on. */
  close(): Promise<void>;
}

interface IoSwitchboardOptions {
  readonly logger: ContainerLogger;
  readonly runtimeDir: string;
  /** The compiled launcher. */
  readonly program: string | undefined;
  readonly forker: Forker;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createIoSwitchboard(options: IoSwitchboardOptions): IoSwitchboard {
  const { logger, log } = options;
  const companions = createCompanions(options);
  const servers = createServers(options);

  async function connect(id: ContainerID): Promise<Socket> {
    if (servers.has(id)) return servers.connect(id);
    throw new Error('I/O switchboard server was disabled for this container');
  }

  async function openInputOf(id: ContainerID): Promise<ContainerInput | 'BUSY'> {
    return openInput(await connect(id));
  }

  return {
    async prepare({ id, config, user, isSession }) {
      const io = await logger.prepare(id, config);
      const [stdout, stderr] = await Promise.all(
        streamNames.map((name) => openStream(companions, { id, name, stream: io[name], user })),
      );
      const outputs: OutputPaths = { stdout: stdout as string, stderr: stderr as string };
      const terminal = config.containerInfo?.ttyInfo;
      if (!terminal && !isSession) return outputs;
      const serving = { tty: terminal !== undefined, waits: isSession, user, outputs };
      const paths = await servers.start(id, serving);
      if (terminal?.windowSize) {
        const input = await openInputOf(id);
        if (input === 'BUSY') return paths;
        await input.resize(terminal.windowSize.rows, terminal.windowSize.columns);
        input.finish();
      }
      return paths;
    },
    handOver(id) {
      servers.handOver(id);
      companions.handOver(id);
    },
    async recover(ids) {
      await servers.recover(ids);
      await companions.recover(ids);
    },
    async cleanUp(id) {
      // The server writes to the logger's programs.
      await servers.end(id);
      for (const failure of await companions.end(id)) {
        log.warn('container logger ended badly', { containerId: containerKey(id), ...failure });
      }
    },
    attachOutput: async (id) => readOutput(await connect(id)),
    attachInput: openInputOf,
    async close() {
      await servers.close();
      await companions.close();
    },
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
