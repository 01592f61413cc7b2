import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import type { Command } from 'commander';
import { decodeRecords, encodeRecords } from '../../master/core/registry/encoding.ts';
import { printRegistry, readRegistry } from '../../master/core/registry/portable.ts';
import type { RegistryRecords } from '../../master/core/registry/records.ts';
import { fromWhole, toWhole } from '../../master/core/registry/whole.ts';
import type { StoredRecords } from '../../storage/storage.ts';
import { Problem } from '../problem.ts';
import { describeRegistry } from './describe.ts';
import { type Place, withStorage } from './place.ts';

/** `mesita registry`: what a master remembers, while no master runs. */
export function addRegistry(program: Command): void {
  const registry = program
    .command('registry')
    .description('Look at, save and restore what a master remembers, while it does not run.');
  const add = (name: string, description: string) =>
    registry
      .command(name)
      .description(description)
      .option('--work_dir <dir>', "the master's work directory")
      .option('--zk <url>', 'where masters are elected: zk://…, or file://<path> of a file with it')
      .option('--etcd <url>', 'the same in etcd: etcd://…');
  add('inspect', 'Tell in a few lines what the registry holds.').action(inspect);
  add('export', 'Print the registry as JSON, as /registrar(1)/registry does.')
    .option('--out <file>', 'write it to a new file instead')
    .action(exportRegistry);
  add('import', 'Fill a registry from JSON of `export`, or of Mesos’ /registrar(1)/registry.')
    .argument('<file>', 'the JSON; - for the standard input')
    .option('--replace', 'throw away what the registry holds', false)
    .action(importRegistry);
}

async function inspect(place: Place): Promise<void> {
  await withStorage(place, { mustExist: true, writes: false }, async (storage) => {
    const stored = await storage.load();
    const lines = describeRegistry(stored, read(stored));
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}

async function exportRegistry({ out, ...place }: Place & { readonly out?: string }): Promise<void> {
  await withStorage(place, { mustExist: true, writes: false }, async (storage) => {
    const text = printRegistry(toWhole(read(await storage.load())));
    if (out === undefined) process.stdout.write(text);
    else await writeFile(out, text, { flag: 'wx' });
  });
}

async function importRegistry(
  file: string,
  { replace, ...place }: Place & { readonly replace: boolean },
): Promise<void> {
  const text = await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  const registry = readRegistry(text);
  if (!registry.ok) throw new Problem(`cannot import '${file}': ${registry.error}`);
  await withStorage(place, { mustExist: false, writes: true }, async (storage) => {
    const { epoch, records: before } = await storage.load();
    if (before.size > 0 && !replace) {
      throw new Problem(
        'the registry is not empty; nothing was changed',
        'Give --replace to throw away what it holds; `mesita registry export` saves it.',
      );
    }
    const records = encodeRecords(fromWhole(registry.value));
    const removed = [...before.keys()].map((key) => [key, undefined] as const);
    await storage.commit({ epoch, changes: new Map([...removed, ...records]) });
    process.stdout.write(`imported ${records.size} records\n`);
  });
}

function read({ records }: StoredRecords): RegistryRecords {
  const decoded = decodeRecords(records);
  if (decoded.ok) return decoded.value;
  throw new Problem(`the registry cannot be read: ${decoded.error}`);
}
