import { defineModule, param } from '@mesita/sdk/module';
import { signToken } from '../json-web-token.ts';

/** Tokens that the agent's own HTTP authenticator `jwt` takes. */
export const jwtGenerator = defineModule({
  kind: 'SecretGenerator',
  name: 'jwt',
  parameters: {
    secret_key: param.secret({ required: true, help: 'Key of the signatures, HS256.' }),
  },
  create: (_context, { secret_key: key }) => ({
    generate({ value, claims = {} }) {
      if (value !== undefined) {
        throw new Error('Principal has a value, but only claims are supported');
      }
      return { type: 'VALUE', value: { data: Buffer.from(signToken(claims, key)) } };
    },
  }),
});
