// What @mesita/sdk exports, page by page, from the declarations that its authors get.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

interface Page {
  readonly name: string;
  /** What authors import. */
  readonly specifier: string;
  readonly intro: string;
  /** Folder in sdk/src, and which of its files: all, where it is not said. */
  readonly folder: string;
  readonly files?: readonly string[];
}

const pages: readonly Page[] = [
  {
    name: 'module',
    specifier: '@mesita/sdk/module',
    intro: 'Defining a module, its parameters, what it is given, and a context for its tests.',
    folder: 'module',
    files: ['define-module', 'param', 'parameters', 'context', 'test-context'],
  },
  {
    name: 'kinds',
    specifier: '@mesita/sdk/module',
    intro: 'The contract of each kind: when each method is called, and what its failure means.',
    folder: 'module/kinds',
  },
  {
    name: 'conformance',
    specifier: '@mesita/sdk/conformance',
    intro: 'Holding a module to the contract of its kind.',
    folder: 'conformance',
    files: ['run', 'suite', 'scene', 'samples', 'story', 'channel'],
  },
  {
    name: 'base',
    specifier: '@mesita/sdk/base',
    intro: 'Results, durations, sizes, ids, versions; clock, chance and log as interfaces.',
    folder: 'base',
  },
  {
    name: 'resources',
    specifier: '@mesita/sdk/resources',
    intro: 'The one algebra of resources.',
    folder: 'resources',
    files: ['resources', 'quantities', 'limits', 'attributes', 'roles'],
  },
];

const folder = 'docs/api';

/** Path → text. Runs the compiler: a second or two. */
export function apiPages(): [path: string, text: string][] {
  const directory = mkdtempSync(join(tmpdir(), 'mesita-api-'));
  try {
    const tsc = 'node_modules/typescript/bin/tsc';
    const flags = ['-p', 'sdk', '--emitDeclarationOnly', '--outDir', directory];
    execFileSync(process.execPath, [tsc, ...flags]);
    const rendered = pages.map((page): [string, string] => [
      `${folder}/${page.name}.md`,
      renderPage(page, directory),
    ]);
    return [[`${folder}/README.md`, renderIndex()], ...rendered];
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function renderIndex(): string {
  const rows = pages.map(
    ({ name, specifier, intro }) => `| [${name}](${name}.md) | \`${specifier}\` | ${intro} |`,
  );
  const head = '# The API of @mesita/sdk\n\nGenerated from its types.';
  return `${head}\n\n| page | import from | |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function renderPage({ name, specifier, intro, ...page }: Page, directory: string): string {
  const from = join(directory, page.folder);
  const files =
    page.files ??
    readdirSync(from)
      .filter((file) => file.endsWith('.d.ts') && file !== 'index.d.ts')
      .map((file) => file.slice(0, -'.d.ts'.length))
      .sort();
  const sections = files.flatMap((file) => {
    const declarations = readDeclarations(readFileSync(join(from, `${file}.d.ts`), 'utf8'));
    return declarations.length === 0
      ? []
      : [`## ${file}\n\n${declarations.map(render).join('\n')}`];
  });
  return `# ${name}\n\n${intro} Import from \`${specifier}\`. Generated from its types.\n\n${sections.join('\n')}`;
}

interface Declaration {
  readonly name: string;
  readonly comment: string;
  readonly code: string;
}

function render({ name, comment, code }: Declaration): string {
  const about = comment === '' ? '' : `${comment}\n\n`;
  return `### ${name}\n\n${about}\`\`\`ts\n${code}\n\`\`\`\n`;
}

const start = /^export (?:declare )?(?:abstract )?(?:interface|type|function|const|class) (\w+)/;

/** What stands at the left margin begins something; what is indented belongs to it. */
function readDeclarations(text: string): Declaration[] {
  const found: Declaration[] = [];
  let comment: string[] = [];
  let current: { name: string; comment: string; lines: string[] } | undefined;
  const finish = () => {
    if (current) found.push({ ...current, code: current.lines.join('\n').trimEnd() });
    current = undefined;
  };
  for (const line of text.split('\n')) {
    const name = start.exec(line)?.[1];
    if (name !== undefined) {
      finish();
      current = { name, comment: readComment(comment), lines: [line.replace('declare ', '')] };
      comment = [];
    } else if (/^(\/\*\*|\/\/|import |export |declare )/.test(line)) {
      finish();
      comment = line.startsWith('/**') ? [line] : [];
    } else if (current) {
      if (!/^ {4}(private |#private)/.test(line)) current.lines.push(line);
    } else if (comment.length > 0) comment.push(line);
  }
  finish();
  return found;
}

function readComment(lines: readonly string[]): string {
  return lines
    .map((line) => line.replace(/^\s*\/?\*+\/?\s?/, '').replace(/\s*\*\/$/, ''))
    .join('\n')
    .trim();
}
