import { expect, test } from '@jest/globals';
import { readAttributes } from '../../src/objects/attributes.ts';
import { textDecoder } from '../../src/objects/characterSet.ts';
import { MemorySource } from '../../src/stored/byteSource.ts';
import { scanDataSet } from '../../src/stored/scanDataSet.ts';
import { encodeElements, type Element } from '../support/dicomObject.ts';

const attributesOf = async (elements: Element[]) => {
  const source = new MemorySource(encodeElements(elements));
  return readAttributes(await scanDataSet(source, 0, { isExplicit: true, isLittleEndian: true }));
};

test('what an object tells is read, without what is empty', async () => {
  expect(
    await attributesOf([
      [0x0008, 0x0005, 'CS', 'ISO_IR 192'],
      [0x0008, 0x0020, 'DA', '20261122'],
      [0x0008, 0x0030, 'TM', '134501.123'],
      [0x0008, 0x0050, 'SH', ''],
      [0x0008, 0x0060, 'CS', 'DX'],
      [0x0008, 0x0201, 'SH', '+0530'],
      [0x0008, 0x1030, 'LO', Buffer.from('Thorax, à gauche ')],
      [0x0010, 0x0010, 'PN', Buffer.from('Müller^Ann^Mary')],
      [0x0010, 0x0020, 'LO', ' 4711 '],
      [0x0010, 0x0030, 'DA', '19800203'],
      [0x0020, 0x0011, 'IS', '2 '],
      [0x0028, 0x0008, 'IS', '-1'],
    ]),
  ).toEqual({
    patientId: '4711',
    patientName: { family: 'Müller', given: ['Ann', 'Mary'] },
    patientBirthDate: '1980-02-03',
    studyStarted: '2026-11-22T13:45:01+05:30',
    studyDescription: 'Thorax, à gauche',
    seriesNumber: 2,
    modality: 'DX',
  });
});

test.each([
  ['20260230', '', '', undefined],
  ['20261122', '', '', '2026-11-22'],
  ['20261122', '1345', '', '2026-11-22'],
  ['20261122', '134501', '-0300', '2026-11-22T13:45:01-03:00'],
  ['2026.11.22', '13:45', '+0000', '2026-11-22T13:45:00+00:00'],
  ['20261122', '9961', '+0000', '2026-11-22'],
  ['yesterday', '1345', '+0000', undefined],
])('%s %s %s began %s', async (day, time, zone, started) => {
  const read = await attributesOf([
    [0x0008, 0x0020, 'DA', day],
    [0x0008, 0x0030, 'TM', time],
    [0x0008, 0x0201, 'SH', zone],
  ]);
  expect(read.studyStarted).toBe(started);
});

/** Examples of PS3.5 annexes H to K, and of single bytes. */
test.each<[string, string | undefined, number[], string]>([
  ['ASCII', undefined, [0x41, 0x6e, 0x6e], 'Ann'],
  ['Latin-1', 'ISO_IR 100', [0x4d, 0xfc, 0x6c], 'Mül'],
  ['Latin-1 with code extensions', 'ISO 2022 IR 100', [0x4d, 0xfc, 0x6c], 'Mül'],
  ['Cyrillic', 'ISO_IR 144', [0xbb, 0xee], 'Лю'],
  ['Greek', 'ISO_IR 126', [0xc4, 0xe9], 'Δι'],
  ['Japanese', '\\ISO 2022 IR 87', [0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42], '山田'],
  ['Korean', '\\ISO 2022 IR 149', [0x1b, 0x24, 0x29, 0x43, 0xb1, 0xe8], '김'],
  ['Chinese', 'GB18030', [0xcd, 0xf5], '王'],
  ['UTF-8', 'ISO_IR 192', [0xe7, 0x8e, 0x8b], '王'],
])('%s is read', (_name, set, bytes, text) => {
  expect(textDecoder(set)(Uint8Array.from(bytes))).toBe(text);
});
