import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DiagnosticReport, ImagingStudy, ServiceRequest, Task } from '@medplum/fhirtypes';
import { patient, type Stored } from '../test/billing/clinic.ts';
import { BotWorkshop, type Trial } from '../test/support/workshop.ts';
import { bot, handler } from './bot.ts';

let workshop: BotWorkshop;
beforeAll(async () => {
  workshop = await BotWorkshop.open();
  for (const one of [patient, { ...patient, id: 'bob' }, order]) await workshop.put(one);
});
afterAll(() => workshop.close());

const order: Stored<ServiceRequest> = {
  resourceType: 'ServiceRequest',
  id: 'o1',
  status: 'active',
  intent: 'order',
  priority: 'urgent',
  subject: { reference: 'Patient/ada' },
};
const BASED_ON = [{ reference: 'ServiceRequest/o1' }];
const COMPLETENESS = 'https://maxray.example/fhir/StructureDefinition/maxray-study-completeness';

const study = (completeness: string, changes: Partial<ImagingStudy> = {}): Stored<ImagingStudy> => ({
  resourceType: 'ImagingStudy',
  id: 's1',
  extension: [{ url: COMPLETENESS, valueCode: completeness }],
  status: 'available',
  subject: { reference: 'Patient/ada' },
  basedOn: BASED_ON,
  referrer: { reference: 'Practitioner/okafor' },
  procedureCode: [{ text: 'Chest X-ray' }],
  numberOfInstances: 2,
  ...changes,
});
const report = (changes: Partial<DiagnosticReport> = {}): Stored<DiagnosticReport> => ({
  resourceType: 'DiagnosticReport',
  id: 'r1',
  status: 'final',
  code: { text: 'Chest X-ray' },
  subject: { reference: 'Patient/ada' },
  imagingStudy: [{ reference: 'ImagingStudy/s1' }],
  ...changes,
});

/** Each of them is stored and told, one after the other. */
const trial = (...told: Stored[]): Trial<{ resourceType: string; id: string }> => ({
  bot,
  handler: () => async (medplum, event) => {
    for (const one of told) {
      const stored = await workshop.put(one);
      await handler(medplum, { ...event, input: { resourceType: stored.resourceType, id: stored.id } });
    }
  },
  kinds: ['killed-before', 'killed-after'],
  arrange: () => Promise.resolve(workshop.events(bot).ofCriteria(told[0]!)),
});

const tasks = async (...told: Stored[]): Promise<Task[]> => {
  const { stored } = await workshop.run(trial(...told));
  return stored
    .map((text) => JSON.parse(text) as Task & { own: string })
    .filter(({ own }) => own.startsWith('Task/'));
};

test('who has asked for images is asked to report them when they are complete, once', async () => {
  expect(await tasks(study('arriving'))).toEqual([]);
  expect(await tasks(study('arriving'), study('complete'))).toMatchObject([
    {
      status: 'requested',
      priority: 'urgent',
      description: 'Chest X-ray',
      focus: { reference: expect.stringMatching(/^ImagingStudy\/#/) },
      basedOn: BASED_ON,
      for: { reference: 'Patient/ada' },
      owner: { reference: 'Practitioner/okafor' },
    },
  ]);
  const whole = trial(study('complete'));
  await workshop.expectTwiceAsOnce(whole);
  expect(await workshop.expectToSurvive(whole)).toBeGreaterThan(5);
});

test('who reads them comes before who has asked, and it is said that images are missing', async () => {
  const interpreter = [{ reference: 'Practitioner/reader' }];
  expect(await tasks(study('partial', { interpreter }))).toMatchObject([
    { owner: interpreter[0], description: expect.stringContaining('missing') },
  ]);
});

test.each([
  ['names the study', report()],
  ['is of its order', report({ imagingStudy: [], basedOn: BASED_ON })],
])('is done when there is a final report that %s, once', async (_how, final) => {
  const { imagingStudy, ...others } = final;
  const sent = imagingStudy!.length > 0 ? final : (others as typeof final);
  const done = trial(study('complete'), sent);
  expect(await tasks(study('complete'), sent)).toMatchObject([
    {
      status: 'completed',
      output: [{ valueReference: { reference: expect.stringMatching(/^DiagnosticReport\/#/) } }],
    },
  ]);
  await workshop.expectTwiceAsOnce(done);
});

test('is done as well where the report was stored before anybody was asked', async () => {
  const late: ReturnType<typeof trial> = {
    ...trial(study('complete')),
    handler: () => async (medplum, event) => {
      await workshop.put(study('complete'));
      await workshop.put(report());
      for (const { resourceType, id } of [report(), study('complete')])
        await handler(medplum, { ...event, input: { resourceType, id } });
    },
  };
  const { stored } = await workshop.run(late);
  expect(
    stored.filter((text) => text.includes('"own":"Task/')).map((text) => JSON.parse(text)),
  ).toMatchObject([{ status: 'completed' }]);
  expect(await workshop.expectToSurvive(late)).toBeGreaterThan(5);
});

test('images that come after the report are asked for again, those before it are not', async () => {
  const late = study('complete', { numberOfInstances: 3 });
  const [first, second, ...others] = await tasks(study('complete'), report(), study('complete'), late, late);
  expect([first?.status, second?.status].sort()).toEqual(['completed', 'requested']);
  expect(others).toEqual([]);
});

test('a report that is written back into the study is no image to report', async () => {
  const series = [{ uid: '1.2', modality: { code: 'DOC' }, numberOfInstances: 1 }];
  const writtenBack = study('complete', { numberOfInstances: 3, series });
  expect(await tasks(study('complete'), report(), writtenBack)).toMatchObject([
    { status: 'completed', input: [{ valueUnsignedInt: 2 }] },
  ]);
});

test('who has got the Task keeps it when images come, and loses it when they are another patient’s', async () => {
  const given = async (...next: Stored[]): Promise<Task[]> => {
    const { stored } = await workshop.run({
      ...trial(study('complete')),
      handler: () => async (medplum, event) => {
        await trial(study('complete')).handler(undefined as never)(medplum, event);
        const [task] = await workshop.search<Stored<Task>>('Task?focus=ImagingStudy/s1');
        await workshop.put({ ...task!, owner: { reference: 'Practitioner/colleague' } });
        await trial(...next).handler(undefined as never)(medplum, event);
      },
    });
    return stored
      .map((text) => JSON.parse(text) as Task & { own: string })
      .filter(({ own }) => own.startsWith('Task/'));
  };
  expect(await given(study('complete', { numberOfInstances: 5 }))).toMatchObject([
    { owner: { reference: 'Practitioner/colleague' }, input: [{ valueUnsignedInt: 5 }] },
  ]);
  expect(await given(study('complete', { subject: { reference: 'Patient/bob' } }))).toMatchObject([
    { owner: { reference: 'Practitioner/okafor' }, for: { reference: 'Patient/bob' } },
  ]);
});

test('nothing is asked of studies that are nobody’s, old, or none; it is given up where one was none', async () => {
  expect(await tasks(study('complete', { subject: { identifier: { value: '4711' } } }))).toEqual([]);
  expect(await tasks(study('complete', { started: '2020-01-01T10:00:00Z' }))).toEqual([]);
  expect(await tasks(study('complete', { status: 'entered-in-error' }))).toEqual([]);
  expect(await tasks(study('complete'), study('complete', { status: 'cancelled' }))).toMatchObject([
    { status: 'cancelled' },
  ]);
});
