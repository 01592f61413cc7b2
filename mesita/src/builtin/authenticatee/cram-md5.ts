import { defineModule } from '@mesita/sdk/module';
import { digestOf, MECHANISM } from '../cram-md5.ts';

/** Signs the server's challenge; of the server itself it learns nothing. */
export const cramMd5Authenticatee = defineModule({
  kind: 'Authenticatee',
  name: 'crammd5',
  create: ({ log }) => ({
    mechanism: MECHANISM,
    async authenticate(_master, _self, { principal, secret }, channel) {
      if (secret === undefined) {
        log.warn('authentication failed: the credential has no secret');
        return false;
      }
      const messages = channel.messages[Symbol.asyncIterator]();
      channel.send(new Uint8Array());
      const challenge = await messages.next();
      if (challenge.done || challenge.value.length === 0) throw new Error('No challenge came');
      channel.send(Buffer.from(`${principal} ${digestOf(secret, challenge.value)}`));
      const end = await messages.next();
      if (end.done || end.value.length > 0) throw new Error('The server came to no end');
      return true;
    },
  }),
});
