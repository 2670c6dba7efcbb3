import { expect, test } from '@jest/globals';
import dimse from 'dcmjs-dimse';
import type { DataSet } from '../../src/objects/dataSet.ts';
import { encodeDataSet, IMPLICIT_LITTLE_ENDIAN } from '../../src/objects/encodeDataSet.ts';
import { textEncoder } from '../../src/objects/encodeText.ts';
import { itemsOf, textOf } from '../../src/objects/values.ts';

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const read = (bytes: Buffer, syntax: string) => new dimse.Dataset(bytes, syntax).getElements();
const there = (dataSet: DataSet, syntax = EXPLICIT_LITTLE_ENDIAN) =>
  read(encodeDataSet(dataSet, syntax), syntax);

test.each([[IMPLICIT_LITTLE_ENDIAN], [EXPLICIT_LITTLE_ENDIAN]])(
  'what is written in %s is read by the library',
  (syntax) => {
    const elements = there(
      {
        ScheduledProcedureStepSequence: [
          { Modality: 'DX', ScheduledProtocolCodeSequence: [{ CodeValue: '1' }] },
          { Modality: 'CR' },
        ],
        ReferencedStudySequence: [],
        PatientName: 'Ito^Ann',
        SpecificCharacterSet: 'ISO_IR 192',
        StudyInstanceUID: ['1.2.3', '1.2.4'],
        Rows: 513,
        AccessionNumber: '',
        PatientWeight: undefined,
      },
      syntax,
    );
    expect(textOf(elements, 'PatientName')).toBe('Ito^Ann');
    expect(elements).toMatchObject({ StudyInstanceUID: ['1.2.3', '1.2.4'], Rows: 513, AccessionNumber: '' });
    expect('PatientWeight' in elements).toBe(false);
    const [step, other] = itemsOf(elements, 'ScheduledProcedureStepSequence');
    expect(textOf(step!, 'Modality')).toBe('DX');
    expect(textOf(itemsOf(step!, 'ScheduledProtocolCodeSequence')[0]!, 'CodeValue')).toBe('1');
    expect(textOf(other!, 'Modality')).toBe('CR');
  },
);

test('elements stand in the order of their tags, in even lengths', () => {
  const bytes = encodeDataSet({ PatientID: 'P1', AccessionNumber: 'A' }, EXPLICIT_LITTLE_ENDIAN);
  expect(bytes.toString('latin1')).toBe('\x08\0\x50\0SH\x02\0A \x10\0\x20\0LO\x02\0P1');
});

test('bytes stand as they are, and are padded by a null', () => {
  const bytes = encodeDataSet({ EncapsulatedDocument: Buffer.from('%\\ ') }, EXPLICIT_LITTLE_ENDIAN);
  expect(bytes.toString('latin1')).toBe('\x42\0\x11\0OB\0\0\x04\0\0\0%\\ \0');
});

test('a value cannot become two, and is cut where it does not fit', () => {
  const elements = there({ PatientID: 'a\\b\nc', AccessionNumber: '12345678901234567' });
  expect(elements).toMatchObject({ PatientID: 'a/b c', AccessionNumber: '1234567890123456' });
});

test('there are no names that the dictionary does not have', () => {
  expect(() => encodeDataSet({ NoSuchKey: '1' }, EXPLICIT_LITTLE_ENDIAN)).toThrow(RangeError);
});

test.each([
  ['ISO_IR 192', 'Łukasz Müller 山田', 'Łukasz Müller 山田', 'utf8'],
  ['ISO_IR 100', 'Łukasz Müller 山田', 'Lukasz Müller ??', 'latin1'],
  ['ISO_IR 100', 'Mu\u0308ller', 'Müller', 'latin1'],
  ['', 'Łukasz Müller Strauß', 'Lukasz Muller Strauss', 'latin1'],
] as const)('in %s, %s is %s', (characterSet, text, expected, encoding) => {
  expect(textEncoder(characterSet)(text).toString(encoding)).toBe(expected);
});
