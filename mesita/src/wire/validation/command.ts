import type { CommandInfo, Environment, Secret } from '@mesita/sdk/types';

export function validateCommand(command: CommandInfo): string | undefined {
  for (const variable of command.environment?.variables ?? []) {
    const error = validateVariable(variable);
    if (error !== undefined) return error;
  }
  return undefined;
}

function validateVariable({ name, type, value, secret }: Environment.Variable): string | undefined {
  const variable = `Environment variable '${name}'`;
  switch (type ?? 'VALUE') {
    case 'VALUE':
      if (value === undefined) return `${variable} of type 'VALUE' must have a value set`;
      if (secret !== undefined) return `${variable} of type 'VALUE' must not have a secret set`;
      return undefined;
    case 'SECRET': {
      if (secret === undefined) return `${variable} of type 'SECRET' must have a secret set`;
      if (value !== undefined) return `${variable} of type 'SECRET' must not have a value set`;
      const error = validateSecret(secret);
      if (error !== undefined) return `${variable} specifies an invalid secret: ${error}`;
      if (!secret.value?.data.includes(0)) return undefined;
      return `${variable} specifies a secret containing null bytes, which is not allowed in the environment`;
    }
    case 'UNKNOWN':
      return "Environment variable of type 'UNKNOWN' is not allowed";
  }
}

function validateSecret({ type, reference, value }: Secret): string | undefined {
  if (type === 'REFERENCE') {
    if (reference === undefined)
      return "Secret of type REFERENCE must have the 'reference' field set";
    if (value === undefined) return undefined;
    return `Secret '${reference.name}' of type REFERENCE must not have the 'value' field set`;
  }
  if (type === 'VALUE') {
    if (value === undefined) return "Secret of type VALUE must have the 'value' field set";
    if (reference !== undefined)
      return "Secret of type VALUE must not have the 'reference' field set";
  }
  return undefined;
}
