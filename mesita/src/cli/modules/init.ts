import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { Problem } from '../problem.ts';
import { createTerminal } from '../terminal.ts';
import { bodies, findKind } from './scaffold/bodies.ts';
import { projectFiles } from './scaffold/project.ts';

interface InitOptions {
  /** For npm: a version, or `file:…` of a tarball. */
  readonly sdk?: string;
}

/** Writes a new directory of the module's name. What is there already is left alone. */
export async function initModule(word: string, name: string, options: InitOptions): Promise<void> {
  const kind = findKind(word);
  if (kind === undefined) {
    throw new Problem(`there is no kind '${word}'`, `One of ${Object.keys(bodies).join(', ')}.`);
  }
  if (!/^[A-Za-z][\w.-]{0,100}$/.test(name)) {
    throw new Problem(`'${name}' is no name`, 'Letters, digits, dots, dashes and underscores.');
  }
  try {
    await mkdir(name);
  } catch (cause) {
    throw new Problem(`cannot make the directory '${name}'`, undefined, { cause });
  }
  for (const [path, text] of projectFiles(kind, name, options.sdk)) {
    await mkdir(dirname(join(name, path)), { recursive: true });
    await writeFile(join(name, path), text, { flag: 'wx' });
  }
  const terminal = createTerminal(process.stdout, process.env);
  terminal.line(`${name}: a module of kind ${kind}`);
  terminal.line(`  cd ${name} && npm install && npm test`);
}
