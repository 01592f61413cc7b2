import { defineModule, type HttpAuthenticatee } from '@mesita/sdk/module';

/** Name and password of RFC 7617. Without a credential requests go as they are. */
export const basicHttpAuthenticatee: HttpAuthenticatee = {
  scheme: 'Basic',
  authenticate(_request, credential) {
    if (!credential) return {};
    const pair = `${credential.principal}:${credential.secret ?? ''}`;
    return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
  },
};

export const basicAuthenticatee = defineModule({
  kind: 'HttpAuthenticatee',
  name: 'basic',
  create: () => basicHttpAuthenticatee,
});
