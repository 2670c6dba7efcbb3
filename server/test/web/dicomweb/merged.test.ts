import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Patient } from '@medplum/fhirtypes';
import { randomUUID } from 'node:crypto';
import type { DicomJson } from '../../../src/imaging/dicomJson.ts';
import { addObjects, CHEST, HEAD, openWorld, studyOf, type World } from './world.ts';

/** Ann came by ambulance, and nobody knew her; and once before under a number that was soon given up. */
const [AMBULANCE, FIRST] = ['1.2.4.1', '1.2.4.2'];
const NUMBER_TYPE = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }],
};

let world: World;
let ofAnn: string;
let withoutLinks: string;
beforeAll(async () => {
  world = await openWorld(`test_${randomUUID().replaceAll('-', '')}`);
  const { people, bridge } = world;
  await people.put(recordOf('ambulance', 'MRN-8', 'Unknown', 'ann'));
  await people.put(recordOf('first', 'MRN-9', 'Miller', 'ambulance'));
  const studies = [
    studyOf('of-ambulance', AMBULANCE, { reference: 'Patient/ambulance' }, { started: '2026-11-19' }),
    studyOf('of-first', FIRST, { reference: 'Patient/first' }, { started: '2026-11-21' }),
  ];
  for (const study of studies) {
    await people.put(study);
    addObjects(bridge, study);
  }
  await people.policy('of-ann', [
    { resourceType: 'Patient', criteria: 'Patient?_id=ann' },
    { resourceType: 'ImagingStudy', criteria: 'ImagingStudy?patient=Patient/ann' },
  ]);
  await people.policy('without-links', [
    { resourceType: 'Patient', hiddenFields: ['link'] },
    { resourceType: 'ImagingStudy' },
  ]);
  ofAnn = await people.client('of-ann', { profile: 'Patient/ann', policies: ['of-ann'] });
  withoutLinks = await people.client('blind', { profile: 'Patient/ann', policies: ['without-links'] });
});
afterAll(() => world.stop());

const recordOf = (id: string, number: string, family: string, replacedBy?: string): Patient => ({
  resourceType: 'Patient',
  id,
  identifier: [{ type: NUMBER_TYPE, system: 'urn:example:clinic', value: number }],
  name: [{ family }],
  ...(replacedBy !== undefined && {
    link: [{ type: 'replaced-by', other: { reference: `Patient/${replacedBy}` } }],
  }),
});

async function json(path: string, authorization?: string): Promise<DicomJson[]> {
  const answer = await world.dicomweb(authorization).get(path);
  if (answer.status === 204) return [];
  expect(answer.status).toBe(200);
  return JSON.parse(String(answer.body instanceof Buffer ? answer.body : answer.text)) as DicomJson[];
}
const valueOf = (tag: string) => (one: DicomJson) => one[tag]?.Value?.[0];
const studies = async (query: string, authorization?: string) =>
  (await json(`/studies?${query}`, authorization)).map(valueOf('0020000D'));

test('studies of merged records are found as those of the patient, the newest first', async () => {
  for (const query of ['PatientID=MRN-1', 'PatientName=m%C3%BCller*'])
    expect([query, await studies(query)]).toEqual([query, [FIRST, CHEST, AMBULANCE]]);
  expect(await studies('PatientID=MRN-1&limit=1&offset=1')).toEqual([CHEST]);
  expect(await studies('PatientID=MRN-1&StudyDate=20261119')).toEqual([AMBULANCE]);
});

test('they are told with who the patient is now, wherever they are told', async () => {
  for (const found of await json('/studies?PatientID=MRN-1')) {
    expect(valueOf('00100010')(found)).toEqual({ Alphabetic: 'Müller^Ann' });
    expect(valueOf('00100020')(found)).toBe('MRN-1');
  }
  const [metadata] = await json(`/studies/${FIRST}/metadata`);
  expect(valueOf('00100020')(metadata!)).toBe('MRN-1');
});

test('by what the merged records said, nobody finds them any more', async () => {
  expect(await studies('PatientID=MRN-9')).toEqual([]);
  expect(await studies('PatientName=unknown')).toEqual([]);
});

test('a merge opens nothing to who sees one of the records alone', async () => {
  expect(await studies('PatientID=MRN-1', ofAnn)).toEqual([CHEST]);
  expect(await studies('', ofAnn)).toEqual([CHEST]);
});

test('to who does not see links, each record is somebody of his own', async () => {
  expect(await studies('PatientID=MRN-1', withoutLinks)).toEqual([CHEST]);
  expect(await studies('PatientID=MRN-9', withoutLinks)).toEqual([FIRST]);
});

test('who is merged in a circle is nobody else, and what is parted again is apart', async () => {
  await world.people.put(recordOf('ambulance', 'MRN-8', 'Unknown', 'first'));
  expect(await studies('PatientID=MRN-9')).toEqual([FIRST]);
  expect(await studies('PatientID=MRN-1')).toEqual([CHEST]);
  await world.people.put(recordOf('first', 'MRN-9', 'Miller'));
  await world.people.put(recordOf('ambulance', 'MRN-8', 'Unknown'));
  expect(await studies('PatientID=MRN-8')).toEqual([AMBULANCE]);
  expect(await studies('')).toEqual([FIRST, CHEST, AMBULANCE, HEAD]);
});
