import type {
  Address,
  HumanName,
  Identifier,
  Organization,
  Patient,
  RelatedPerson,
} from '@medplum/fhirtypes';
import { PayerRefusal, type Dossier } from '../payer.ts';
import { ccyymmdd, value, type Segment } from './interchange.ts';

const NPI = 'http://hl7.org/fhir/sid/us-npi';
/** Tax identification number (EIN) of an organisation. */
const EIN = 'urn:oid:2.16.840.1.113883.4.4';
const GENDERS: Readonly<Record<string, string>> = { female: 'F', male: 'M' };

/** An identifier of an organisation that X12 cannot do without. @throws PayerRefusal where it has none */
function needed({ identifier = [], name }: Organization, system: string, what: string): string {
  const found = identifier.find((one) => one.system === system)?.value;
  if (!found)
    throw new PayerRefusal(`${name ?? 'The organisation'} has no ${what} (identifier of ${system}).`);
  return found;
}

export const npiOf = (organization: Organization): string =>
  needed(organization, NPI, 'national provider identifier');
export const taxIdOf = (organization: Organization): string =>
  needed(organization, EIN, 'tax identification number').replaceAll('-', '');

/** By which insurers are known to each other: the first identifier of the Organization. */
export function payerIdOf({ identifier: [first] = [], name }: Organization): string {
  if (!first?.value) throw new PayerRefusal(`${name ?? 'The insurer'} has no identifier.`);
  return first.value;
}

export const organizationName = ({ name }: Organization): string => value(name, 60);

/** NM1 of a person. @param code what the person is: `IL` subscriber, `QC` or `03` patient */
export function personName(code: string, names: readonly HumanName[] = [], member?: string): Segment {
  const name = names.find(({ use }) => use === 'official' || use === 'usual') ?? names[0];
  if (!name?.family)
    throw new PayerRefusal('A person without a family name cannot be told to an insurer by X12.');
  const [first = '', middle = ''] = name.given ?? [];
  const identified = member === undefined ? [] : ['', '', 'MI', value(member)];
  return ['NM1', code, '1', value(name.family, 60), value(first, 35), value(middle, 25), ...identified];
}

/** N3 and N4. */
export function addressSegments([address]: readonly Address[] = []): Segment[] {
  if (!address?.line?.[0] || !address.city) return [];
  const [first, second = ''] = address.line;
  const postal = (address.postalCode ?? '').replace(/[^A-Za-z0-9]/g, '');
  return [
    ['N3', value(first, 55), value(second, 55)],
    ['N4', value(address.city, 30), value(address.state, 2), value(postal, 15)],
  ];
}

/** DMG: date of birth and gender. */
export function demographics({ birthDate, gender }: Patient | RelatedPerson): Segment[] {
  if (birthDate === undefined) return [];
  return [['DMG', 'D8', ccyymmdd(birthDate), GENDERS[gender ?? ''] ?? 'U']];
}

/** Who is insured, and what the patient is to that one: 18 self, 01 spouse, 19 child, G8 other. */
export function insured({ patient, coverage, subscriber }: Dossier): {
  subscriber: Patient | RelatedPerson;
  member: string;
  relationship: string;
} {
  const code = coverage.relationship?.coding?.[0]?.code ?? 'self';
  const relationships: Readonly<Record<string, string>> = { spouse: '01', child: '19' };
  return {
    subscriber: subscriber ?? patient,
    member: memberId(coverage.subscriberId, coverage.identifier),
    relationship: subscriber === undefined ? '18' : (relationships[code] ?? 'G8'),
  };
}

function memberId(subscriberId: string | undefined, [first]: readonly Identifier[] = []): string {
  const member = subscriberId ?? first?.value;
  if (!member) throw new PayerRefusal('The coverage has neither subscriberId nor identifier.');
  return member;
}
