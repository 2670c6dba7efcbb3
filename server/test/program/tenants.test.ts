import { afterAll, expect, test } from '@jest/globals';
import fs from 'node:fs';
import { ADMINISTRATOR, clientAuthorization } from '../support/administrator.ts';
import { until, workshop, type Program } from '../support/program.ts';
import { clientIn, listed } from '../support/tenants.ts';

const site = workshop();
afterAll(() => site.cleanUp());

/** A server, and its main store's administrator. */
async function signedIn(server: Program) {
  const url = await server.ready();
  const authorization = await clientAuthorization(url, ADMINISTRATOR);
  const headers = { 'Content-Type': 'application/fhir+json', Authorization: authorization };
  const call = (operation: string, parameters: Record<string, string>) =>
    fetch(`${url}/fhir/R4/$${operation}`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        resourceType: 'Parameters',
        parameter: Object.entries(parameters).map(([name, valueString]) => ({ name, valueString })),
      }),
    });
  const list = async () => listed(await (await fetch(`${url}/fhir/R4/$tenants`, { headers })).json());
  return { url, call, list };
}

test('a making and a removal that are killed are brought to their end by repeating them', async () => {
  const dataDir = site.dataDir();
  const folders = () => fs.globSync(`${dataDir}/{tenants/*,blobs/tenants}/t_city_*`).length;
  const first = site.server(dataDir);
  const before = await signedIn(first);
  // Killed as soon as it was begun, or, where that was quicker, when it has just been done.
  before.call('create-tenant', { name: 'city' }).catch(() => undefined);
  await until(async () => (await before.list()).length > 0, 'the making is begun');
  await first.end('SIGKILL');

  const second = site.server(dataDir);
  const after = await signedIn(second);
  const [begun] = await after.list();
  const made = await after.call('create-tenant', { name: 'city' });
  if (begun === 'city making') {
    expect(made.status).toBe(201);
    const client = clientIn(await made.json());
    const authorization = await clientAuthorization(`${after.url}/t/city`, client);
    const answer = await fetch(`${after.url}/t/city/fhir/R4/ClientApplication`, {
      headers: { Authorization: authorization },
    });
    expect(await answer.json()).toMatchObject({ entry: [{ resource: { id: client.id } }] });
  } else expect([begun, made.status]).toEqual(['city ready', 409]);
  expect([await after.list(), folders()]).toEqual([['city ready'], 2]);

  // A removal waits for other servers to hear of it: it is killed meanwhile.
  const removal = { name: 'city', confirm: 'city' };
  after.call('remove-tenant', removal).catch(() => undefined);
  await until(async () => (await after.list()).includes('city removing'), 'the removal is begun');
  await second.end('SIGKILL');

  const last = await signedIn(site.server(dataDir));
  expect(await last.list()).toEqual(['city removing']);
  expect((await fetch(`${last.url}/t/city/fhir/R4/metadata`)).status).toBe(404);
  expect((await last.call('create-tenant', { name: 'city' })).status).toBe(409);
  expect((await last.call('remove-tenant', removal)).status).toBe(204);
  expect([await last.list(), folders()]).toEqual([[], 0]);
  expect((await last.call('create-tenant', { name: 'city' })).status).toBe(201);
  const verified = site.tool(['verify', '--tenant', 'city'], dataDir, {});
  expect(await verified.exited).toMatchObject({ code: 0 });
});
