import { isUid } from '@maxray/dicom-bridge/uid';
import { fhirError, type FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { NumberKind, OrderNumber } from '../../store/orders/orderNumbers.ts';
import type { IncomingResource } from '../prepare.ts';
import { ACCESSION_NUMBER_CHARS } from './accessionNumber.ts';

/** Of the accession numbers that the server issues. */
export const ACCESSION_SYSTEM = 'https://maxray.example/fhir/sid/accession';
/** Of DICOM UIDs as identifiers (http://hl7.org/fhir/R4/imagingstudy.html#imagingstudy-identifiers). */
export const UID_SYSTEM = 'urn:dicom:uid';
const ACCESSION_TYPE = {
  coding: [
    { system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'ACSN', display: 'Accession ID' },
  ],
};
const UID_PREFIX = 'urn:oid:';
/** Value representation SH (DICOM PS3.5 section 6.2): no control characters, and no backslash, which separates values. */
const NOT_IN_SH = /[\p{Cc}\\]/u;

/** A number as a resource has it. */
export interface CarriedNumber {
  system: string;
  value: string;
  /** FHIRPath of its value. */
  expression: string;
}

interface Identifier {
  system?: string;
  value?: string;
  type?: { coding?: { system?: string; code?: string }[] };
}

/** What numbers are called in errors. */
export const NAMES: Readonly<Record<NumberKind, string>> = {
  accession: 'accession number',
  study: 'Study Instance UID',
};

/**
 * The numbers that stand among the identifiers of an order.
 *
 * @param at FHIRPath of the resource
 * @throws FhirError `unprocessable` for those that DICOM cannot carry, and for two of a kind
 */
export function carriedNumbers(
  { identifier }: Resource,
  at: string,
): Partial<Record<NumberKind, CarriedNumber>> {
  const carried: Partial<Record<NumberKind, CarriedNumber>> = {};
  ((identifier ?? []) as Identifier[]).forEach((one, i) => {
    const kind = kindOf(one);
    if (kind === undefined) return;
    const expression = `${at}.identifier[${i}].value`;
    if (carried[kind]) throw refused(`An imaging order has one ${NAMES[kind]}: leave one.`, expression);
    const { system = '', value = '' } = one;
    if (kind === 'study' ? !isUidUrn(value) : !isAccessionNumber(value))
      throw refused(FORM[kind], expression);
    carried[kind] = { system, value, expression };
  });
  return carried;
}

/** The same resource with further numbers behind the identifiers that it has. */
export function withNumbers(
  resource: IncomingResource,
  numbers: readonly Pick<OrderNumber, 'kind' | 'system' | 'value'>[],
): IncomingResource {
  if (numbers.length === 0) return resource;
  const { value, exact } = resource;
  const added = numbers.map(identifierOf);
  return { value: withIdentifiers(value, added), exact: withIdentifiers(exact, added) };
}

const withIdentifiers = (resource: Resource, added: readonly object[]): Resource => ({
  ...resource,
  identifier: [...((resource.identifier ?? []) as object[]), ...added],
});

function identifierOf({ kind, system, value }: Pick<OrderNumber, 'kind' | 'system' | 'value'>) {
  if (kind === 'study') return { system, value };
  return { type: ACCESSION_TYPE, ...(system !== '' && { system }), value };
}

function kindOf({ system, type }: Identifier): NumberKind | undefined {
  if (system === UID_SYSTEM) return 'study';
  const [accession] = ACCESSION_TYPE.coding;
  const isAccession = (one: { system?: string; code?: string }) =>
    one.system === accession!.system && one.code === accession!.code;
  return type?.coding?.some(isAccession) ? 'accession' : undefined;
}

const isUidUrn = (value: string): boolean =>
  value.startsWith(UID_PREFIX) && isUid(value.slice(UID_PREFIX.length));

const isAccessionNumber = (value: string): boolean =>
  value.trim() !== '' && value.length <= ACCESSION_NUMBER_CHARS && !NOT_IN_SH.test(value);

const FORM: Readonly<Record<NumberKind, string>> = {
  accession: `DICOM has room for accession numbers of 1 to ${ACCESSION_NUMBER_CHARS} characters without backslash: shorten it, or leave it out to be given one.`,
  study: `A Study Instance UID is written as ${UID_PREFIX} with a DICOM UID of at most 64 digits and dots: correct it, or leave it out to be given one.`,
};

const refused = (text: string, expression: string): FhirError =>
  fhirError('unprocessable', 'value', text, expression);
