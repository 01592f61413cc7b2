#!/usr/bin/env node
// The master's composition root.
import { join } from 'node:path';
import { systemClock, systemRandom } from '../actor/clock.ts';
import { HierarchicalAllocator } from '../allocator/hierarchical-allocator.ts';
import { type MasterFlags, masterProgram } from '../master/flags.ts';
import { masterProcess } from '../master/http/process.ts';
import type { MasterSurface } from '../master/http/surface.ts';
import { createMaster, type Master } from '../master/master.ts';
import { createMessenger } from '../net/messenger.ts';
import { createInMemoryStore } from '../storage/in-memory.ts';
import { openLevelDbStore } from '../storage/leveldb.ts';
import { build, type Daemon, failStart, readFlags, startDaemon } from './daemon.ts';
import { allocatorOptions, masterConfig } from './master-config.ts';

const program = 'mesos-master';

async function run(): Promise<void> {
  const daemon = await startDaemon<MasterFlags>(readFlags(masterProgram), {
    program,
    delegate: 'master',
    realms: { readonly: 'mesos-master-readonly', readwrite: 'mesos-master-readwrite' },
  });
  const { flags, log, server, address } = daemon;
  const messenger = createMessenger({
    self: address,
    log,
    onExited: (peer) => master.peerExited(peer),
  });
  const master: Master = createMaster({
    config: masterConfig(daemon),
    allocator: new HierarchicalAllocator({ clock: systemClock, random: systemRandom, log }),
    allocatorOptions: allocatorOptions(flags),
    store:
      flags.registry === 'in_memory'
        ? createInMemoryStore()
        : await openLevelDbStore(join(flags.workDir ?? '', 'registry')),
    messenger,
    processes: { add: (p) => server.add(p), remove: (id) => server.router.remove(id) },
    clock: systemClock,
    log,
    onExit(reason) {
      log.error(`master ends: ${reason}`);
      void daemon.exit(1);
    },
  });
  daemon.metrics.gauge(
    'master/uptime_secs',
    () => (systemClock.now() - master.state.startedAt) / 1000,
  );
  server.add(masterProcess(surface(daemon, master), master.receive));
  daemon.onStop(() => master.stop());
  await master.start();
  log.info('master is ready', { url: `http://${address.ip}:${address.port}` });
}

function surface(daemon: Daemon<MasterFlags>, master: Master): MasterSurface {
  const { logControl, metrics } = daemon;
  return {
    state: master.state,
    build,
    flags: daemon.shown,
    files: daemon.files,
    now: () => systemClock.now(),
    metrics: async (timeoutMs) =>
      new Map([...(await metrics.snapshot(timeoutMs)), ...master.metrics()]),
    loggingLevel: () => logControl.level,
    setLoggingLevel: (level, durationMs) => void logControl.raise(level, durationMs),
    schedule: (call, request) => master.schedule(call, request),
    teardown: (id) => master.teardown(id),
  };
}

run().catch((error) => failStart(program, error));
