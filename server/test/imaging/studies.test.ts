import { expect, test } from '@jest/globals';
import type { ImagingStudy } from '@medplum/fhirtypes';
import { findStudy } from '../../src/imaging/studies.ts';
import { LOCAL_CALLER } from '../../src/records/caller.ts';

const study: ImagingStudy = {
  resourceType: 'ImagingStudy',
  status: 'available',
  identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2.3' }],
  subject: { reference: 'Patient/ann' },
  series: [{ uid: '1.2.3.1', modality: { code: 'DX' }, instance: [{ uid: '1.2.3.1.1', sopClass: {} }] }],
};
const find = (claims: number, hasOthers = false) => {
  const visible = Array.from({ length: claims }, () => ({ study }));
  return findStudy({ ofUid: async () => ({ visible, hasOthers }) }, LOCAL_CALLER, { study: '1.2.3' });
};

// Stores of earlier releases may have several.
test('a study that several ImagingStudies claim shows no images', async () => {
  expect((await find(1)).instances).toEqual([{ seriesInstanceUid: '1.2.3.1', sopInstanceUid: '1.2.3.1.1' }]);
  await expect(find(2)).rejects.toMatchObject({ category: 'conflict' });
  await expect(find(1, true)).rejects.toMatchObject({ category: 'not-found' });
});
