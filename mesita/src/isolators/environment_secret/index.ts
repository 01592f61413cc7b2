import { defineModule } from '@mesita/sdk/module';
import type { CommandInfo, Environment, Secret } from '@mesita/sdk/types';

/** Replaces secret variables of the command by their values. Always on. */
export default defineModule({
  kind: 'Isolator',
  name: 'environment_secret',
  description: 'Secrets in the environment',
  create: () => ({
    supportsNesting: true,
    supportsStandalone: true,
    async prepare(_id, { commandInfo, taskInfo }) {
      const variables = [commandInfo, taskInfo?.command].flatMap(secretVariables);
      if (variables.length === 0) return undefined;
      return { environment: { variables: variables.map(resolve) } };
    },
  }),
});

function secretVariables(command: CommandInfo | undefined): Environment.Variable[] {
  return (command?.environment?.variables ?? []).filter(({ type }) => type === 'SECRET');
}

function resolve({ name, secret }: Environment.Variable): Environment.Variable {
  const value = secret && textOf(secret);
  if (value === undefined) throw new Error(`Environment variable '${name}' has no secret`);
  if (value.includes('\0')) {
    throw new Error(`Environment variable '${name}' cannot have a secret with null bytes`);
  }
  return { name, type: 'VALUE', value };
}

/** References need a resolver that knows where they lead. */
function textOf({ type, value }: Secret): string | undefined {
  if (type === 'REFERENCE') throw new Error('Secret references are not supported yet');
  return value && new TextDecoder('utf-8', { fatal: true }).decode(value.data);
}
