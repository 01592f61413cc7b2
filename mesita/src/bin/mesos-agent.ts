#!/usr/bin/env node
// The agent's composition root.
import { tmpdir } from 'node:os';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { SecretResolver } from '@mesita/sdk/module';
import { systemClock, systemRandom } from '../actor/clock.ts';
import { type Agent, createAgent } from '../agent/agent.ts';
import { createStandaloneSandboxes } from '../agent/driver/standalone.ts';
import { type AgentFlags, agentDefaults, agentProgram } from '../agent/flags.ts';
import { agentProcess } from '../agent/http/process.ts';
import type { AgentSurface } from '../agent/http/surface.ts';
import {
  type ContainerizerOptions,
  createContainerizer,
} from '../containerizer/create-containerizer.ts';
import { defaultLauncher } from '../containerizer/launchers.ts';
import type { MesosContainerizer } from '../containerizer/mesos/mesos-containerizer.ts';
import { createCommandExecutor } from '../executor/command-executor.ts';
import { createDefaultExecutor } from '../executor/default-executor.ts';
import { enterAgentGroups } from '../linux/cgroups/agent-groups.ts';
import { createIsolatorFactory } from '../modules/catalog.ts';
import { createSecretGenerator, createSecretResolver } from '../modules/secrets.ts';
import type { Authorization } from '../net/authorization.ts';
import type { HttpProcess } from '../net/http.ts';
import { agentConfig, collectionPolicy } from './agent-config.ts';
import { createAgentAuthentication } from './authentication.ts';
import { createDaemonAuthorization } from './authorization.ts';
import { containerLoggerFactory } from './container-logger.ts';
import { type Daemon, daemonSurface, failStart, readFlags, startDaemon } from './daemon.ts';
import { createDetector } from './detector.ts';
import { createDiskProfileAdaptor } from './disk-profile-adaptor.ts';
import { killPoints } from './kill-points.ts';
import { type DaemonModules, startModules } from './modules.ts';
import { createOversubscription } from './oversubscription.ts';
import { planAuthentication } from './rpc-authentication.ts';
import { loadCredential, loadCredentials, loadKey } from './secrets.ts';

const program = 'mesos-agent';

async function run(): Promise<void> {
  const launcherDir = fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '');
  const defaults = agentDefaults({
    tempDir: tmpdir(),
    isRoot: process.getuid?.() === 0,
    launcherDir,
    launcher: defaultLauncher({ launcherDir }),
  });
  const daemon = await startDaemon<AgentFlags>(readFlags(agentProgram, defaults), {
    program,
    delegate: 'slave(1)',
    realms: { readonly: 'mesos-agent-readonly', readwrite: 'mesos-agent-readwrite' },
  });
  const { flags, log, server, address } = daemon;
  // Before anything is started that belongs to the agent; containers leave its groups for their own.
  await enterGroups(daemon);
  const modules = await startModules({
    ...daemon,
    manifestFile: daemon.valueFiles.get('modules'),
    workDir: flags.workDir,
    runtimeDir: flags.runtimeDir,
    realm: 'mesos-agent-readwrite',
  });
  server.add(modules.process);
  const authorization = await createDaemonAuthorization(flags.authorizer, flags.acls, modules, log);
  const key = loadKey(flags.jwtSecretKey, log);
  const credentials = loadCredentials('http_credentials', flags.httpCredentials, log);
  daemon.gate.open({
    authenticate: await createAgentAuthentication(flags, { credentials, key }, modules),
    authorization,
  });
  const secrets = await createSecretResolver(flags.secretResolver, modules.manager);
  // What a module may refuse comes before the containerizer, which makes directories.
  const detector = await createDetector(flags, modules);
  // Storage resource providers will ask it; until there are any, it is only made.
  await createDiskProfileAdaptor(flags.diskProfileAdaptor, modules.manager);
  const secretGenerator = await createSecretGenerator(flags.secretGenerator, key, modules.manager);
  const oversubscription = await createOversubscription(flags, modules.manager);
  const containerizer = await startContainerizer(daemon, modules, secrets);
  declareCounters(daemon, containerizer);
  const config = agentConfig(daemon);
  const proof = planAuthentication(flags, loadCredential(flags.credential, log), modules);
  const processes = {
    add: (p: HttpProcess) => server.add(p),
    remove: (id: string) => server.router.remove(id),
  };
  const agent = createAgent({
    config: {
      ...config,
      authenticates: proof !== undefined,
      info: await modules.hooks.agentInfo(config.info),
    },
    authentication: proof && { plan: proof, processes },
    hooks: modules.hooks,
    strict: flags.strict,
    reconfigurationPolicy: flags.reconfigurationPolicy === 'additive' ? 'additive' : 'equal',
    address,
    detector,
    containerizer,
    executors: { COMMAND: createCommandExecutor, DEFAULT: createDefaultExecutor },
    files: daemon.files,
    secretGenerator,
    authorization,
    oversubscription,
    metrics: daemon.metrics,
    collection: collectionPolicy(flags),
    clock: systemClock,
    random: systemRandom,
    log,
    wrap: killPoints(process.env),
    onExit(status, error) {
      if (error !== undefined) process.stderr.write(`${program}: ${error}\n`);
      void daemon.exit(status);
    },
  });
  server.add(agentProcess(surface(daemon, authorization, agent, containerizer), agent.endpoints));
  daemon.onStop(async () => {
    await agent.stop();
    await modules.stop();
  });
  process.on('SIGUSR1', () => agent.post({ type: 'Leave', message: 'Received SIGUSR1 signal' }));
  await agent.start();
  log.info('agent is up', { url: `http://${address.ip}:${address.port}`, master: flags.master });
}

async function enterGroups({ flags, log }: Daemon<AgentFlags>): Promise<void> {
  const { agentSubsystems, cgroupsHierarchy: base, cgroupsRoot: root } = flags;
  if (agentSubsystems === undefined) return;
  await enterAgentGroups(agentSubsystems.split(',').filter(Boolean), { base, root }, log);
}

function declareCounters({ metrics }: Daemon<AgentFlags>, containerizer: MesosContainerizer): void {
  metrics.source(() => new Map(Object.entries(containerizer.counters())));
  for (const name of Object.keys(containerizer.counters()))
    metrics.gauge(name, () => containerizer.counters()[name] ?? 0);
}

async function startContainerizer(
  { flags, log, shown }: Daemon<AgentFlags>,
  { manager, contextOf, hooks }: DaemonModules,
  secrets: SecretResolver,
): Promise<MesosContainerizer> {
  const options: ContainerizerOptions = {
    workDir: flags.workDir,
    runtimeDir: flags.runtimeDir,
    launcher: flags.launcher,
    launcherDir: flags.launcherDir,
    cgroups: {
      hierarchy: flags.cgroupsHierarchy,
      root: flags.cgroupsRoot,
      destroyTimeoutMs: flags.cgroupsDestroyTimeout,
    },
    isolation: flags.isolation,
    switchUser: flags.switchUser,
    sandboxDirectory: flags.sandboxDirectory,
    frameworksHome: flags.frameworksHome,
    fetcherCacheDir: flags.fetcherCacheDir,
    fetcherCacheBytes: flags.fetcherCacheSize,
    fetcherStallTimeoutMs: flags.fetcherStallTimeout,
    createIsolator: createIsolatorFactory(contextOf, shown, manager, secrets),
    createLogger: containerLoggerFactory(flags.containerLogger, manager),
    ...(hooks.has('agentPostFetch') && { afterFetch: hooks.postFetch }),
    wrap: killPoints(process.env),
    clock: systemClock,
    log,
  };
  try {
    return await createContainerizer(options);
  } catch (error) {
    // What the system refused is told in the system's terms; the flags' errors in Mesos'.
    if ((error as NodeJS.ErrnoException).code !== undefined) throw error;
    const failed = 'Failed to create a containerizer: Could not create MesosContainerizer: ';
    throw new Error(failed + (error as Error).message, { cause: error });
  }
}

function surface(
  daemon: Daemon<AgentFlags>,
  authorization: Authorization,
  agent: Agent,
  containerizer: MesosContainerizer,
): AgentSurface {
  return {
    ...daemonSurface(daemon, authorization),
    state: agent.state,
    pid: agent.pid,
    startedAt: systemClock.now(),
    containers: containerizer,
    heartbeatMs: daemon.flags.httpHeartbeatInterval,
    pendingOperations: () => containerizer.pendingOperations(),
    standalone: createStandaloneSandboxes({
      workDir: daemon.flags.workDir,
      switchUser: daemon.flags.switchUser,
      containerizer,
    }),
  };
}

run().catch((error) => failStart(program, error));
