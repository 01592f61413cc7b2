import { defineModule, type SecretResolver } from '@mesita/sdk/module';
import type { CommandInfo, Environment } from '@mesita/sdk/types';

/** Replaces secret variables of the command by their values. Always on. */
export default defineModule({
  kind: 'Isolator',
  name: 'environment_secret',
  description: 'Secrets in the environment',
  create: ({ secrets }) => ({
    supportsNesting: true,
    supportsStandalone: true,
    async prepare(_id, { commandInfo, taskInfo }) {
      const variables = [commandInfo, taskInfo?.command].flatMap(secretVariables);
      if (variables.length === 0) return undefined;
      const resolved = variables.map((variable) => resolve(variable, secrets));
      return { environment: { variables: await Promise.all(resolved) } };
    },
  }),
});

function secretVariables(command: CommandInfo | undefined): Environment.Variable[] {
  return (command?.environment?.variables ?? []).filter(({ type }) => type === 'SECRET');
}

async function resolve(
  { name, secret }: Environment.Variable,
  secrets: SecretResolver,
): Promise<Environment.Variable> {
  if (secret === undefined) throw new Error(`Environment variable '${name}' has no secret`);
  const data = await secrets.resolve(secret);
  const value = new TextDecoder('utf-8', { fatal: true }).decode(data);
  if (value.includes('\0')) {
    throw new Error(`Environment variable '${name}' cannot have a secret with null bytes`);
  }
  return { name, type: 'VALUE', value };
}
