// Entry of `npm start`, `npm test` and the other scripts: plain JavaScript without dependencies,
// because it runs before anything is installed. Installs and builds only what is missing or stale.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const typescript = ['--conditions=mesita-source', '--import', 'tsx'];

/** Script name → what it needs, and the command line it becomes. */
const scripts = {
  build: { build: true },
  start: { build: true, node: ['mesita/dist/mesita.js', 'start'] },
  test: { build: true, node: ['node_modules/vitest/vitest.mjs', 'run'] },
  'test:uml': { build: true, node: [...typescript, 'mesita/test/uml/main.ts'] },
  check: { node: [...typescript, 'tools/check/main.ts'] },
  generate: { node: [...typescript, 'tools/generate/main.ts'] },
  bench: { build: true, node: ['--expose-gc', ...typescript, 'bench/main.ts'] },
  accept: {
    build: true,
    node: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'system'],
    // `npm run accept -- modules`: that part only.
    args: (parts) =>
      (parts.length === 0 ? [''] : parts).map((part) => `mesita/test/interop/${part}`),
  },
  rounds: { build: true, node: [...typescript, 'mesita/test/rounds/main.ts'] },
  kills: { build: true, node: [...typescript, 'mesita/test/kills/main.ts'] },
  compare: { node: [...typescript, 'mesita/src/allocator/testing/reference/compare.ts'] },
  sim: { node: [...typescript, 'mesita/src/sim/main.ts'] },
};

function fail(message) {
  process.stderr.write(`mesita: ${message}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Node ${process.versions.node} is too old: install Node 20.19 or newer`);
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Runs to the end and answers its status. A signal goes on to the child and we stay until it has
 * cleaned up: leaving first would give the prompt back while a cluster is still being stopped.
 */
async function run(command, args) {
  const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
  const forward = (signal) => child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, forward);
  try {
    return await new Promise((resolve) => {
      child.once('error', (error) => fail(`${command}: ${error.message}`));
      child.once('exit', (status, signal) => resolve(status ?? 128 + constants.signals[signal]));
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, forward);
  }
}

/** The lock file that npm keeps inside node_modules is written last, so it dates the install. */
function installIsStale() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return true;
  return statSync(join(root, 'package-lock.json')).mtimeMs > statSync(installed).mtimeMs;
}

async function install() {
  if (!installIsStale()) return;
  process.stderr.write('mesita: installing what is missing (once; about 20 seconds)\n');
  const status = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status > 128) process.exit(status);
  if (status !== 0) fail('npm ci failed: see above; is the npm registry within reach?');
}

async function build() {
  const status = await run(process.execPath, ['tools/build.mjs', '--if-stale']);
  if (status > 128) process.exit(status);
  if (status !== 0) fail('the build failed: see above');
}

checkNode();
const [name, ...args] = process.argv.slice(2);
const script = scripts[name ?? ''];
if (!script) fail(`no script '${name}': one of ${Object.keys(scripts).join(', ')}`);
await install();
if (script.build) await build();
const given = script.args?.(args) ?? args;
process.exit(script.node ? await run(process.execPath, [...script.node, ...given]) : 0);
