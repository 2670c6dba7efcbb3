import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Patient, Task } from '@medplum/fhirtypes';
import type { BotDefinition, BotHandler } from '../../lib/define/define.ts';
import { BotWorkshop, type Trial } from './workshop.ts';

const SYSTEM = 'https://maxray.example/fhir/identifier/test-bot';
const bot: BotDefinition = {
  name: 'test',
  title: 'Test',
  description: 'Makes a Task of a Patient, and says in the Patient that there is one.',
  triggers: [{ criteria: 'Patient' }],
  policy: { resource: [{ resourceType: 'Patient' }, { resourceType: 'Task' }] },
};

let workshop: BotWorkshop;
beforeAll(async () => {
  workshop = await BotWorkshop.open();
});
afterAll(() => workshop.close());

const task = (patient: Patient): Task => ({
  resourceType: 'Task',
  status: 'requested',
  intent: 'order',
  identifier: [{ system: SYSTEM, value: patient.id! }],
  for: { reference: `Patient/${patient.id}` },
  authoredOn: new Date().toISOString(),
});

const careful: BotHandler<Patient> = async (medplum, { input }) => {
  const made = await medplum.createResourceIfNoneExist(task(input), `identifier=${SYSTEM}|${input.id}`);
  const patient = await medplum.readResource('Patient', input.id!);
  const link = { reference: `Task/${made.id}` };
  await medplum.updateResource({
    ...patient,
    generalPractitioner: undefined,
    extension: [{ url: SYSTEM, valueReference: link }],
  });
  return 'done';
};

const careless: BotHandler<Patient> = async (medplum, { input }) => {
  await medplum.createResource(task(input));
  await medplum.readResource('Patient', input.id!);
};

const trial = (handler: BotHandler<Patient>): Trial<Patient> => ({
  bot,
  handler: () => handler,
  arrange: async () =>
    workshop.events(bot).ofCriteria(
      await workshop.put({ resourceType: 'Patient', id: 'p1', name: [{ family: 'One' }] } as Patient & {
        id: string;
      }),
    ),
});

test('shows what a handler leaves behind', async () => {
  const { result, stored } = await workshop.run(trial(careful));
  expect(result).toBe('done');
  expect(stored).toHaveLength(2);
  expect(stored.join()).toContain('"authoredOn":"now"');
});

test('an event that comes twice or was cut off anywhere leaves the same', async () => {
  await workshop.expectTwiceAsOnce(trial(careful));
  expect(await workshop.expectToSurvive(trial(careful))).toBe(12);
});

test('finds what is done twice', async () => {
  await expect(workshop.expectTwiceAsOnce(trial(careless))).rejects.toThrow('toEqual');
  await expect(workshop.expectToSurvive({ ...trial(careless), kinds: ['killed-after'] })).rejects.toThrow(
    'toEqual',
  );
});

test('finds gateways that are asked twice', async () => {
  const sent: string[] = [];
  const gateway = { send: async (key: string) => void sent.push(key) };
  const withGateway = (key: (number: number) => string): Trial<Patient> => ({
    ...trial(careful),
    kinds: ['killed-after'],
    handler: (interruption) => async () => {
      await interruption.guard(gateway).send(key(sent.length));
      await interruption.guard(gateway).send('last');
    },
    arrange: async () => {
      sent.length = 0;
      return trial(careful).arrange();
    },
    outside: () => [...new Set(sent)].sort(),
  });
  expect(await workshop.expectToSurvive(withGateway(() => 'same'))).toBe(2);
  await expect(workshop.expectToSurvive(withGateway(String))).rejects.toThrow('toEqual');
});

test('a handler may do what its policy lets it, and no more', async () => {
  const beyond: BotHandler<Patient> = async (medplum) => {
    await medplum.createResource({ resourceType: 'Observation', status: 'final', code: { text: 'x' } });
  };
  await expect(workshop.run(trial(beyond))).rejects.toThrow(/Forbidden|may not/i);
});
