import { describe, expect, test } from '@jest/globals';
import { isUid, newUid, uidOfName, uidOfUuid, urnOfUid } from '../../src/identifiers/uid.ts';

/** The DNS name space of RFC 9562 section 6.6. */
const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('isUid', () => {
  test.each(['1.2.840.10008.5.1.4.1.1.1.1', '2.25.0', '0.0', '1.39', '2.999.1', `1.2.${'3'.repeat(60)}`])(
    'takes %s',
    (uid) => expect(isUid(uid)).toBe(true),
  );

  test.each([
    ['nothing', ''],
    ['a single component', '1'],
    ['65 characters', `1.2.${'3'.repeat(61)}`],
    ['a leading zero', '1.02.3'],
    ['an empty component', '1..2'],
    ['a dot at the end', '1.2.'],
    ['a dot at the beginning', '.1.2'],
    ['a root that does not exist', '3.1'],
    ['an arc that does not exist under ISO', '1.40.1'],
    ['the padding of DICOM files', '1.2.3\0'],
    ['a line end', '1.2.3\n'],
    ['a path', '1.2/../../etc'],
    ['digits of another script', '1.٢'],
  ])('refuses %s', (_, text) => expect(isUid(text)).toBe(false));
});

describe('UIDs from UUIDs', () => {
  test('are the UUID as a decimal number under 2.25', () => {
    // The example of PS3.5 annex B.2.
    expect(uidOfUuid('f81d4fae-7dec-11d0-a765-00a0c91e6bf6')).toBe(
      '2.25.329800735698586629295641978511506172918',
    );
    expect(uidOfUuid('00000000-0000-0000-0000-000000000000')).toBe('2.25.0');
    expect(() => uidOfUuid('f81d4fae')).toThrow(RangeError);
  });

  test('are valid at their longest, and new each time', () => {
    expect(isUid(uidOfUuid('ffffffff-ffff-ffff-ffff-ffffffffffff'))).toBe(true);
    const uids = Array.from({ length: 100 }, newUid);
    expect(uids.every(isUid)).toBe(true);
    expect(new Set(uids).size).toBe(100);
  });

  test('made of names are those of RFC 9562', () => {
    // The example of RFC 9562 appendix A.4.
    expect(uidOfName(DNS, 'www.example.com')).toBe(uidOfUuid('2ed6657d-e927-568b-95e1-2665a8aea6a2'));
    expect(uidOfName(DNS, 'ServiceRequest/1')).not.toBe(uidOfName(DNS, 'ServiceRequest/2'));
    expect(() => uidOfName('dns', 'www.example.com')).toThrow(RangeError);
  });

  test('are written as urn:oid in FHIR', () => {
    expect(urnOfUid('2.25.1')).toBe('urn:oid:2.25.1');
    expect(() => urnOfUid('2.25.01')).toThrow(RangeError);
  });
});
