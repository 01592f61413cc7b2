// A process that owns containers and is killed by tests: launches what its arguments say, prints
// each launch, and waits. `node owner.ts <root> <name> <script> [<name> <script>…]`.
import { createScene, rootId, shellConfig } from './scene.ts';

const [root = '', ...rest] = process.argv.slice(2);
const forker = process.env.OWNER_FORKER === 'shell' ? 'shell' : 'native';
// Forked and never released: as if its owner died in between.
const stuck = {
  isolation: 'stuck',
  createIsolator: async () => ({
    async isolate() {
      console.log('ready');
      await new Promise(() => {});
    },
  }),
};
const scene = await createScene({ forker, ...(process.env.OWNER_STUCK === '1' && stuck) }, root);
for (let at = 0; at + 1 < rest.length; at += 2) {
  const name = rest[at] ?? '';
  const id = rootId(name);
  const config = shellConfig(scene.sandbox(name), rest[at + 1] ?? '');
  await scene.containerizer.launch({ id, config, environment: { PATH: '/usr/bin:/bin' } });
  const nested = { value: 'child', parent: id };
  if (name.startsWith('pod')) {
    const child = shellConfig('', 'sleep 1010');
    await scene.containerizer.launch({ id: nested, config: child, environment: {} });
  }
  const { executorPid } = await scene.containerizer.status(id);
  console.log(`launched ${name} ${executorPid}`);
}
console.log('ready');
setInterval(() => {}, 60_000);
