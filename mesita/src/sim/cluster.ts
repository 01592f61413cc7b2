import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentConfig } from '../agent/core/config.ts';
import { type AgentProcess, startAgent } from './processes/agent.ts';
import { startCustomExecutor } from './processes/custom-executor.ts';
import { type Framework, startFramework } from './processes/framework.ts';
import { type MasterProcess, masterHost, masterPid, startMaster } from './processes/master.ts';
import { personalityOf } from './processes/personality.ts';
import { type AgentDisk, createAgentDisk } from './world/agent-disk.ts';
import { createElection, type Election } from './world/election.ts';
import { sendFaults } from './world/faults.ts';
import { createMachine, type Machine } from './world/machine.ts';
import { createRegistryDisk } from './world/registry-disk.ts';
import type { SimulatedWorld } from './world/world.ts';

export interface Cluster {
  readonly master: MasterProcess | undefined;
  readonly agents: readonly AgentProcess[];
  readonly frameworks: readonly Framework[];
}

interface Size {
  readonly agents: number;
  readonly frameworks: number;
}

/** One master, its agents and frameworks, and whoever starts them again when they end. */
export function createCluster(world: SimulatedWorld, size: Size): Cluster {
  const election = createElection(world.random.fork('election'));
  const slots = Array.from({ length: size.agents }, (_, index) =>
    createSlot(world, election, index),
  );
  const throne = createThrone(world, election);
  const frameworks = Array.from({ length: size.frameworks }, (_, index) =>
    startFramework({
      world,
      index,
      personality: personalityOf(index),
      findMaster: () => throne.master?.door,
    }),
  );
  sendFaults(world, {
    hosts: [masterHost, ...slots.map(({ host }) => host), ...slots.map(({ host }) => host)],
    agents: size.agents,
    killMaster: () => throne.kill('killed'),
    killAgent: (index) => slots[index]?.kill('killed'),
    rebootMachine: (index) => slots[index]?.reboot(),
  });
  return {
    get master() {
      return throne.master;
    },
    get agents() {
      return slots.flatMap(({ agent }) => agent ?? []);
    },
    frameworks,
  };
}

/** Where masters come and go. */
function createThrone(world: SimulatedWorld, election: Election) {
  const { timeline, counts, mailboxes } = world;
  const random = world.random.fork('throne');
  const disk = createRegistryDisk(random);
  let generation = 0;
  const throne = { master: undefined as MasterProcess | undefined, kill };

  function start(): void {
    const made = startMaster({ world, disk, generation: generation++, onExit: kill });
    throne.master = made;
    mailboxes.set(masterHost, made.receive);
    election.elect({ pid: masterPid, hostname: `master-${generation}` });
  }

  function kill(reason: string): void {
    if (!throne.master) return;
    counts.masterRestarts++;
    world.note('master', `ends: ${reason}`);
    throne.master.kill();
    throne.master = undefined;
    mailboxes.delete(masterHost);
    // A coordinator notices after its session's timeout; some are back before.
    const downMs = random.chance(0.2)
      ? random.between(10_000, 120_000)
      : random.between(500, 10_000);
    timeline.setTimer(Math.min(downMs, 10_000), () => throne.master ?? election.elect(undefined));
    timeline.setTimer(downMs, start);
  }

  timeline.setTimer(random.between(0, 2000), start);
  return throne;
}

/** A machine whose agent is started again whenever it ends. */
function createSlot(world: SimulatedWorld, election: Election, index: number) {
  const { timeline, counts, mailboxes } = world;
  const name = `agent-${index}`;
  const host = `10.0.${1 + (index >> 7)}.${1 + (index & 127)}:5051`;
  const random = world.random.fork(`slot-${index}`);
  const disk: AgentDisk = createAgentDisk(random);
  const machine: Machine = createMachine(name, world, (at, container, info) =>
    startCustomExecutor(world, at, container, info, () => slot.agent?.door),
  );
  const config = agentConfig(name);
  let generation = 0;
  const slot = { host, agent: undefined as AgentProcess | undefined, kill, reboot };

  function start(rebooted: boolean): void {
    if (slot.agent) return;
    const onExit = (status: number, error: string | undefined) => {
      world.note(name, `exits with ${status}: ${error ?? ''}`);
      timeline.setTimer(0, () => kill('exited'));
    };
    const options = { world, machine, host, disk, election, config, rebooted, onExit };
    slot.agent = startAgent({ ...options, generation: generation++ });
    mailboxes.set(host, slot.agent.receive);
  }

  function kill(reason: string, rebooted = false): void {
    if (!slot.agent) return;
    counts.agentRestarts++;
    world.note(name, `ends: ${reason}`);
    const { agent } = slot;
    slot.agent = undefined;
    agent.kill();
    mailboxes.delete(host);
    const isLong = rebooted || random.chance(0.1);
    const downMs = isLong ? random.between(20_000, 800_000) : random.between(300, 10_000);
    timeline.setTimer(downMs, () => start(rebooted));
    world.onCalm.push(() => timeline.setTimer(random.between(100, 1000), () => start(rebooted)));
  }

  function reboot(): void {
    if (!slot.agent) return;
    counts.reboots++;
    kill('the machine boots', true);
    machine.boot();
  }

  timeline.setTimer(random.between(0, 5000), () => start(false));
  return slot;
}

function agentConfig(hostname: string): Omit<AgentConfig, 'random' | 'pid' | 'ip'> {
  const resources = unwrap(Resources.parse('cpus:4;mem:4096;disk:10000;ports:[31000-32000]'));
  return {
    info: { hostname, port: 5051, resources: resources.toMessages('post') },
    version: '1.12.0',
    workDir: '/work',
    launcherDir: '/launcher',
    sandboxDirectory: '/mnt/mesos/sandbox',
    switchUser: false,
    recover: 'reconnect',
    registrationBackoffMs: 1000,
    executorRegistrationTimeoutMs: 60_000,
    executorReregistrationTimeoutMs: 2000,
    executorShutdownGraceMs: 5000,
    recoveryTimeoutMs: 900_000,
    gcDelayMs: 7 * 86_400_000,
    maxCompletedExecutors: 150,
    httpCommandExecutor: false,
    executorEnvironment: {},
    defaultContainerInfo: undefined,
    oversubscription: { estimateIntervalMs: 15_000, correctionIntervalMs: 0 },
  };
}
