import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { message } from '../../flags/param-types.ts';
import * as acls from '../../wire/schema/acls.ts';
import * as flagMessages from '../../wire/schema/flags.ts';
import * as mesos from '../../wire/schema/mesos.ts';

export const securityFlags = group('Security', {
  acls: flag(
    message(acls.ACLs, 'text', {
      help: 'Access rules for the local authorizer (JSON or file); ignored with another authorizer.',
    }),
  ),
  authenticate_agents: flag(param.bool({ default: false, help: 'Agents must authenticate.' }), {
    alias: 'authenticate_slaves',
  }),
  authenticate_frameworks: flag(
    param.bool({ default: false, help: 'Driver frameworks must authenticate.' }),
    { alias: 'authenticate' },
  ),
  authenticate_http_frameworks: flag(
    param.bool({
      default: false,
      help: 'Authenticate the scheduler HTTP API; needs http_framework_authenticators.',
    }),
  ),
  authenticate_http_readonly: flag(
    param.bool({ default: false, help: 'Authenticate requests of the read-only realm.' }),
  ),
  authenticate_http_readwrite: flag(
    param.bool({ default: false, help: 'Authenticate requests of the read-write realm.' }),
    { alias: 'authenticate_http' },
  ),
  authentication_v0_timeout: flag(
    param.duration({ default: '15secs', help: 'Limit for one RPC authentication.' }),
  ),
  authenticators: flag(param.string({ default: 'crammd5', help: 'RPC authenticator, one name.' })),
  authorizers: flag(param.string({ default: 'local', help: 'Authorizer, one name.' })),
  credentials: flag(
    param.path({
      help: 'File of accepted principals and secrets (JSON object with list credentials); empty file exits.',
    }),
  ),
  firewall_rules: flag(
    message(flagMessages.Firewall, 'text', {
      help: 'Rules that disable endpoints (answer 403); Firewall message JSON.',
    }),
  ),
  http_authenticators: flag(
    param.string({
      default: 'basic',
      help: 'HTTP authenticators for both master realms, comma list.',
    }),
  ),
  http_framework_authenticators: flag(
    param.string({ help: 'HTTP authenticators of the scheduler realm.' }),
  ),
  rate_limits: flag(
    message(mesos.RateLimits, 'text', {
      help: 'Per-principal message rate limits; RateLimits JSON; duplicate principal or qps<=0 exits.',
    }),
    { supported: false },
  ),
  root_submissions: flag(
    param.bool({
      default: true,
      help: 'Accept frameworks whose user is root; off: subscription refused.',
    }),
  ),
});
