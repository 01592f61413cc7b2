import type { KindName } from '@mesita/sdk/module';
import { mesitaVersion } from '../../../modules/version.ts';
import { bodies } from './bodies.ts';

/** Path → text of every file of a new module. */
export function projectFiles(
  kind: KindName,
  name: string,
  sdk = `^${mesitaVersion}`,
): [path: string, text: string][] {
  return [
    ['package.json', json(packageFile(name, sdk))],
    ['tsconfig.json', json(tsconfig)],
    [`${name}.ts`, moduleFile(kind, name)],
    [`${name}.test.ts`, testFile(name)],
    ['manifest.json', json(manifest(name))],
    ['README.md', readme(kind, name)],
    ['.gitignore', 'node_modules/\n'],
  ];
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function packageFile(name: string, sdk: string): object {
  return {
    name: name.toLowerCase(),
    version: '0.0.1',
    private: true,
    type: 'module',
    exports: `./${name}.ts`,
    scripts: { check: 'tsc', test: `tsc && node --import tsx --test ${name}.test.ts` },
    devDependencies: {
      '@mesita/sdk': sdk,
      '@types/node': '^20.19.0',
      tsx: '^4.20.0',
      typescript: '^7.0.2',
    },
  };
}

const tsconfig = {
  compilerOptions: {
    target: 'es2023',
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    erasableSyntaxOnly: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
};

function moduleFile(kind: KindName, name: string): string {
  const { imports = '', before = '', body } = bodies[kind];
  return `// What this module does, in a sentence.
import { defineModule, param } from '@mesita/sdk/module';
${imports}${before}
export default defineModule({
  kind: '${kind}',
  name: '${name}',
  parameters: {
    greeting: param.string({ default: 'hello', help: 'What it says when it starts.' }),
  },
  create(context, { greeting }) {
    context.log.info(greeting);
    ${body.trim().replaceAll('\n', '\n    ').replaceAll(/ +\n/g, '\n')}
  },
});
`;
}

function testFile(name: string): string {
  return `import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { conform } from '@mesita/sdk/conformance';
import { createTestContext } from '@mesita/sdk/module';
import module from './${name}.ts';

const directory = mkdtempSync(join(tmpdir(), '${name}-'));
after(() => rmSync(directory, { recursive: true }));

// What every module of its kind does.
conform(test, module, { directory });

test('it greets', async () => {
  const world = createTestContext({ workDir: directory });
  await module.create(world.context, { greeting: 'good morning' });
  assert.deepEqual(world.lines, ['info: good morning']);
});
`;
}

function manifest(name: string): object {
  const parameters = [{ key: 'greeting', value: 'hello' }];
  return { libraries: [{ file: `${name}.ts`, modules: [{ name, parameters }] }] };
}

function readme(kind: KindName, name: string): string {
  const flag = bodies[kind].flag.replaceAll('NAME', name);
  return `# ${name}

A module of kind ${kind} for Mesita.

\`\`\`sh
npm install
npm test                                  # types, then what its kind demands and what you promise
mesita modules validate manifest.json     # loads it as a daemon would
mesita modules test ${name}.ts            # the same contract, without a test runner
\`\`\`

Load it: \`--modules=file://$PWD/manifest.json${flag === '' ? '' : ` ${flag}`}\`. After a change:
\`mesita modules reload ${name} ${/^master|both/.test(bodies[kind].daemon) ? '--master' : '--agent'}=<host>:<port>\`.
`;
}
