import { describe, expect, test } from '@jest/globals';
import type { ImagingStudy, Patient } from '@medplum/fhirtypes';
import type { DicomJson } from '../../../src/imaging/dicomJson.ts';
import { isTold, overlaid } from '../../../src/imaging/retrieve/overlay.ts';

const URL = 'https://maxray.test/dicomweb/studies/1.2/series/1.3/instances/1.4';
const study = { resourceType: 'ImagingStudy', subject: { reference: 'Patient/ann' } } as ImagingStudy;
const patient: Patient = {
  resourceType: 'Patient',
  name: [
    { use: 'old', family: 'Before' },
    { use: 'official', family: 'Ångström', given: ['Ann', 'Mary'], prefix: ['Dr'] },
  ],
  identifier: [
    { value: 'other' },
    { type: { coding: [{ code: 'MR' }] }, system: 'urn:clinic', value: 'MRN-2' },
  ],
  birthDate: '1980-02-03',
  gender: 'female',
};
const dataSet: DicomJson = {
  '00080005': { vr: 'CS', Value: ['ISO_IR 100'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Before^Ann' }] },
  '00100020': { vr: 'LO', Value: ['MRN-1'] },
  '00101001': { vr: 'PN', Value: [{ Alphabetic: 'Older^Ann' }] },
  '00101010': { vr: 'AS', Value: ['046Y'] },
  '00101040': { vr: 'LO', Value: ['1 High Street'] },
  '00280010': { vr: 'US', Value: [64] },
  '00420011': { vr: 'OB', BulkDataURI: 'bulk/00420011' },
  '0040A730': {
    vr: 'SQ',
    Value: [
      {
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'In^Sequence' }] },
        '7FE00010': { vr: 'OB', BulkDataURI: 'http://elsewhere/x' },
      },
    ],
  },
  '04000561': {
    vr: 'SQ',
    Value: [{ '04000550': { vr: 'SQ', Value: [{ '00100020': { vr: 'LO', Value: ['MRN-0'] } }] } }],
  },
  '7FE00010': { vr: 'OW', BulkDataURI: 'frames' },
};

describe('metadata of images', () => {
  test('say who the patient is now, and how he was then', () => {
    const told = overlaid(dataSet, { study, patient }, URL);
    expect(told).toMatchObject({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Ångström^Ann^Mary^Dr' }] },
      '00100020': { vr: 'LO', Value: ['MRN-2'] },
      '00100021': { vr: 'LO', Value: ['urn:clinic'] },
      '00100030': { vr: 'DA', Value: ['19800203'] },
      '00100040': { vr: 'CS', Value: ['F'] },
      '00101010': { vr: 'AS', Value: ['046Y'] },
      '00280010': { vr: 'US', Value: [64] },
    });
    expect(JSON.stringify(told)).not.toMatch(/Before|Older|High Street|MRN-1|In\^Sequence/);
    expect(Object.keys(told)).toEqual(Object.keys(told).toSorted());
  });

  test('say nothing of a patient who may not be seen, wherever it stands', () => {
    const told = overlaid(dataSet, { study }, URL);
    expect(JSON.stringify(told)).not.toMatch(/Before|Older|High Street|MRN|In\^Sequence|046Y|ngström/);
    expect(told['00100010']).toEqual({ vr: 'PN' });
    expect(told['00280010']).toEqual({ vr: 'US', Value: [64] });
  });

  test('of a device stay as they are', () => {
    const phantom = { ...study, subject: { reference: 'Device/phantom' } };
    expect(overlaid(dataSet, { study: phantom }, URL)['00100020']).toEqual({ vr: 'LO', Value: ['MRN-1'] });
  });

  test('point at our own URLs, and nowhere else', () => {
    const told = overlaid(dataSet, { study, patient }, URL);
    expect(told['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: `${URL}/frames` });
    expect(told['00420011']).toEqual({ vr: 'OB', BulkDataURI: `${URL}/bulkdata/00420011` });
    expect(JSON.stringify(told)).not.toContain('elsewhere');
  });

  test('do not let a name break out of its value', () => {
    const named = { ...patient, name: [{ family: 'A\\B^C=D', given: ['E\u0007F'] }] };
    expect(overlaid(dataSet, { study, patient: named }, URL)['00100010']).toEqual({
      vr: 'PN',
      Value: [{ Alphabetic: 'A B C D^E F' }],
    });
  });
});

describe('bulk data of images', () => {
  test.each(['00420011', '7FE00010', '0040A730/0/7FE00010', '00101010'])('%s is told', (path) => {
    expect(isTold(path, { study, patient })).toBe(true);
  });

  test.each(['00100010', '00100020', '0040A730/0/00100010', '0040A730/10/00101040'])(
    '%s is not: the record says who the patient is',
    (path) => {
      expect(isTold(path, { study, patient })).toBe(false);
    },
  );

  test('nor what values were before, to who may not see the patient', () => {
    expect(isTold('04000561/0/04000550', { study })).toBe(false);
    expect(isTold('04000561/0/04000550', { study, patient })).toBe(true);
    expect(isTold('00101010', { study })).toBe(false);
    expect(isTold('00420011', { study })).toBe(true);
  });

  test('all of a phantom is', () => {
    const ofPhantom = { ...study, subject: { reference: 'Device/phantom' } };
    expect(isTold('00100010', { study: ofPhantom })).toBe(true);
  });
});
