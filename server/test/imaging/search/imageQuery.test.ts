import { describe, expect, test } from '@jest/globals';
import { RESULTS_MAX, readImageQuery } from '../../../src/imaging/search/imageQuery.ts';
import { prefilter } from '../../../src/imaging/search/prefilter.ts';

type Pairs = [string, string][];
const read = (...pairs: Pairs) => readImageQuery('study', {}, pairs);
const keysOf = (...pairs: Pairs) =>
  read(...pairs).keys.map(({ attribute, values }) => [attribute.keyword, ...values]);

describe('the query of a search', () => {
  test('takes tags and keywords, and lists of UIDs in any form', () => {
    expect(keysOf(['00100020', 'MRN-1'], ['PatientName', 'Doe*'])).toEqual([
      ['PatientID', 'MRN-1'],
      ['PatientName', 'Doe*'],
    ]);
    expect(keysOf(['0020000d', '1.2.3,1.2.4'], ['StudyInstanceUID', String.raw`1.2.5\1.2.6`])).toEqual([
      ['StudyInstanceUID', '1.2.3', '1.2.4', '1.2.5', '1.2.6'],
    ]);
  });

  test('matches anything by what is empty, and ignores what is no attribute', () => {
    const query = read(['PatientName', ''], ['PatientID', '*'], ['_', '1'], ['cache', 'x'], ['offset', '5']);
    expect(query).toMatchObject({ keys: [], offset: 5, limit: RESULTS_MAX, isFuzzyRefused: false });
  });

  test('matches anything by what is empty even where nobody can search by it, and tells it', () => {
    const query = read(['StudyID', ''], ['Rows', '*'], ['SeriesDate', '']);
    expect(query.keys).toEqual([]);
    expect(query.extras).toEqual(new Set(['00200010', '00080021']));
  });

  test('says what it tells, how much, and that names are not guessed', () => {
    const query = read(
      ['includefield', '00080021,BodyPartExamined,00091001'],
      ['limit', '99999'],
      ['fuzzymatching', 'true'],
    );
    expect(query.extras).toEqual(new Set(['00080021', '00180015']));
    expect(query).toMatchObject({ limit: RESULTS_MAX, isFuzzyRefused: true });
    expect(read(['includefield', 'all']).extras).toBe('all');
    expect(read(['limit', '0']).limit).toBe(0);
  });

  test('names what is in the URL, too', () => {
    const { keys } = readImageQuery('instance', { study: '1.2', series: '1.3' }, []);
    expect(keys.map(({ values }) => values)).toEqual([['1.2'], ['1.3']]);
  });

  test.each([
    ['Modality', 'DX', /ModalitiesInStudy/],
    ['SeriesInstanceUID', '1.2', /level series/],
    ['InstitutionName', 'x', /InstitutionName/],
    ['00400275.00400009', 'x', /00400275/],
    ['StudyDate', '2026-01-01', /YYYYMMDD/],
    ['StudyDate', '20261301', /YYYYMMDD/],
    ['StudyTime', '25', /HHMMSS/],
    ['StudyInstanceUID', '1.2,abc', /UIDs/],
    ['PatientID', 'x'.repeat(300), /256/],
    ['limit', '-1', /limit/],
    ['offset', 'x', /offset/],
    ['StudyInstanceUID', Array.from({ length: 201 }, (_, at) => `1.${at}`).join(','), /200/],
  ])('%s=%.30s is refused', (name, value, text) => {
    expect(() => read([name, value])).toThrow(text);
    expect(() => read([name, value])).toThrow(expect.objectContaining({ category: 'incorrect' }));
  });

  test('takes one value of what is no list', () => {
    expect(() => read(['PatientID', '1'], ['00100020', '2'])).toThrow(/one value/);
  });
});

describe('the search of ImagingStudies', () => {
  const filters = (...pairs: Pairs) => prefilter(read(...pairs).keys);

  test('goes by what search parameters can say, and escapes it', () => {
    expect(filters(['StudyInstanceUID', '1.2.3,1.2.4'])).toEqual([
      ['identifier', 'urn:dicom:uid|urn:oid:1.2.3,urn:dicom:uid|urn:oid:1.2.4'],
    ]);
    expect(filters(['PatientID', 'a,b|c'])).toEqual([['patient.identifier', String.raw`a\,b\|c`]]);
    expect(filters(['PatientName', '*sm*smithers^j*'])).toEqual([['patient.name:contains', 'smithers']]);
    expect(filters(['StudyDate', '20260301-20260331'])).toEqual([
      ['started', 'ge2026-02-28'],
      ['started', 'le2026-04-01'],
    ]);
    expect(filters(['StudyDate', '20260301'])).toHaveLength(2);
  });

  test('has no bound where the date is the last or the first that dates know', () => {
    expect(filters(['StudyDate', '20260301-99991231'])).toEqual([['started', 'ge2026-02-28']]);
    expect(filters(['StudyDate', '00010101-20260331'])).toEqual([['started', 'le2026-04-01']]);
    expect(filters(['StudyDate', '00500101-99991231'])).toEqual([]);
  });

  test('leaves wild cards to be compared', () => {
    expect(filters(['PatientID', '*1*'], ['AccessionNumber', 'A?'], ['PatientName', 'x*'])).toEqual([]);
  });
});
