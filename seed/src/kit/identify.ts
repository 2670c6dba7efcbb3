import type { ContactPoint, Identifier } from '@medplum/fhirtypes';
import { HOUSE, hl7 } from './concept.ts';
import type { Random } from './random.ts';

/** An identifier given out by the clinic, e.g. an order number. */
export function houseIdentifier(kind: string, value: string): Identifier {
  return { system: `${HOUSE}/sid/${kind}`, value };
}

/** A medical record number. */
export function recordNumber(value: string): Identifier {
  return {
    ...houseIdentifier('mrn', value),
    use: 'usual',
    type: { coding: [hl7('v2-0203', 'MR', 'Medical record number')] },
  };
}

/** An accession number, which ties order, images and report together (DICOM 0008,0050). */
export function accessionNumber(value: string): Identifier {
  return {
    ...houseIdentifier('accession', value),
    type: { coding: [hl7('v2-0203', 'ACSN', 'Accession ID')] },
  };
}

/** A DICOM study (0020,000D), from its order on. */
export const studyIdentifier = (uid: string): Identifier => ({
  system: 'urn:dicom:uid',
  value: `urn:oid:${uid}`,
});

/**
 * A national provider identifier that nobody has: real ones begin with 1 or 2, these with 9; the check digit is
 * right (Luhn over the number prefixed with 80840).
 */
export function providerNumber(serial: number): Identifier {
  const digits = `9${String(serial).padStart(8, '0')}`;
  return { system: 'http://hl7.org/fhir/sid/us-npi', value: digits + luhnDigit(`80840${digits}`) };
}

function luhnDigit(digits: string): string {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]) * (at % 2 === 0 ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return String((10 - (sum % 10)) % 10);
}

/** A telephone number of the range kept free for fiction (555-0100 to 555-0199). */
export function phone(serial: number, use: ContactPoint['use'], area = '602'): ContactPoint {
  return { system: 'phone', use, value: `+1 ${area} 555 01${String(serial % 100).padStart(2, '0')}` };
}

export const email = (local: string, domain: string, use: ContactPoint['use']): ContactPoint => ({
  system: 'email',
  use,
  value: `${local}@${domain}`,
});

const UID_BITS = 128n;

/** A DICOM UID of the form `2.25.<random 128 bits>` (DICOM PS3.5, B.2), without `urn:oid:`. */
export function dicomUid(random: Random): string {
  let value = 0n;
  for (let word = 0n; word < UID_BITS; word += 32n)
    value = (value << 32n) | BigInt(random.int(0, 2 ** 32 - 1));
  return `2.25.${value}`;
}
