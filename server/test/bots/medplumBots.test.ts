import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { MedplumClient } from '@medplum/core';
import type { Bot, Patient, Subscription } from '@medplum/fhirtypes';
import { ADMINISTRATOR } from '../support/administrator.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { People } from '../support/people.ts';

/** As Medplum's documentation shows bots: nothing in them knows where they run. */
const WELCOME = `
import { BotEvent, createReference, getDisplayString, MedplumClient } from '@medplum/core';
import { Patient, Task } from '@medplum/fhirtypes';

export async function handler(medplum: MedplumClient, event: BotEvent<Patient>): Promise<any> {
  const patient = event.input;
  console.log('Hello', getDisplayString(patient));
  const task: Task = await medplum.createResourceIfNoneExist<Task>(
    {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      identifier: [{ system: 'https://example.com/welcome', value: patient.id as string }],
      for: createReference(patient),
    },
    'identifier=https://example.com/welcome|' + patient.id
  );
  return task;
}
`;

/** Asks until there is something. */
async function until<T>(ask: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const WELCOMED = 'https://example.com/welcome';

let server: TestServer;
let people: People;
let admin: MedplumClient;

beforeAll(async () => {
  server = await startTestServer();
  people = new People(server);
  await people.prepare();
  admin = new MedplumClient({ baseUrl: `${server.url}/`, fhirUrlPath: 'fhir/R4', maxRetries: 0 });
  await admin.startClientLogin(ADMINISTRATOR.id, ADMINISTRATOR.secret);
  await people.policy('welcomes', [{ resourceType: 'Patient', readonly: true }, { resourceType: 'Task' }]);
});
afterAll(() => server.stop());

/** A Bot with a membership, as an administrator makes one. */
async function makeBot(id: string, policy: string, more: Partial<Bot> = {}): Promise<void> {
  await people.put({
    resourceType: 'Bot',
    id,
    name: id,
    identifier: [{ system: 'https://example.com/bots', value: id }],
    ...more,
  });
  await people.put({
    resourceType: 'ProjectMembership',
    id: `of-${id}`,
    project: { reference: 'Project/maxray' },
    user: { reference: `Bot/${id}` },
    profile: { reference: `Bot/${id}` },
    access: [{ policy: { reference: `AccessPolicy/${policy}` } }],
  });
}

const deploy = (id: string, code: string, filename = 'index.ts') =>
  admin.post(admin.fhirUrl('Bot', id, '$deploy'), { code, filename });

test('a bot of Medplum runs unchanged: deployed, executed by id and by identifier, with its own rights', async () => {
  await makeBot('welcome', 'welcomes');
  expect(await deploy('welcome', WELCOME)).toMatchObject({ issue: [{ severity: 'information' }] });
  const patient = await admin.createResource<Patient>({
    resourceType: 'Patient',
    name: [{ family: 'Alpha' }],
  });
  const task = await admin.executeBot('welcome', patient);
  expect(task).toMatchObject({ resourceType: 'Task', for: { reference: `Patient/${patient.id}` } });
  const again = await admin.executeBot({ system: 'https://example.com/bots', value: 'welcome' }, patient);
  expect(again.id).toBe(task.id);
  const provenance = await admin.searchOne('Provenance', `target=Task/${task.id}`);
  expect(provenance?.agent[0]?.who?.identifier?.value).toBe('Bot/welcome');
  const log = await admin.get(admin.fhirUrl('Bot', 'welcome', '$run-log'));
  expect(JSON.stringify(log)).toContain('Hello Alpha');
});

test('a Subscription has it run, until its handler has ended well', async () => {
  const subscription = await admin.createResource<Subscription>({
    resourceType: 'Subscription',
    status: 'active',
    reason: 'test',
    criteria: 'Patient?family=Told',
    channel: { type: 'rest-hook', endpoint: 'Bot/welcome' },
  });
  const patient = await admin.createResource<Patient>({
    resourceType: 'Patient',
    name: [{ family: 'Told' }],
  });
  const task = await until(() =>
    admin.searchOne('Task', `identifier=https://example.com/welcome|${patient.id}`),
  );
  expect(task.for?.reference).toBe(`Patient/${patient.id}`);
  const audited = await until(async () => {
    const found = await admin.searchResources('AuditEvent', 'subtype=operation&_sort=-date&_count=20');
    return found.find((one) =>
      JSON.stringify(one).includes(`Bot/welcome by Subscription/${subscription.id}`),
    );
  });
  expect(audited.outcomeDesc).toMatch(/^done after \d+ ms$/);
});

test('a Subscription of somebody who may not execute the Bot ends in error, and runs nothing', async () => {
  await people.policy('subscribes', [{ resourceType: 'Patient' }, { resourceType: 'Subscription' }]);
  const authorization = await people.client('subscriber', {
    profile: 'Practitioner/1',
    policies: ['subscribes'],
  });
  const subscription = await server
    .api()
    .post('/Subscription')
    .set('Authorization', authorization)
    .send({
      resourceType: 'Subscription',
      status: 'requested',
      reason: 'test',
      criteria: 'Patient?family=Forbidden',
      channel: { type: 'rest-hook', endpoint: 'Bot/welcome' },
    });
  expect(subscription.status).toBe(201);
  const patient = await admin.createResource<Patient>({
    resourceType: 'Patient',
    name: [{ family: 'Forbidden' }],
  });
  const { id } = subscription.body as { id: string };
  const ended = await until(async () => {
    const now = await admin.readResource('Subscription', id);
    return now.status === 'error' ? now : undefined;
  });
  expect(ended.error).toContain('may not execute this Bot');
  expect(await admin.searchOne('Task', `identifier=${WELCOMED}|${patient.id}`)).toBeUndefined();
});
