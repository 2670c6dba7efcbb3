import type { Test } from 'supertest';
import { FHIR, fhir, type serverForFile } from '../support.ts';

export type Body = Record<string, unknown> & { resourceType: string };
export interface Entry {
  fullUrl?: string;
  resource?: Body & { id: string };
  response: {
    status: string;
    location?: string;
    etag?: string;
    outcome?: { issue: { diagnostics: string }[] };
  };
}

/** Sends bundles to a test file's server. */
export function bundleSender(api: ReturnType<typeof serverForFile>['api']) {
  const send = (entry: object[], type = 'transaction', prefer = 'return=representation'): Test =>
    api()
      .post('/')
      .set('Content-Type', FHIR)
      .set('Prefer', prefer)
      .send(fhir({ resourceType: 'Bundle', type, entry }));
  const run = async (...entries: object[]) => (await send(entries).expect(200)).body.entry as Entry[];
  const count = async (query: string) =>
    (await api().get(`/${query}&_summary=count`).expect(200)).body.total as number;
  return { send, run, count };
}

export const statuses = (entries: Entry[]) => entries.map(({ response }) => response.status.slice(0, 3));

export const create = (resource: Body, fullUrl?: string, ifNoneExist?: string) => ({
  ...(fullUrl === undefined ? {} : { fullUrl }),
  resource,
  request: {
    method: 'POST',
    url: resource.resourceType,
    ...(ifNoneExist === undefined ? {} : { ifNoneExist }),
  },
});
export const put = (url: string, resource: Body, more: object = {}) => ({
  resource,
  request: { method: 'PUT', url, ...more },
});
export const remove = (url: string, more: object = {}) => ({ request: { method: 'DELETE', url, ...more } });
export const get = (url: string, more: object = {}) => ({ request: { method: 'GET', url, ...more } });
export const patch = (url: string, operations: object[], more: object = {}) => ({
  resource: {
    resourceType: 'Binary',
    contentType: 'application/json-patch+json',
    data: Buffer.from(JSON.stringify(operations)).toString('base64'),
  },
  request: { method: 'PATCH', url, ...more },
});
export const patient = (value: string, more: object = {}): Body => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:test', value }],
  ...more,
});
export const observation = (reference: string, more: object = {}): Body => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  subject: { reference },
  ...more,
});
