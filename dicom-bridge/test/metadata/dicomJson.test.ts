import { describe, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { findBulk } from '../../src/metadata/bulkData.ts';
import { dicomJson, type JsonDataSet } from '../../src/metadata/dicomJson.ts';
import { StoredDataSet } from '../../src/stored/storedDataSet.ts';
import { dcmtk, testWithDcmtk } from '../support/dcmtk.ts';
import { encodeElements, fileOf, type Element } from '../support/dicomObject.ts';
import { encapsulated, imageDataSet, sequenceItem } from '../support/image.ts';
import { suiteFolder, withObject } from '../support/storedFile.ts';

const folder = suiteFolder();

const jsonOf = (file: Buffer | string): Promise<JsonDataSet> => withObject(folder, file, dicomJson);
const ofElements = (...elements: readonly Element[]): Promise<JsonDataSet> =>
  jsonOf(fileOf(encodeElements(elements)));

const DUMP = `
(0002,0010) UI =LittleEndianExplicit
(0008,0016) UI [1.2.840.10008.5.1.4.1.1.1.1]
(0008,0018) UI [1.2.3]
(0008,0060) CS [DX]
(0008,1140) SQ
(fffe,e000) na
(0008,1150) UI [1.2.840.10008.5.1.4.1.1.1.1]
(0040,a170) SQ
(fffe,e000) na
(0008,0100) SH [121311]
(0008,0104) LO [Localizer]
(fffe,e00d) na
(fffe,e000) na
(fffe,e00d) na
(fffe,e0dd) na
(fffe,e00d) na
(fffe,e0dd) na
(0010,0010) PN [Test^Ann]
(0018,0060) DS [70.5\\80]
(0018,1151) IS [-12]
(0018,9073) FD 1.5
(0020,000d) UI [1.2.4]
(0028,0009) AT (0018,1063)
(0028,0010) US 2
(0028,0011) US 2
(0028,0103) US 1
(0028,0106) SS -5
(0028,3010) SQ
(fffe,e000) na
(0028,3002) SS 2\\-7\\8
(fffe,e00d) na
(fffe,e0dd) na
(0040,0440) SQ
(fffe,e0dd) na
`;

describe('the data set as JSON', () => {
  /** How dcmconv is told to write: syntaxes, and lengths of sequences. */
  testWithDcmtk.each([
    ['+te', '+e'],
    ['+te', '-e'],
    ['+ti', '+e'],
    ['+ti', '-e'],
    ['+tb', '-e'],
    ['+td', '+e'],
  ])('is what dcmtk makes of it: %s %s', async (syntax, lengths) => {
    const [dump, plain, converted] = ['dump', 'plain.dcm', 'converted.dcm'].map((name) =>
      path.join(folder, name),
    );
    writeFileSync(dump!, DUMP);
    expect(await dcmtk('dump2dcm', [dump!, plain!])).toMatchObject({ code: 0 });
    expect(await dcmtk('dcmconv', [syntax, lengths, plain!, converted!])).toMatchObject({ code: 0 });
    const { '00083002': syntaxes, ...json } = await jsonOf(converted!);
    const { output } = await dcmtk('dcm2json', [plain!]);
    expect(json).toEqual(JSON.parse(output));
    expect(syntaxes).toMatchObject({ vr: 'UI' });
  });

  test.each([
    ['ISO_IR 100', 'Bj\xf8rn^\xc5se', { Alphabetic: 'Bjørn^Åse' }],
    ['ISO_IR 192', 'M\xc3\xbcller^J', { Alphabetic: 'Müller^J' }],
    [
      '\\ISO 2022 IR 87',
      'Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B',
      { Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' },
    ],
  ])('is in Unicode, whatever the object is in: %s', async (characterSet, name, forms) => {
    const json = await ofElements(
      [0x0008, 0x0005, 'CS', characterSet],
      [0x0010, 0x0010, 'PN', Buffer.from(name.length % 2 === 0 ? name : `${name} `, 'latin1')],
    );
    expect(json).toMatchObject({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00100010': { vr: 'PN', Value: [forms] },
    });
  });

  test('tells empty values, texts with backslashes, and numbers beyond those of JSON', async () => {
    const big = Buffer.alloc(16);
    big.writeBigUInt64LE(2n ** 60n + 1n, 0);
    big.writeBigUInt64LE(7n, 8);
    const json = await ofElements(
      [0x0008, 0x0000, 'UL', Buffer.alloc(4)],
      [0x0008, 0x0008, 'CS', 'ORIGINAL\\\\AXIAL'],
      [0x0008, 0x0050, 'SH', ''],
      [0x0010, 0x4000, 'LT', ' a\\b '],
      [0x0018, 0x1151, 'IS', 'many'],
      [0x0072, 0x0082, 'SV', Buffer.alloc(0)],
      [0x0072, 0x0083, 'UV', big],
    );
    expect(json).toEqual({
      '00080008': { vr: 'CS', Value: ['ORIGINAL', null, 'AXIAL'] },
      '00080050': { vr: 'SH' },
      '00104000': { vr: 'LT', Value: [' a\\b'] },
      '00181151': { vr: 'IS', Value: ['many'] },
      '00720082': { vr: 'SV' },
      '00720083': { vr: 'UV', Value: ['1152921504606846977', 7] },
      '00083002': { vr: 'UI', Value: ['1.2.840.10008.1.2.1'] },
    });
  });

  test('leaves pixels and other bulk where they are, and says where', async () => {
    const [small, large] = [Buffer.from([1, 2, 3, 4]), Buffer.alloc(4096, 7)];
    const icon = sequenceItem([0x0028, 0x0010, 'US', 8], [0x7fe0, 0x0010, 'OW', large]);
    const dataSet = imageDataSet({
      others: [
        [0x0009, 0x1001, 'OB', small],
        [0x0009, 0x1002, 'UN', large],
        [0x0088, 0x0200, 'SQ', icon],
      ],
    });
    for (const file of [fileOf(dataSet), fileOf(encapsulated(dataSet, [small]), '1.2.840.10008.1.2.4.50')])
      await withObject(folder, file, async (object) => {
        const json = await dicomJson(object);
        expect(json).toMatchObject({
          '00091001': { vr: 'OB', InlineBinary: 'AQIDBA==' },
          '00091002': { vr: 'UN', BulkDataURI: 'bulk/00091002' },
          '00880200': { Value: [{ '7FE00010': { vr: 'OW', BulkDataURI: 'bulk/00880200/0/7FE00010' } }] },
          '7FE00010': { BulkDataURI: 'frames' },
        });
        const { at, lengthBytes } = findBulk(object.dataSet, '00880200/0/7FE00010')!;
        expect((await object.source.read(at, lengthBytes)).equals(large)).toBe(true);
      });
  });

  test('has long texts up to a limit for all of them, and says where the others are', async () => {
    const text = Buffer.alloc(3 * 1024 * 1024, 'long ');
    const others = [1, 2, 3].map((at): Element => [0x0009, 0x1000 + at, 'UT', text]);
    await withObject(folder, fileOf(imageDataSet({ others })), async (object) => {
      const json = await dicomJson(object);
      expect(json).toMatchObject({
        '00091001': { vr: 'UT', Value: [text.toString()] },
        '00091002': { vr: 'UT', Value: [text.toString()] },
        '00091003': { vr: 'UT', BulkDataURI: 'bulk/00091003' },
      });
      expect(findBulk(object.dataSet, '00091003')).toMatchObject({ lengthBytes: text.length });
    });
  });

  test('has long lists of numbers up to that limit, too, and says how the others are to be turned', async () => {
    const numbers = Buffer.alloc(3 * 1024 * 1024, 1);
    const others = [1, 2, 3].map((at): Element => [0x0009, 0x1000 + at, 'UV', numbers]);
    await withObject(folder, fileOf(imageDataSet({ others })), async (object) => {
      const json = await dicomJson(object);
      expect(json['00091002']!.Value).toHaveLength(numbers.length / 8);
      expect(json['00091003']).toEqual({ vr: 'UV', BulkDataURI: 'bulk/00091003' });
      const bigEndian = new StoredDataSet(false);
      for (const [tag, element] of object.dataSet.elements) bigEndian.elements.set(tag, element);
      expect(findBulk(bigEndian, '00091003')).toMatchObject({ swappedBytes: 8 });
    });
  });

  test('has only what is asked for, however much there is', async () => {
    const others: Element[] = [[0x0009, 0x1001, 'UT', Buffer.alloc(1024, 'long ')]];
    await withObject(folder, fileOf(imageDataSet({ others })), async (object) => {
      const json = await dicomJson(object, new Set(['00280010', '00081030']));
      expect(Object.keys(json).sort()).toEqual(['00083002', '00280010']);
    });
  });

  test.each(['00880200', '00880200/1/7FE00010', '00091003', '00880200/0', '../x', '', '00091001/0/00091001'])(
    'has no bulk at %p',
    async (at) => {
      const icon = sequenceItem([0x7fe0, 0x0010, 'OW', Buffer.alloc(8)]);
      const others: Element[] = [
        [0x0009, 0x1001, 'OB', Buffer.alloc(4)],
        [0x0088, 0x0200, 'SQ', icon],
      ];
      await withObject(folder, fileOf(imageDataSet({ others })), ({ dataSet }) =>
        expect(findBulk(dataSet, at)).toBeUndefined(),
      );
    },
  );
});
