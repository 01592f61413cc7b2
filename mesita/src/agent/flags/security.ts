import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { message } from '../../flags/param-types.ts';
import * as acls from '../../wire/schema/acls.ts';
import * as flagMessages from '../../wire/schema/flags.ts';

export const securityFlags = group('Security', {
  acls: flag(message(acls.ACLs, 'text', { help: 'Access rules for the local authorizer.' })),
  authenticate_http_executors: flag(
    param.bool({ default: false, help: 'Authenticate the executor API; needs jwt_secret_key.' }),
    { build: 'enable-ssl' },
  ),
  authenticate_http_readonly: flag(
    param.bool({ default: false, help: 'Authenticate the read-only realm.' }),
  ),
  authenticate_http_readwrite: flag(
    param.bool({ default: false, help: 'Authenticate the read-write realm.' }),
  ),
  authenticatee: flag(param.string({ default: 'crammd5', help: 'RPC authenticatee.' })),
  authentication_backoff_factor: flag(
    param.duration({ default: '1secs', help: 'Growth of authentication timeouts.' }),
  ),
  authentication_timeout_max: flag(
    param.duration({ default: '1mins', help: 'Largest authentication timeout.' }),
  ),
  authentication_timeout_min: flag(
    param.duration({
      default: '5secs',
      help: 'First authentication timeout.',
    }),
    { alias: 'authentication_timeout' },
  ),
  authorizer: flag(param.string({ default: 'local', help: 'Authorizer, one name.' })),
  credential: flag(param.path({ help: "File with the agent's own principal and secret." })),
  firewall_rules: flag(
    message(flagMessages.Firewall, 'text', { help: 'Rules that disable endpoints.' }),
  ),
  http_authenticators: flag(
    param.string({
      help: 'HTTP authenticators, comma list; unset = basic (basic,jwt with executor authentication).',
    }),
  ),
  http_credentials: flag(param.path({ help: "File of principals for the agent's endpoints." })),
  secret_generator: flag(
    param.string({
      help: 'Module that makes the tokens of executors; unset = jwt where jwt_secret_key is given.',
    }),
  ),
  jwt_secret_key: flag(param.path({ help: 'File with key for executor tokens.' }), {
    alias: 'executor_secret_key',
    build: 'enable-ssl',
  }),
});
