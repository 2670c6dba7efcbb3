import { jest, expect, test } from '@jest/globals';
import request from 'supertest';
import { fhirError } from '../../src/fhir/outcome.ts';
import { createWebApp, type WebParts } from '../../src/web/app.ts';
import type { Webhook } from '../../src/web/webhooks.ts';

const defects: [unknown, string][] = [];
const appWith = (webhook: Webhook) =>
  createWebApp({
    fhirBase: 'https://maxray.test/fhir/R4',
    limits: { anonymous: () => undefined, refused: () => undefined },
    authenticate: () => Promise.reject(new Error('nobody asks')),
    me: () => Promise.reject(fhirError('busy', 'transient', 'Later.')),
    onDefect: (error, requestId) => defects.push([error, requestId]),
    webhook,
  } satisfies WebParts);

test('of a defect nobody is told more than that there is one', async () => {
  const printed = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const defect = new SyntaxError('"MRN-1" is no JSON');
  const answer = await request(appWith(() => Promise.reject(defect))).post('/webhook/some');
  expect([answer.status, answer.type]).toEqual([500, 'application/fhir+json']);
  expect(answer.text).not.toMatch(/MRN-1|SyntaxError|node_modules|\.ts/);
  expect(defects).toEqual([[defect, answer.headers['x-request-id']]]);
  expect(printed).not.toHaveBeenCalled();
  printed.mockRestore();
});

test('what is refused says why, and when to try again', async () => {
  const app = appWith(() => Promise.reject(fhirError('not-found', 'not-found', 'There is no such webhook.')));
  const missing = await request(app).post('/webhook/some').expect(404);
  expect(missing.text).toContain('There is no such webhook.');
  const busy = await request(app).get('/auth/me').expect(503);
  expect(Number(busy.headers['retry-after'])).toBeGreaterThan(0);
  const unreadable = await request(app).post('/webhook/%FF').expect(400);
  expect(unreadable.text).toContain('percent-encoding');
});

test('a body that cannot be read is told apart from a URL that cannot', async () => {
  const app = appWith(() => Promise.resolve(undefined));
  const sent = (encoding: string) =>
    request(app).post('/webhook/some').set('Content-Encoding', encoding).send('no gzip at all');
  const [damaged, unknown] = [await sent('gzip'), await sent('compress')];
  expect([damaged.status, unknown.status]).toEqual([400, 415]);
  expect(damaged.text).toContain('The body cannot be read');
  expect(unknown.text).toContain('Content-Encoding must be');
});
