import { afterAll, beforeAll, expect } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { serverForFile } from '../support.ts';
import { TestAuditLog } from './auditLog.ts';

type Method = 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete';

interface Sent {
  body?: object | string;
  headers?: Record<string, string>;
  /** Of the records that it makes. */
  count?: number;
}

/** The client of the tests, as the log has it. */
export const WHO = { agent: { client: 'test-administrator' }, address: '127.0.0.1' };

export const observation = (id: string, patient: string, change: object = {}) => ({
  resourceType: 'Observation',
  id,
  status: 'final',
  category: [{ coding: [{ code: 'vital-signs' }] }],
  code: { coding: [{ system: 'urn:c', code: 'x' }] },
  subject: { reference: `Patient/${patient}` },
  ...change,
});

/** A server with the patients p1 and p2 and the Observations o1 and o3 of p1, o2 of p2; and its audit log. */
export function auditedServer() {
  const schema = `test_${randomUUID().replaceAll('-', '')}`;
  const { api, root } = serverForFile({ databaseSchema: schema });
  let log: TestAuditLog;
  beforeAll(async () => {
    log = await TestAuditLog.open(schema);
    for (const id of ['p1', 'p2'])
      await api().put(`/Patient/${id}`).send({ resourceType: 'Patient', id }).expect(201);
    for (const [id, patient] of Object.entries({ o1: 'p1', o2: 'p2', o3: 'p1' }))
      await api().put(`/Observation/${id}`).send(observation(id, patient)).expect(201);
  });
  afterAll(() => log.close());

  /** Sends a request under an id of its own. */
  const ask = (method: Method, path: string, { body, headers = {} }: Sent = {}) => {
    const requestId = randomUUID();
    const ids = { 'X-Request-Id': requestId, ...(body !== undefined && { 'Content-Type': FHIR }) };
    const client = api();
    const request = client[method](path).set({ ...ids, ...headers });
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    return { request: text === undefined ? request : request.send(text), requestId };
  };

  /** What the log has of a request that is answered with a status. */
  const logged = async (method: Method, path: string, status: number, sent: Sent = {}) => {
    const { request, requestId } = ask(method, path, sent);
    await request.expect(status);
    const { count = 1 } = sent;
    const records = await log.of(requestId, count);
    expect(records).toHaveLength(count);
    return records;
  };

  return { api, root, ask, logged, log: () => log };
}

const FHIR = 'application/fhir+json';
