import { expect, test } from '@jest/globals';
import { imagingStudyOf } from '../../src/record/imagingStudy.ts';
import { recordable } from '../../src/record/recordable.ts';

test.each([
  ['instanceNumber', 2 ** 31 - 1, 2 ** 31 - 1],
  ['instanceNumber', 2 ** 31, undefined],
  ['seriesNumber', 20260101120000, undefined],
  ['modality', 'DX', 'DX'],
  ['modality', 'A B', 'A B'],
  ['modality', 'A  B', undefined],
  ['modality', 'DX\u0001', undefined],
  ['studyStarted', '2026-01-01', '2026-01-01'],
  ['studyStarted', '2026-01-01T10:11:12+14:00', '2026-01-01T10:11:12+14:00'],
  ['studyStarted', '2026-01-01T10:11:12+14:30', '2026-01-01'],
  ['seriesStarted', '2026-01-01T24:00:00+01:00', '2026-01-01'],
  ['seriesStarted', '0000-01-01', undefined],
  ['patientId', 'whatever  it\u0001 is', 'whatever  it\u0001 is'],
] as const)('%s %j is recorded as %j', (name, value, recorded) => {
  expect(recordable({ [name]: value })).toEqual(recorded === undefined ? {} : { [name]: recorded });
});

test('one odd object keeps no study out of the record', () => {
  const object = (instance: string, attributes: object) => ({
    ...{ seriesInstanceUid: '1.2.1', sopInstanceUid: instance, sopClassUid: '1.2.840.10008.5.1.4.1.1.7' },
    ...{ sourceAeTitle: 'UNIT', attributes },
  });
  const odd = {
    instanceNumber: 99_999_999_999,
    seriesNumber: 2 ** 31,
    modality: 'fo  o',
    studyStarted: '0000-01-01',
  };
  const objects = [object('1.2.1.1', odd), object('1.2.1.2', { instanceNumber: 2, modality: 'DX' })];
  const content = {
    studyInstanceUid: '1.2',
    objects,
    completeness: 'arriving' as const,
    deviceOf: () => undefined,
  };
  const study = imagingStudyOf(content, { subject: { reference: 'Patient/p' } });
  expect(study.started).toBeUndefined();
  expect(study.modality).toMatchObject([{ code: 'DX' }, { code: 'OT' }]);
  expect(study.series).toMatchObject([
    { modality: { code: 'DX' }, instance: [{ uid: '1.2.1.2', number: 2 }, { uid: '1.2.1.1' }] },
  ]);
  expect(study.series![0]).not.toHaveProperty('number');
});
