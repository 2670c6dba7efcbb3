import type { ImagingStudy, Patient } from '@medplum/fhirtypes';
import request from 'supertest';
import { People } from '../../support/people.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { FakeImages } from './fakeImages.ts';

/** Of Ann, with two series. */
export const CHEST = '1.2.3.1';
/** Of Ben. */
export const HEAD = '1.2.3.2';
/** Of nobody yet. */
export const UNMATCHED = '1.2.3.3';
/** Of Ann, in error. */
export const WRONG = '1.2.3.4';
const DX = '1.2.840.10008.5.1.4.1.1.1.1';

/** A server with studies of two patients, their images in a bridge that only says what it was asked. */
export interface World {
  server: TestServer;
  people: People;
  bridge: FakeImages;
  /** supertest on the DICOMweb service. */
  dicomweb(authorization?: string): ReturnType<typeof request.agent>;
  stop(): Promise<void>;
}

export async function openWorld(databaseSchema: string): Promise<World> {
  const bridge = await FakeImages.start();
  const server = await startTestServer({ ...bridge.config, databaseSchema });
  const people = new People(server);
  await people.prepare();
  for (const patient of PATIENTS) await people.put(patient);
  for (const study of STUDIES) {
    await people.put(study);
    addObjects(bridge, study);
  }
  return {
    ...{ server, people, bridge },
    dicomweb: (authorization = server.authorization) =>
      request.agent(`${server.url}/dicomweb`).set('Authorization', authorization),
    stop: async () => {
      await server.stop();
      await bridge.stop();
    },
  };
}

/** What a bridge has of a study. */
export function addObjects(bridge: FakeImages, { identifier, series = [] }: ImagingStudy): void {
  const study = identifier![0]!.value!.replace('urn:oid:', '');
  for (const { uid, instance = [] } of series)
    for (const one of instance) bridge.objects.set(one.uid!, { study, series: uid! });
}

const recordNumber = (value: string) => ({
  type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'MR' }] },
  system: 'urn:example:clinic',
  value,
});

const PATIENTS: Patient[] = [
  {
    resourceType: 'Patient',
    id: 'ann',
    identifier: [recordNumber('MRN-1')],
    name: [{ family: 'Müller', given: ['Ann'] }],
    birthDate: '1980-02-03',
    gender: 'female',
  },
  { resourceType: 'Patient', id: 'ben', identifier: [recordNumber('MRN-2')], name: [{ family: 'Okoye' }] },
];

export const modality = (code: string) => ({ system: 'http://dicom.nema.org/resources/ontology/DCM', code });

export const studyOf = (
  id: string,
  uid: string,
  subject: ImagingStudy['subject'],
  more: Partial<ImagingStudy> = {},
): ImagingStudy => ({
  resourceType: 'ImagingStudy',
  id,
  status: 'available',
  identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${uid}` }],
  subject,
  numberOfSeries: 1,
  numberOfInstances: 1,
  series: [
    {
      uid: `${uid}.1`,
      modality: modality('DX'),
      numberOfInstances: 1,
      instance: [{ uid: `${uid}.1.1`, sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${DX}` } }],
    },
  ],
  ...more,
});

const sopClass = { system: 'urn:ietf:rfc:3986', code: `urn:oid:${DX}` };

const STUDIES: ImagingStudy[] = [
  studyOf(
    'chest',
    CHEST,
    { reference: 'Patient/ann' },
    {
      identifier: [
        { system: 'urn:dicom:uid', value: `urn:oid:${CHEST}` },
        {
          type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN' }] },
          value: 'A-1',
        },
      ],
      started: '2026-11-20T23:15:00+01:00',
      description: 'Chest pa',
      numberOfSeries: 2,
      numberOfInstances: 3,
      series: [
        {
          uid: `${CHEST}.1`,
          number: 1,
          modality: modality('DX'),
          description: 'pa',
          bodySite: { display: 'CHEST' },
          numberOfInstances: 2,
          instance: [
            { uid: `${CHEST}.1.1`, number: 1, sopClass },
            { uid: `${CHEST}.1.2`, number: 2, sopClass },
          ],
        },
        {
          uid: `${CHEST}.2`,
          number: 2,
          modality: modality('SR'),
          numberOfInstances: 1,
          instance: [{ uid: `${CHEST}.2.1`, number: 1, sopClass }],
        },
      ],
    },
  ),
  studyOf('head', HEAD, { reference: 'Patient/ben' }, { started: '2026-10-01' }),
  studyOf('unmatched', UNMATCHED, { type: 'Patient', identifier: { value: 'MRN-1' } }),
  studyOf('wrong', WRONG, { reference: 'Patient/ann' }, { status: 'entered-in-error' }),
];
