import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { DicomJson } from '../../../src/imaging/dicomJson.ts';
import { partsOf, received } from './parts.ts';
import { CHEST, HEAD, openWorld, type World } from './world.ts';

let world: World;
let ofAnn: string;
let blind: string;
beforeAll(async () => {
  world = await openWorld(`test_${randomUUID().replaceAll('-', '')}`);
  const { people } = world;
  await people.policy('of-ann', [
    { resourceType: 'Patient', criteria: 'Patient?_id=ann' },
    { resourceType: 'ImagingStudy', criteria: 'ImagingStudy?patient=Patient/ann' },
  ]);
  await people.policy('blind', [{ resourceType: 'ImagingStudy' }]);
  ofAnn = await people.client('of-ann', { profile: 'Patient/ann', policies: ['of-ann'] });
  blind = await people.client('blind', { profile: 'Patient/ann', policies: ['blind'] });
});
afterAll(() => world.stop());

const find = async (path: string, authorization?: string): Promise<DicomJson[]> => {
  const answer = await world.dicomweb(authorization).get(path);
  if (answer.status === 204) return [];
  expect(answer).toMatchObject({ status: 200, type: 'application/dicom+json' });
  return JSON.parse(String(answer.body instanceof Buffer ? answer.body : answer.text)) as DicomJson[];
};
const values = (found: readonly DicomJson[], tag: string) => found.map((one) => one[tag]?.Value?.[0]);
const studies = async (query: string, authorization?: string) =>
  values(await find(`/studies?${query}`, authorization), '0020000D');

describe('studies', () => {
  test('are told in DICOM JSON, the newest first, those of nobody not', async () => {
    const found = await find('/studies');
    expect(values(found, '0020000D')).toEqual([CHEST, HEAD]);
    expect(found[0]).toEqual({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00080020': { vr: 'DA', Value: ['20261120'] },
      '00080030': { vr: 'TM', Value: ['231500'] },
      '00080050': { vr: 'SH', Value: ['A-1'] },
      '00080056': { vr: 'CS', Value: ['ONLINE'] },
      '00080061': { vr: 'CS', Value: ['DX', 'SR'] },
      '00080090': { vr: 'PN' },
      '00080201': { vr: 'SH', Value: ['+0100'] },
      '00081030': { vr: 'LO', Value: ['Chest pa'] },
      '00081190': { vr: 'UR', Value: [`${world.server.url}/dicomweb/studies/${CHEST}`] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Ann' }] },
      '00100020': { vr: 'LO', Value: ['MRN-1'] },
      '00100021': { vr: 'LO', Value: ['urn:example:clinic'] },
      '00100030': { vr: 'DA', Value: ['19800203'] },
      '00100040': { vr: 'CS', Value: ['F'] },
      '0020000D': { vr: 'UI', Value: [CHEST] },
      '00200010': { vr: 'SH' },
      '00201206': { vr: 'IS', Value: [2] },
      '00201208': { vr: 'IS', Value: [3] },
    });
  });

  test.each([
    ['00100020=MRN-1', [CHEST]],
    ['PatientID=*2', [HEAD]],
    ['PatientID=%3F%3F%3F-1', [CHEST]],
    ['PatientID=MRN', []],
    ['PatientName=*ULLER*', [CHEST]],
    ['PatientName=m%C3%BCller%5Eann', [CHEST]],
    ['PatientName=M*%5EB*', []],
    ['StudyDate=20261120', [CHEST]],
    ['StudyDate=20261121', []],
    ['StudyDate=20261001-20261120', [CHEST, HEAD]],
    ['StudyDate=-20261001', [HEAD]],
    ['StudyDate=20261120-99991231', [CHEST]],
    ['StudyDate=00010101-99991231', [CHEST, HEAD]],
    ['StudyTime=2300-', [CHEST]],
    ['AccessionNumber=A-1', [CHEST]],
    ['AccessionNumber=A*', [CHEST]],
    ['ModalitiesInStudy=SR', [CHEST]],
    ['ModalitiesInStudy=CT%5CDX', [CHEST, HEAD]],
    ['StudyDescription=*pa', [CHEST]],
    ['PatientBirthDate=19800203', [CHEST]],
    [`StudyInstanceUID=${HEAD},${CHEST},1.2.3.9`, [CHEST, HEAD]],
    [`StudyInstanceUID=${HEAD}&StudyInstanceUID=${CHEST}`, [CHEST, HEAD]],
    ['PatientName=&limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060', [CHEST, HEAD]],
    ['unknown=1&_=2', [CHEST, HEAD]],
  ])('are found by %s', async (query, expected) => {
    expect(await studies(query)).toEqual(expected);
  });

  test('come in pages, and it is said that there are more', async () => {
    const first = await world.dicomweb().get('/studies?limit=1').expect(200);
    expect(first.headers.warning).toMatch(/^299 http\S+\/dicomweb "There are additional results/);
    expect(await studies('limit=1&offset=1')).toEqual([HEAD]);
    const last = await world.dicomweb().get('/studies?limit=1&offset=1').expect(200);
    expect(last.headers.warning).toBeUndefined();
    await world.dicomweb().get('/studies?offset=2').expect(204);
  });

  test('are not guessed by name, which is said', async () => {
    const answer = await world.dicomweb().get('/studies?PatientName=Meuller&fuzzymatching=true').expect(204);
    expect(answer.headers.warning).toContain('The fuzzymatching parameter is not supported.');
  });

  test.each(['Modality=DX', 'InstitutionName=x', 'StudyDate=today', 'limit=-1', 'StudyInstanceUID=x'])(
    'asked by %s are refused with what to do',
    async (query) => {
      const answer = await world.dicomweb().get(`/studies?${query}`).expect(400);
      expect(answer.body).toMatchObject({ resourceType: 'OperationOutcome', issue: [{ severity: 'error' }] });
    },
  );

  test('come as JSON or as XML in parts, and as nothing else', async () => {
    const json = await world.dicomweb().get('/studies').set('Accept', 'application/json').expect(200);
    expect(json.headers['content-type']).toBe('application/json');
    const accept = 'multipart/related; type="application/dicom+xml"';
    const xml = await world.dicomweb().get('/studies').set('Accept', accept).buffer(true).parse(received);
    const parts = partsOf(xml);
    expect(parts).toHaveLength(2);
    expect(parts[0]).toMatchObject({ headers: { 'content-type': 'application/dicom+xml' } });
    expect(parts[0]!.body).toContain(`tag="0020000D" vr="UI"><Value number="1">${CHEST}</Value>`);
    await world.dicomweb().get('/studies').set('Accept', 'application/dicom+xml').expect(406);
    await world.dicomweb().get('/studies').set('Accept', 'text/html').expect(406);
  });
});

describe('series and instances', () => {
  test('are told with what is above them where the URL leaves it open', async () => {
    const all = await find('/series?Modality=SR');
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      '00080060': { vr: 'CS', Value: ['SR'] },
      '00081190': { vr: 'UR', Value: [`${world.server.url}/dicomweb/studies/${CHEST}/series/${CHEST}.2`] },
      '00100020': { vr: 'LO', Value: ['MRN-1'] },
      '0020000E': { vr: 'UI', Value: [`${CHEST}.2`] },
      '00201209': { vr: 'IS', Value: [1] },
    });
    const ofStudy = await find(`/studies/${CHEST}/series`);
    expect(values(ofStudy, '0020000E')).toEqual([`${CHEST}.1`, `${CHEST}.2`]);
    expect(ofStudy[0]).not.toHaveProperty('00100020');
    expect(ofStudy[0]).not.toHaveProperty('00180015');
    expect(values(await find(`/studies/${CHEST}/series?includefield=BodyPartExamined`), '00180015')[0]).toBe(
      'CHEST',
    );
  });

  test('are found by what they are', async () => {
    const uids = async (path: string) => values(await find(path), '00080018');
    expect(await uids(`/studies/${CHEST}/instances`)).toEqual([
      `${CHEST}.1.1`,
      `${CHEST}.1.2`,
      `${CHEST}.2.1`,
    ]);
    expect(await uids(`/studies/${CHEST}/series/${CHEST}.1/instances?InstanceNumber=2`)).toEqual([
      `${CHEST}.1.2`,
    ]);
    expect(await uids(`/instances?SOPInstanceUID=${HEAD}.1.1`)).toEqual([`${HEAD}.1.1`]);
    expect(await uids('/instances?SOPClassUID=1.2.840.10008.5.1.4.1.1.1.1&PatientID=MRN-2')).toEqual([
      `${HEAD}.1.1`,
    ]);
    expect(await uids(`/studies/${HEAD}/series/${CHEST}.1/instances`)).toEqual([]);
  });
});

describe('who asks', () => {
  test('finds what the policy lets him see, by any way', async () => {
    expect(await studies('', ofAnn)).toEqual([CHEST]);
    expect(await studies('PatientID=MRN-2', ofAnn)).toEqual([]);
    expect(await find(`/studies/${HEAD}/instances`, ofAnn)).toEqual([]);
  });

  test('learns nothing of patients whom he may not see, nor by asking for them', async () => {
    const [chest] = await find(`/studies?StudyInstanceUID=${CHEST}`, blind);
    expect(chest).toMatchObject({
      '00100010': { vr: 'PN' },
      '00100020': { vr: 'LO' },
      '00100040': { vr: 'CS' },
    });
    expect(JSON.stringify(chest)).not.toMatch(/MRN|ller|1980/);
    for (const query of [
      'PatientID=MRN-1',
      'PatientID=*1',
      'PatientName=*ller*',
      'PatientBirthDate=19800203',
    ]) {
      const answer = await world.dicomweb(blind).get(`/studies?${query}`);
      expect([204, 403]).toContain(answer.status);
    }
  });

  test('signs in first, whatever he asks for', async () => {
    for (const path of ['/studies', '/nothing', `/studies/${CHEST}`]) {
      const answer = await world.dicomweb('').get(path).expect(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    }
  });
});
