import { ModuleSkipped, param } from '@mesita/sdk/module';

/** The flags by which an isolator sees what it can build on. */
export const surroundings = {
  launcher: param.string({ default: 'linux' }),
  isolation: param.string({ default: '' }),
};

/** An isolator for which this host, or the agent's flags, are wrong is skipped with its reason. */
export function need(isMet: boolean, otherwise: string): void {
  if (!isMet) throw new ModuleSkipped(otherwise);
}

export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

export function hasIsolator(isolation: string, name: string): boolean {
  return isolation.split(',').includes(name);
}
