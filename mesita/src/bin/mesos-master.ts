#!/usr/bin/env node
// The master's composition root.
import type { Allocator, AllocatorContext, AllocatorTimer } from '@mesita/sdk/module';
import { systemClock, systemRandom } from '../actor/clock.ts';
import { HierarchicalAllocator } from '../allocator/hierarchical-allocator.ts';
import type { AllocatorParts } from '../allocator/parts.ts';
import { coreActions } from '../master/core/approvers.ts';
import { type MasterFlags, masterProgram } from '../master/flags.ts';
import { allocatorProcess, registrarProcess } from '../master/http/debug-processes.ts';
import { masterProcess } from '../master/http/process.ts';
import type { MasterSurface } from '../master/http/surface.ts';
import { createMaster, type Master } from '../master/master.ts';
import { watchWhitelist } from '../master/whitelist.ts';
import { createAllocatorParts } from '../modules/allocator-parts.ts';
import type { Authorization } from '../net/authorization.ts';
import { createMessenger } from '../net/messenger.ts';
import type { Metrics } from '../net/metrics.ts';
import { createMasterAuthentication } from './authentication.ts';
import { createDaemonAuthorization } from './authorization.ts';
import { type Daemon, daemonSurface, failStart, readFlags, startDaemon } from './daemon.ts';
import { createElection } from './election.ts';
import { allocatorOptions, masterConfig, readConstraints } from './master-config.ts';
import { type DaemonModules, startModules } from './modules.ts';
import { startRecording } from './recording.ts';
import { openRegistry } from './registry.ts';
import { createAuthenticator } from './rpc-authentication.ts';
import { loadCredentials } from './secrets.ts';

const program = 'mesos-master';

async function run(): Promise<void> {
  const daemon = await startDaemon<MasterFlags>(readFlags(masterProgram), {
    program,
    delegate: 'master',
    realms: { readonly: 'mesos-master-readonly', readwrite: 'mesos-master-readwrite' },
  });
  const { flags, log, server, address } = daemon;
  const modules = await startModules({
    ...daemon,
    manifestFile: daemon.valueFiles.get('modules'),
    workDir: flags.workDir ?? '',
    runtimeDir: flags.workDir ?? '',
    realm: 'mesos-master-readwrite',
  });
  server.add(modules.process);
  const secrets = { credentials: loadCredentials('credentials', flags.credentials, log) };
  const authorization = await createDaemonAuthorization(
    flags.authorizers,
    flags.acls,
    modules,
    log,
  );
  daemon.gate.open({
    authenticate: await createMasterAuthentication(flags, secrets, modules),
    authorization,
  });
  const recording = startRecording(daemon, allocatorTimers(daemon.metrics));
  const { startTimer } = recording;
  const allocator = recording.record(await createAllocator(daemon, modules, startTimer));
  // What a module may refuse comes before the registry, which makes files.
  const election = await createElection(flags, modules);
  const authenticator = await createAuthenticator(flags, secrets.credentials, modules, log);
  const messenger = createMessenger({
    self: address,
    log,
    onExited: (peer) => master.peerExited(peer),
  });
  const master: Master = createMaster({
    config: masterConfig(daemon),
    allocator,
    hooks: modules.hooks,
    allocatorOptions: allocatorOptions(flags),
    election,
    store: await openRegistry(flags, log),
    registryTimeouts: {
      fetchMs: flags.registryFetchTimeout,
      storeMs: flags.registryStoreTimeout,
    },
    messenger,
    authenticator,
    authenticationTimeoutMs: flags.authenticationV0Timeout,
    authorize: (principal) => authorization.approvers({ principal }, coreActions),
    processes: { add: (p) => server.add(p), remove: (id) => server.router.remove(id) },
    clock: systemClock,
    log,
    metrics: daemon.metrics,
    maxSubscribers: flags.maxOperatorEventStreamSubscribers,
    onExit(reason) {
      log.error(`master ends: ${reason}`);
      process.stderr.write(`${program}: ${reason}\n`);
      void daemon.exit(1);
    },
  });
  const seen = surface(daemon, authorization, master, allocator);
  server.add(masterProcess(seen, master.receive));
  server.add(registrarProcess(() => master.registry));
  server.add(allocatorProcess(seen, (constraints) => readConstraints(constraints, flags)));
  let unwatch = () => {};
  daemon.onStop(async () => {
    unwatch();
    await master.stop();
    await modules.stop();
    await recording.stop();
  });
  try {
    await master.start();
    unwatch = watchAgents(daemon, allocator);
  } catch (error) {
    // It may stand for election already: another one shall not wait until that is noticed.
    await master.stop();
    throw error;
  }
  log.info('master is ready', { url: `http://${address.ip}:${address.port}` });
}

/** Answers how to stop watching. */
function watchAgents({ flags, log }: Daemon<MasterFlags>, allocator: Allocator): () => void {
  const path = flags.whitelist;
  if (path === undefined || path === '*') return () => {};
  const onChange = (hostnames: ReadonlySet<string>) => allocator.updateWhitelist(hostnames);
  return watchWhitelist({ path, clock: systemClock, log, onChange });
}

async function createAllocator(
  { flags, log }: Daemon<MasterFlags>,
  { manager }: DaemonModules,
  startTimer: AllocatorTimers,
): Promise<Allocator> {
  const name = flags.allocator;
  if (name === 'hierarchical' || name === 'HierarchicalDRF') {
    const context = { clock: systemClock, random: systemRandom, log, startTimer };
    const builtin = new HierarchicalAllocator(context, await allocatorParts(flags, manager));
    return manager.holdBuiltin('Allocator', name, builtin);
  }
  try {
    return await manager.create('Allocator', name, { startTimer });
  } catch (error) {
    throw new Error(`Failed to create allocator '${name}': ${(error as Error).message}`);
  }
}

async function allocatorParts(
  { allocatorParts: names }: MasterFlags,
  manager: DaemonModules['manager'],
): Promise<AllocatorParts> {
  try {
    return await createAllocatorParts(names ?? new Set(), manager);
  } catch (error) {
    throw new Error(`Failed to create the allocator's parts: ${(error as Error).message}`);
  }
}

type AllocatorTimers = NonNullable<AllocatorContext['startTimer']>;

function allocatorTimers(metrics: Metrics): AllocatorTimers {
  const timer = (name: AllocatorTimer) => metrics.timer(`allocator/mesos/${name}`);
  const timers = {
    allocation_run: timer('allocation_run'),
    allocation_run_latency: timer('allocation_run_latency'),
  };
  return (name) => timers[name].start();
}

function surface(
  daemon: Daemon<MasterFlags>,
  authorization: Authorization,
  master: Master,
  allocator: Allocator,
): MasterSurface {
  return {
    ...daemonSurface(daemon, authorization),
    state: master.state,
    now: () => systemClock.now(),
    schedule: (call, request) => master.schedule(call, request),
    teardown: (id) => master.teardown(id),
    updateWeights: (weights) => master.updateWeights(weights),
    changeResources: (...change) => master.changeResources(...change),
    changeAgent: (id, change) => master.changeAgent(id, change),
    subscribe: (view, accept, signal) => master.subscribe(view, accept, signal),
    changeMaintenance: (change) => master.changeMaintenance(change),
    inverseOfferStatuses: () => allocator.inverseOfferStatuses(),
    updateQuota: (configs, force) => master.updateQuota(configs, force),
    setQuota: (request) => master.setQuota(request),
    explain: allocator.explain?.bind(allocator),
  };
}

run().catch((error) => failStart(program, error));
