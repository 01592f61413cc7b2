// The first module of docs/modules.md, word for word.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestContext } from '@mesita/sdk/module';
import { expect, test } from 'vitest';
import { createModuleManager } from '../../../src/modules/manager.ts';
import { parseManifest } from '../../../src/modules/manifest.ts';
import { createModulesProcess } from '../../../src/modules/routes.ts';
import { createMetrics } from '../../../src/net/metrics.ts';

const page = readFileSync(new URL('../../../../docs/modules.md', import.meta.url), 'utf8');
const firstBlock = (language: string) => page.split(`\`\`\`${language}\n`)[1]!.split('```')[0]!;

test('loads and does what the page says', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mesita-docs-'));
  const { clock, random, log, signal } = createTestContext().context;
  const manager = createModuleManager({
    ...{ clock, random, log, signal, path: [], workDir: directory, runtimeDir: directory },
    metrics: createMetrics(clock),
    http: createModulesProcess('test', () => {}),
  });
  writeFileSync(join(directory, 'label.ts'), firstBlock('ts'));
  await manager.load(parseManifest(firstBlock('json')), directory);
  const hook = await manager.create('Hook', 'org_example_Label');
  const task = { name: 't', taskId: { value: 't' }, agentId: { value: 'a' } };
  const none = {} as never;
  expect(await hook.agentRunTaskLabelDecorator?.(task, none, none, none)).toEqual({
    labels: [{ key: 'team', value: 'storage' }],
  });
  rmSync(directory, { recursive: true });
});
