// What a call of a module costs in each home, over a plain call.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext, type InstanceOf, type Module } from '@mesita/sdk/module';
import { systemClock } from '../mesita/src/actor/clock.ts';
import { createInHome } from '../mesita/src/modules/homes/home.ts';
import { openProgram } from '../mesita/src/modules/homes/open-program.ts';
import { openLibrary } from '../mesita/src/modules/library.ts';
import { moduleReloadBench } from './module-reload.ts';
import { percentile, print } from './print.ts';

type Authorizer = InstanceOf<'Authorizer'>;

const source = `
import { defineModule } from '@mesita/sdk/module';
export default defineModule({
  kind: 'Authorizer',
  name: 'bench',
  create: () => ({ authorized: () => true, approver: () => () => true }),
});
`;

const program = `#!/usr/bin/env python3
import json, sys
for line in sys.stdin:
    m = json.loads(line)
    if "id" not in m: continue
    result = True
    if m["method"] == "describe": result = {"protocol": 1, "kind": "Authorizer", "name": "bench"}
    if m["method"] == "create": result = {"methods": ["authorized"]}
    sys.stdout.write(json.dumps({"id": m["id"], "result": result}) + "\\n")
    sys.stdout.flush()
`;

const question = [
  { value: 'alice', claims: { group: 'ops' } },
  'RUN_TASK',
  { frameworkInfo: { user: 'root', name: 'web', roles: ['web/prod'] } },
] as const;

export async function modulesBench(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'mesita-bench-'));
  const path = join(root, 'bench.mjs');
  writeFileSync(path, source);
  const programPath = join(root, 'bench.py');
  writeFileSync(programPath, program, { mode: 0o755 });
  const context = { ...createTestContext().context, clock: systemClock };
  const libraries = {
    node: await openLibrary(path, path),
    program: await openProgram(programPath, programPath, context),
  };
  const module = libraries.node.find('bench') as Module;
  try {
    inProcess(module.create(context as never, {} as never) as Authorizer, 'a plain call');
    for (const home of ['daemon', 'worker', 'process', 'program'] as const) {
      const library = home === 'program' ? libraries.program : libraries.node;
      const { instance, stop } = await createInHome(
        {
          ...{ kind: 'Authorizer', home, library, name: 'bench', parameters: [], limits: {} },
          module: library.find('bench') as Module,
        },
        context,
      );
      if (home === 'daemon') inProcess(instance, 'in the daemon');
      else await outside(instance, home);
      await stop();
    }
  } finally {
    rmSync(root, { recursive: true });
  }
  for (const home of ['daemon', 'worker', 'process'] as const) await moduleReloadBench(home);
}

/** One call is too short to be timed: batches are. */
function inProcess(instance: Authorizer, what: string): void {
  const batch = 1_000;
  const times: number[] = [];
  for (let round = 0; round < 2_000; round++) {
    const began = performance.now();
    for (let call = 0; call < batch; call++) instance.authorized(...question);
    if (round > 200) times.push(((performance.now() - began) * 1e6) / batch);
  }
  const p50 = percentile(times, 50);
  print(what, `p50 ${p50} ns, p99 ${percentile(times, 99)} ns`, `${perSecond(p50 / 1e6)} calls/s`);
}

async function outside(instance: Authorizer, home: string): Promise<void> {
  const times: number[] = [];
  for (let call = 0; call < 6_000; call++) {
    const began = performance.now();
    await instance.authorized(...question);
    if (call > 1_000) times.push((performance.now() - began) * 1e3);
  }
  const began = performance.now();
  const calls = 20_000;
  for (let sent = 0; sent < calls; sent += 100) {
    await Promise.all(Array.from({ length: 100 }, () => instance.authorized(...question)));
  }
  const rate = perSecond((performance.now() - began) / calls);
  print(
    `in a ${home}`,
    `p50 ${percentile(times, 50)} µs, p99 ${percentile(times, 99)} µs`,
    `${rate} calls/s, 100 at once`,
  );
}

function perSecond(durationMs: number): string {
  return Math.round(1_000 / durationMs).toLocaleString('en');
}
