import { param } from '@mesita/sdk/module';
import { flag, group } from '../../flags/flag.ts';
import { uint16 } from '../../flags/param-types.ts';

export const addressFlags = group('Addresses', {
  ip: flag(param.string({ help: 'Address to bind.' })),
  port: flag(uint16({ default: 5051, help: 'Port to bind.' })),
  advertise_ip: flag(param.string({ help: 'Address told to others.' })),
  advertise_port: flag(param.string({ help: 'Port told to others.' })),
  hostname: flag(param.string({ help: 'Name reported to the master.' })),
  hostname_lookup: flag(param.bool({ default: true, help: 'Reverse-look-up the hostname.' })),
  ip_discovery_command: flag(
    param.string({ help: 'Command that prints the address to bind, within 30secs; not with ip.' }),
  ),
  ip6: flag(
    param.string({
      help: 'IPv6 address advertised for host-network containers only; not with ip6_discovery_command.',
    }),
    { supported: false },
  ),
  ip6_discovery_command: flag(
    param.string({ help: 'Command printing the IPv6 address; not with ip6.' }),
    { supported: false },
  ),
});
