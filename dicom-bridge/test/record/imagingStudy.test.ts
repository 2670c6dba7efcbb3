import { expect, test } from '@jest/globals';
import { imagingStudyOf } from '../../src/record/imagingStudy.ts';

const DX = '1.2.840.10008.5.1.4.1.1.1.1';
const object = (series: string, instance: string, attributes = {}) => ({
  seriesInstanceUid: series,
  sopInstanceUid: instance,
  sopClassUid: DX,
  sourceAeTitle: series === '1.2.1' ? 'UNIT' : 'GATEWAY',
  attributes: { modality: 'DX', ...attributes },
});
const OBJECTS = [
  object('1.2.1', '1.2.1.2', {
    seriesNumber: 2,
    instanceNumber: 2,
    operatorName: { family: 'Rivera', given: ['Luz'] },
  }),
  object('1.2.1', '1.2.1.1', { seriesNumber: 2, instanceNumber: 1, bodyPart: 'CHEST', laterality: 'L' }),
  object('1.2.2', '1.2.2.1', {
    seriesNumber: 1,
    modality: 'CR',
    accessionNumber: 'A1',
    studyStarted: '2026-11-22',
  }),
  object('1.2.3', '1.2.3.1', { modality: undefined }),
];
const content = (objects = OBJECTS) => ({
  studyInstanceUid: '1.2',
  objects,
  completeness: 'arriving' as const,
  deviceOf: (aeTitle: string) => (aeTitle === 'UNIT' ? 'Device/unit' : undefined),
});
const links = { subject: { reference: 'Patient/p' }, basedOn: [{ reference: 'ServiceRequest/r' }] };

test('a study follows from its objects, in whatever order they came', () => {
  const study = imagingStudyOf(content(), links);
  expect(study).toMatchObject({
    identifier: [{ system: 'urn:dicom:uid', value: 'urn:oid:1.2' }, { value: 'A1' }],
    status: 'available',
    modality: [{ code: 'CR' }, { code: 'DX' }, { code: 'OT' }],
    subject: { reference: 'Patient/p' },
    started: '2026-11-22',
    numberOfSeries: 3,
    numberOfInstances: 4,
    series: [
      { uid: '1.2.2', number: 1, numberOfInstances: 1 },
      {
        uid: '1.2.1',
        number: 2,
        numberOfInstances: 2,
        bodySite: { display: 'CHEST' },
        laterality: { display: 'L' },
        performer: [
          { function: { coding: [{ code: 'PRF' }] }, actor: { display: 'Luz Rivera' } },
          { actor: { reference: 'Device/unit' } },
        ],
        instance: [{ uid: '1.2.1.1', number: 1 }, { uid: '1.2.1.2' }],
      },
      { uid: '1.2.3', modality: { code: 'OT' } },
    ],
  });
  expect(study.series?.[0]).not.toHaveProperty('performer');
  expect(imagingStudyOf(content(OBJECTS.toReversed()), links)).toEqual(study);
});

test('what others have written into it stays; what follows from the objects does not', () => {
  const before = imagingStudyOf(content(OBJECTS.slice(0, 1)), links);
  const written = { ...before, id: 's', note: [{ text: 'seen' }], status: 'registered' as const };
  const study = imagingStudyOf(content(), links, written);
  expect(study).toMatchObject({
    id: 's',
    note: [{ text: 'seen' }],
    status: 'registered',
    numberOfInstances: 4,
  });
});
