import { unwrap } from '@mesita/sdk/base';
import { Resources } from '@mesita/sdk/resources';
import type { AgentConfig } from '../../agent/core/config.ts';
import { type AgentDisk, createAgentDisk } from '../world/agent-disk.ts';
import type { Clocks } from '../world/life.ts';
import { createMachine, type Machine } from '../world/machine.ts';
import type { SimulatedWorld } from '../world/world.ts';
import { type AgentProcess, startAgent } from './agent.ts';
import { startCustomExecutor } from './custom-executor.ts';
import { drawRate } from './master-slot.ts';
import type { Seat } from './seat.ts';

export type AgentSlot = ReturnType<typeof createAgentSlot>;

/** A machine whose agent is started again whenever it ends. */
export function createAgentSlot(world: SimulatedWorld, seat: Seat, index: number) {
  const { timeline, counts, mailboxes } = world;
  const name = `agent-${index}`;
  const host = `10.0.${1 + (index >> 7)}.${1 + (index & 127)}:5051`;
  const random = world.random.fork(`slot-${index}`);
  const clocks: Clocks = { offsetMs: random.between(-200, 200), rate: drawRate(random.next()) };
  const disk: AgentDisk = createAgentDisk(random);
  const machine: Machine = createMachine(name, world, (at, container, info) =>
    startCustomExecutor(world, at, container, info, () => slot.agent?.door),
  );
  const config = agentConfig(name);
  let generation = 0;
  const slot = {
    host,
    agent: undefined as AgentProcess | undefined,
    kill,
    cutPower,
    jumpClock(byMs: number) {
      clocks.offsetMs += byMs;
      world.note(name, `its clock jumps by ${Math.round(byMs)} ms`);
    },
  };

  function start(rebooted: boolean): void {
    if (slot.agent) return;
    const onExit = (status: number, error: string | undefined) => {
      world.note(name, `exits with ${status}: ${error ?? ''}`);
      timeline.setTimer(0, () => kill('exited'));
    };
    const options = { world, machine, host, clocks, disk, seat, config, rebooted, onExit };
    const agent = startAgent({ ...options, generation: generation++ });
    slot.agent = agent;
    mailboxes.set(host, agent.receive);
    world.victims.set(host, { kill, freeze: agent.freeze, thaw: agent.thaw, cutPower });
  }

  function kill(reason: string, rebooted = false): void {
    const { agent } = slot;
    if (!agent) return;
    counts.agentRestarts++;
    world.note(name, `ends: ${reason}`);
    slot.agent = undefined;
    agent.kill();
    mailboxes.delete(host);
    world.victims.delete(host);
    const isLong = rebooted || random.chance(0.1);
    const downMs = isLong ? random.between(20_000, 800_000) : random.between(300, 10_000);
    timeline.setTimer(downMs, () => start(rebooted));
    world.onCalm.push(() => timeline.setTimer(random.between(100, 1000), () => start(rebooted)));
  }

  function cutPower(): void {
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
