import { expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type request from 'supertest';
import { startTestServer } from '../../support/server.ts';
import { makeTenant } from '../../support/tenants.ts';
import { listen, webSocketUrl } from '../support/listening.ts';
import { subscribe } from '../support/sending.ts';
import { encounter } from '../support/subscriptions.ts';

type Api = () => ReturnType<typeof request.agent>;
const resource = {
  resourceType: 'Subscription',
  ...{ status: 'requested', reason: 'test', criteria: 'Encounter' },
  channel: { type: 'websocket', payload: 'application/fhir+json' },
};

async function tokenOf(api: Api, id: string): Promise<{ token: string; url: string }> {
  const { body } = await api().get(`/Subscription/${id}/$get-ws-binding-token`).expect(200);
  const of = (name: string) => body.parameter.find((one: { name: string }) => one.name === name);
  return { token: of('token').valueString, url: of('websocket-url').valueUrl };
}

const put = (api: Api, id: string) =>
  api().put(`/Encounter/${id}`).send(encounter(id, 'finished')).expect(201);

test('whichever server has the connection, it is told; a tenant has one of its own', async () => {
  const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;
  const one = await startTestServer({ databaseSchema });
  const other = await startTestServer({ databaseSchema });
  const id = await subscribe(one.api, resource);
  const { token } = await tokenOf(one.api, id);
  const listeners = [await listen(one.url), await listen(other.url)];
  for (const each of listeners) each.say(`bind-with-token ${token}`);
  for (const each of listeners) await each.hears('handshake', 1);
  await put(one.api, 'e1');
  await put(other.api, 'e2');
  for (const each of listeners) {
    const told = await each.hears('event-notification', 2);
    expect(told.flatMap(({ numbers }) => numbers)).toEqual([1, 2]);
  }

  const tenant = await makeTenant(one, 'city');
  const ofTenant = await tokenOf(tenant.api, await subscribe(tenant.api, resource));
  expect(ofTenant.url).toBe(webSocketUrl(tenant.url));
  const listener = await listen(tenant.url);
  listener.say(`bind-with-token ${token}`);
  await listener.hearsText(/OperationOutcome/);
  listener.say(`bind-with-token ${ofTenant.token}`);
  await listener.hears('handshake', 1);
  await put(one.api, 'e3');
  await put(tenant.api, 't1');
  const [told] = await listener.hears('event-notification', 1);
  expect(told!.resources).toMatchObject([{ id: 't1' }]);
  await Promise.all([one.stop(), other.stop()]);
  // Connections of tenants are cut; their clients come back.
  expect(await listener.closed).toBe(1006);
});
