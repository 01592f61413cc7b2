import { expect, test } from 'vitest';
import { answerPreflight, corsHeaders } from './cors.ts';

const listed = ['https://ui.example'];

test('only listed origins may read', () => {
  expect(corsHeaders('https://ui.example', listed)).toMatchObject({
    'Access-Control-Allow-Origin': 'https://ui.example',
    Vary: 'Origin',
  });
  expect(corsHeaders('https://evil.example', ['*'])).toBeDefined();
  expect(corsHeaders('https://evil.example', listed)).toBeUndefined();
  expect(corsHeaders(undefined, ['*'])).toBeUndefined();
  expect(corsHeaders('https://ui.example', [])).toBeUndefined();
});

test('a preflight is answered for listed origins, any other OPTIONS is a request', () => {
  const headers = { origin: 'https://ui.example', 'access-control-request-method': 'POST' };
  expect(answerPreflight({ method: 'OPTIONS', headers }, listed)?.status).toBe(204);
  expect(answerPreflight({ method: 'OPTIONS', headers }, [])).toBeUndefined();
  expect(answerPreflight({ method: 'OPTIONS', headers: {} }, listed)).toBeUndefined();
  expect(answerPreflight({ method: 'GET', headers }, listed)).toBeUndefined();
});
