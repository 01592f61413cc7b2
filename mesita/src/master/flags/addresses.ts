import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { uint16 } from '../../flags/param-types.ts';

export const addressFlags = group('Addresses', {
  ip: flag(param.string({ help: 'Address to bind.' })),
  port: flag(uint16({ default: 5050, help: 'Port to bind.' })),
  advertise_ip: flag(param.string({ help: 'Address told to others, not bound.' })),
  advertise_port: flag(param.string({ help: 'Port told to others, not bound.' })),
  hostname: flag(
    param.string({
      help: 'Name told to others; unset, what the advertised address is called.',
    }),
  ),
  hostname_lookup: flag(
    param.bool({ default: true, help: 'Reverse-look-up the hostname; off = use the IP text.' }),
  ),
  ip_discovery_command: flag(
    param.string({ help: 'Command that prints the address to bind, within 30secs; not with ip.' }),
  ),
});
