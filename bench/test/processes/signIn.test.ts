import { createServer, type RequestListener } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { signIn } from '../../src/processes/signIn.ts';

const CLIENT = { id: 'someone', secret: 'a:secret' };

/** What comes of signing in at a server that answers like that. */
const signInAt = async (listener: RequestListener): Promise<string | undefined> => {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await signIn((server.address() as AddressInfo).port, CLIENT);
  } finally {
    server.close();
  }
};

test('sends the secret and takes the token', async () => {
  const seen: string[] = [];
  const authorization = await signInAt((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const [, credentials = ''] = (request.headers.authorization ?? '').split(' ');
      seen.push(`${request.method} ${request.url}`, Buffer.from(credentials, 'base64').toString(), body);
      response.end('{"access_token":"abc","token_type":"Bearer"}');
    });
  });
  expect(authorization).toBe('Bearer abc');
  expect(seen).toEqual(['POST /oauth2/token', 'someone:a:secret', 'grant_type=client_credentials']);
});

test('a server from before sign-in needs no token', async () => {
  expect(await signInAt((_, response) => response.writeHead(404).end('nothing here'))).toBeUndefined();
});

test.each([
  [401, '{"error":"invalid_client"}', /status 401.*invalid_client/],
  [500, 'broken', /status 500/],
  [200, '{}', /no access_token/],
])('status %d with %s is an error', async (status, text, message) => {
  await expect(signInAt((_, response) => response.writeHead(status).end(text))).rejects.toThrow(message);
});
