// The examples in other languages, as daemons run them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import type { AgentId, FrameworkId } from '@mesita/sdk/base';
import { unwrap } from '@mesita/sdk/base';
import type { AllocatorOptions, OfferableResources } from '@mesita/sdk/module';
import { ResourceQuantities, Resources } from '@mesita/sdk/resources';
import { afterAll, expect, test } from 'vitest';
import { waitFor } from '../../harness/wait.ts';
import { createHomesScene } from './scene.ts';

const scene = createHomesScene();
const root = mkdtempSync(join(tmpdir(), 'mesita-examples-'));
afterAll(async () => {
  await scene.end();
  rmSync(root, { recursive: true });
});

function hasProgram(name: string): boolean {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`no ${name} on this machine: its example is not run\n`);
    return false;
  }
}

const options: AllocatorOptions = {
  allocationIntervalMs: 50,
  roleSorter: 'drf',
  frameworkSorter: 'drf',
  fairnessExcludedResourceNames: new Set(),
  filterGpuResources: true,
  minAllocatable: [unwrap(ResourceQuantities.parse('cpus:0.01'))],
  recoveryTimeoutMs: 1_000,
  agentRecoveryFactor: 0.8,
  maxCompletedFrameworks: 0,
  publishPerFrameworkMetrics: false,
  regexMaxMemoryBytes: 4096,
  regexMaxProgramSize: 100,
};

test.runIf(hasProgram('python3'))(
  'an allocator in Python offers in turn, and after its end again',
  async () => {
    const housed = await scene.house('Allocator', 'program', read('python/round_robin.py'), {
      moduleName: 'org_example_RoundRobin',
    });
    const allocator = housed.instance;
    const offers: string[] = [];
    allocator.initialize(options, {
      offer: (framework: FrameworkId, resources: OfferableResources) => {
        for (const [role, agents] of resources)
          for (const [agent, offered] of agents)
            offers.push(`${framework} as ${role} gets ${offered.unallocate()} of ${agent}`);
      },
      inverseOffer: () => undefined,
    });
    const total = unwrap(Resources.parse('cpus:4;mem:1024'));
    const [web, batch] = ['web', 'batch'] as FrameworkId[];
    const add = (id: FrameworkId) =>
      allocator.addFramework(id, { user: 'u', name: id, roles: [`${id}-role`] }, new Map(), true, {
        suppressedRoles: new Set(),
      });
    add(web!);
    add(batch!);
    const agents = ['agent-1', 'agent-2'] as AgentId[];
    for (const id of agents) {
      allocator.addAgent(id, { hostname: id }, [], undefined, total, new Map());
    }
    await waitFor('both agents are offered', () => offers.length === 2);
    expect(offers).toEqual([
      'web as web-role gets cpus:4; mem:1024 of agent-1',
      'batch as batch-role gets cpus:4; mem:1024 of agent-2',
    ]);
    expect(await allocator.updateAvailable(agents[0]!, [])).toEqual({
      ok: false,
      error: 'This allocator converts nothing for operators',
    });

    process.kill(pidOf('library-1.py'), 'SIGKILL');
    await waitFor('it runs again', () => housed.metrics().get('restarts') === 1);
    // What is out on offer stays out; what comes back is offered to the next one.
    const offered = total.allocate('batch-role');
    allocator.recoverResources(batch!, agents[1]!, offered, { refuseSeconds: 3600 }, false);
    await waitFor('what came back is offered', () => offers.length === 3);
    expect(offers[2]).toBe('web as web-role gets cpus:4; mem:1024 of agent-2');
  },
);

test.runIf(hasProgram('jq'))('an isolator in sh runs commands around a container', async () => {
  const marks = join(root, 'marks');
  const { instance } = await scene.house('Isolator', 'program', read('shell/command_isolator.sh'), {
    moduleName: 'org_example_Command',
    parameters: [
      { key: 'prepare', value: `echo "$CONTAINER_ID in $DIRECTORY" >> ${marks}` },
      {
        key: 'cleanup',
        value: `echo "gone: $CONTAINER_ID" >> ${marks}; test $CONTAINER_ID != bad`,
      },
    ],
  });
  const prepared = await instance.prepare?.(
    { value: 'c1' },
    { directory: '/sandbox', commandInfo: {} },
  );
  await instance.cleanup?.({ value: 'c1' });
  await expect(instance.cleanup?.({ value: 'bad' })).rejects.toThrow('The command failed');
  expect([prepared, instance.supportsNesting, instance.usage]).toEqual([
    undefined,
    false,
    undefined,
  ]);
  expect(readFileSync(marks, 'utf8')).toBe('c1 in /sandbox\ngone: c1\ngone: bad\n');
});

function read(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../../../examples/modules', name), 'utf8');
}

/** Of the process whose command line ends so. */
function pidOf(file: string): number {
  const found = execFileSync('pgrep', ['-nf', `${file}$`], { encoding: 'utf8' });
  return Number(found.trim());
}
