// HTTP Basic authentication against a file with a line `user:<SHA-256 of the password, in hex>` each.
// The file is read again when it changed.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { defineModule, type HttpAuthenticationResult, param } from '@mesita/sdk/module';

export default defineModule({
  kind: 'HttpAuthenticator',
  name: 'org_example_FileAuthenticator',
  description: 'HTTP Basic with hashed passwords from a file',
  parameters: {
    file: param.path({ required: true, help: 'A user and the hash of his password on each line.' }),
    realm: param.string({ default: 'mesita', help: 'What browsers show when they ask.' }),
  },
  create({ log }, { file, realm }) {
    const users = createUserFile(file, () => log.info('users were read', { file }));
    const unauthorized = { challenges: [`Basic realm="${realm.replaceAll('"', '')}"`] };
    return {
      scheme: 'Basic',
      authenticate({ headers }): HttpAuthenticationResult {
        const [, encoded] = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(headers.authorization ?? '') ?? [];
        const text = Buffer.from(encoded ?? '', 'base64').toString('utf8');
        const [, user, password] = /^([^:]+):(.*)$/s.exec(text) ?? [];
        if (user === undefined || password === undefined) return { unauthorized };
        const wanted = users().get(user);
        // Hashing and comparing takes as long whether or not the user exists.
        const isRight = timingSafeEqual(hash(password), wanted ?? hash(''));
        if (!isRight || wanted === undefined) return { unauthorized };
        return { principal: { value: user } };
      },
    };
  },
});

function hash(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}

function createUserFile(file: string, onRead: () => void): () => ReadonlyMap<string, Buffer> {
  let readAt = Number.NaN;
  let users = new Map<string, Buffer>();
  const current = () => {
    const changedAt = statSync(file).mtimeMs;
    if (changedAt !== readAt) {
      users = parse(readFileSync(file, 'utf8'));
      readAt = changedAt;
      onRead();
    }
    return users;
  };
  // A file that is not there ends the daemon's start, not its first request.
  current();
  return current;
}

function parse(text: string): Map<string, Buffer> {
  const lines = text.split('\n').map((line) => /^([^:#]+):([0-9a-f]{64})\s*$/i.exec(line));
  return new Map(
    lines.flatMap((found) =>
      found?.[1] && found[2] ? [[found[1], Buffer.from(found[2], 'hex')] as const] : [],
    ),
  );
}
