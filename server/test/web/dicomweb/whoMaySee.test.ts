import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { request as plainRequest } from 'node:http';
import { TestAuditLog } from '../../rest/audit/auditLog.ts';
import { received } from './parts.ts';
import { CHEST, HEAD, UNMATCHED, WRONG, openWorld, studyOf, type World } from './world.ts';

const CHEST_INSTANCE = `/studies/${CHEST}/series/${CHEST}.1/instances/${CHEST}.1.1`;
const HEAD_INSTANCE = `/studies/${HEAD}/series/${HEAD}.1/instances/${HEAD}.1.1`;
const databaseSchema = `test_${randomUUID().replaceAll('-', '')}`;

let world: World;
let log: TestAuditLog;
let ofAnn: string;
let blind: string;
let forger: string;
beforeAll(async () => {
  world = await openWorld(databaseSchema);
  log = await TestAuditLog.open(databaseSchema);
  const { people } = world;
  const patient = { resourceType: 'Patient', criteria: 'Patient?_id=ann' };
  const study = { resourceType: 'ImagingStudy', criteria: 'ImagingStudy?patient=Patient/ann' };
  await people.policy('of-ann', [patient, study]);
  await people.policy('blind', [study]);
  await people.policy('forger', [{ resourceType: 'Patient' }, study]);
  const standing = (policy: string) => ({ profile: 'Patient/ann', policies: [policy] });
  ofAnn = await people.client('of-ann', standing('of-ann'));
  blind = await people.client('blind', standing('blind'));
  forger = await people.client('forger', standing('forger'));
});
afterAll(async () => {
  await log.close();
  await world.stop();
});
beforeEach(() => void (world.bridge.asked.length = 0));

const get = (path: string, authorization?: string) =>
  world.dicomweb(authorization).get(path).buffer(true).parse(received);
const ALL_WAYS = (instance: string): string[] => [
  instance.replace(/\/series.*/, ''),
  instance.replace(/\/series.*/, '/metadata'),
  instance.replace(/\/series.*/, '/rendered'),
  instance.replace(/\/series.*/, '/thumbnail'),
  instance.replace(/\/instances.*/, ''),
  instance.replace(/\/instances.*/, '/metadata'),
  instance,
  `${instance}/metadata`,
  `${instance}/rendered`,
  `${instance}/thumbnail`,
  `${instance}/frames`,
  `${instance}/frames/1`,
  `${instance}/frames/1/rendered`,
  `${instance}/bulkdata/00420011`,
];

describe('who may not see a study', () => {
  test.each(ALL_WAYS(HEAD_INSTANCE))('gets nothing at %s, and the bridge is not asked', async (path) => {
    await get(path).expect(200);
    world.bridge.asked.length = 0;
    const answer = await get(path, ofAnn).expect(404);
    expect(String(answer.body)).toContain('There are no such images, or you may not see them.');
    expect(world.bridge.asked).toEqual([]);
  });

  test.each([UNMATCHED, WRONG])('is everybody, of %s', async (study) => {
    for (const path of ALL_WAYS(`/studies/${study}/series/${study}.1/instances/${study}.1.1`))
      await get(path).expect(404);
    expect(world.bridge.asked).toEqual([]);
  });

  test('gets nothing by paths that lead elsewhere', async () => {
    for (const path of [
      '/dicomweb/../status',
      '/dicomweb/studies/%2e%2e/status',
      `/dicomweb${CHEST_INSTANCE}/..%2f..`,
      `/dicomweb/studies/${CHEST}/../${HEAD}`,
    ])
      expect([404, 401]).toContain(await statusOfRaw(path, ofAnn));
    expect(world.bridge.asked).toEqual([]);
  });

  test('of an instance of another study gets it by no other', async () => {
    await get(`/studies/${CHEST}/series/${CHEST}.1/instances/${HEAD}.1.1`, ofAnn).expect(404);
    await get(`/studies/${HEAD}/series/${CHEST}.1/instances/${CHEST}.1.1`).expect(404);
  });
});

describe('who writes an ImagingStudy that lists images of somebody else', () => {
  const forge = (study: object) =>
    world.server
      .api()
      .put('/ImagingStudy/forged')
      .set('Authorization', forger)
      .set('Content-Type', 'application/fhir+json')
      .send(JSON.stringify(study));

  test('cannot: not under the UID of their study', async () => {
    const answer = await forge(studyOf('forged', HEAD, { reference: 'Patient/ann' })).expect(409);
    expect(answer.text).toContain('ImagingStudy.identifier[0].value');
    for (const path of ALL_WAYS(HEAD_INSTANCE)) await get(path, forger).expect(404);
    expect(world.bridge.asked).toEqual([]);
    await get(HEAD_INSTANCE).expect(200);
  });

  test('and does not see them under one of his own', async () => {
    const own = studyOf('forged', '1.2.3.77', { reference: 'Patient/ann' });
    own.series![0]!.instance![0]!.uid = `${HEAD}.1.1`;
    await forge(own).expect(201);
    for (const path of ALL_WAYS(`/studies/1.2.3.77/series/1.2.3.77.1/instances/${HEAD}.1.1`))
      await get(path, forger).expect(404);
    expect(world.bridge.asked.every((url) => /\/metadata(?:\?tags=|$)/.test(url))).toBe(true);
  });
});

describe('who sees the study, and not the patient', () => {
  test('gets images and metadata that name nobody', async () => {
    const metadata = await get(`/studies/${CHEST}/metadata`, blind).expect(200);
    expect(String(metadata.body)).not.toMatch(/Müller|MRN-1|Scanned|SCANNED/);
    await get(`${CHEST_INSTANCE}/frames/1`, blind).expect(200);
    await get(`${CHEST_INSTANCE}/rendered`, blind).expect(200);
  });

  test('nor names by way of bulk data, whoever asks, and the bridge is not asked', async () => {
    await get(`${CHEST_INSTANCE}/bulkdata/00420011`, blind).expect(200);
    world.bridge.asked.length = 0;
    for (const path of ['00100010', '00100020', '0040A730/0/00100010', '04000561/0/04000550/0/00100010'])
      for (const caller of [blind, ofAnn])
        await get(`${CHEST_INSTANCE}/bulkdata/${path}`, caller).expect(404);
    expect(world.bridge.asked).toEqual([]);
  });

  test('or not all of him, gets no whole objects', async () => {
    const { people } = world;
    await people.policy('nameless', [
      { resourceType: 'ImagingStudy' },
      { resourceType: 'Patient', hiddenFields: ['name'] },
    ]);
    const nameless = await people.client('nameless', { profile: 'Patient/ann', policies: ['nameless'] });
    const metadata = await get(`/studies/${CHEST}/metadata`, nameless).expect(200);
    expect(String(metadata.body)).toContain('MRN-1');
    expect(String(metadata.body)).not.toMatch(/Müller|Scanned/);
    await get(`/studies/${CHEST}`, nameless).expect(403);
  });

  test('by the scopes of a token, either', async () => {
    const all = { profile: 'Patient/ann', policies: ['forger'] };
    const ofStudies = await world.people.client('of-studies', all, 'system/ImagingStudy.rs');
    expect(String((await get(`/studies/${CHEST}/metadata`, ofStudies).expect(200)).body)).not.toMatch(
      /Müller|MRN-1/,
    );
    await get(`/studies/${CHEST}`, ofStudies).expect(403);
    const ofPatients = await world.people.client('of-patients', all, 'system/Patient.rs');
    for (const path of ['/studies', ...ALL_WAYS(CHEST_INSTANCE)]) await get(path, ofPatients).expect(403);
  });

  test('gets no whole objects', async () => {
    await get(`/studies/${CHEST}`, ofAnn).expect(200);
    const answer = await get(`/studies/${CHEST}`, blind).expect(403);
    expect(String(answer.body)).toContain('Whole objects name the patient');
  });
});

describe('the audit log', () => {
  const recordOf = async (answer: { headers: Record<string, string> }) =>
    (await log.of(answer.headers['x-request-id']!))[0]!;

  test('says who has seen what of whom', async () => {
    expect(await recordOf(await get(`${CHEST_INSTANCE}/frames/1`, ofAnn))).toMatchObject({
      event: 'images-shown',
      agent: { client: 'of-ann' },
      query: `dicomweb${CHEST_INSTANCE}/frames/1`,
      patients: ['ann'],
      resources: expect.arrayContaining(['ImagingStudy/chest']) as unknown,
    });
    expect(await recordOf(await get('/studies'))).toMatchObject({
      event: 'images-found',
      patients: expect.arrayContaining(['ann', 'ben']) as unknown,
    });
  });

  test('says who was refused', async () => {
    expect(await recordOf(await get(HEAD_INSTANCE, ofAnn))).toMatchObject({
      event: 'images-shown',
      outcome: 4,
      patients: [],
    });
    expect(await recordOf(await get('/studies', ''))).toMatchObject({
      event: 'images-found',
      outcome: 8,
    });
  });

  test('is shown as AuditEvents', async () => {
    await world.server.api().get('/AuditEvent?subtype=RAD-107&_count=1').expect(200);
  });
});

/** Of a path that clients would change before they send it. */
function statusOfRaw(path: string, authorization: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    plainRequest(world.server.url, { path, headers: { authorization } }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode));
    })
      .once('error', reject)
      .end();
  });
}
