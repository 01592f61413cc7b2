import { param } from '@mesita/sdk/module';
import { flag, group } from './flag.ts';

/** Not Mesos': its dashboards had to be served from its own origin, or to use jsonp. */
export const pageFlags = group('Addresses', {
  allowed_origins: flag(
    param.list({
      help: 'Origins whose browser pages may read answers, as http://dashboard.example.org:8080; * for all.',
    }),
    { check: checkOrigins },
  ),
});

function checkOrigins(origins: readonly string[]): string | undefined {
  const wrong = origins.find((origin) => origin !== '*' && !isOrigin(origin));
  if (wrong === undefined) return undefined;
  return `'${wrong}' in --allowed_origins is not an origin: give scheme://host[:port], or *`;
}

/** What a browser sends, letter by letter: anything else would never be equal to it. */
function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
