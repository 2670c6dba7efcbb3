import type { MedplumClient } from '@medplum/core';
import type { Endpoint, Organization } from '@medplum/fhirtypes';
import { idOf } from '../bills/references.ts';
import { FhirPayer } from './fhirPayer.ts';
import type { PayerAddress } from './http.ts';
import { PayerRefusal, type Payer } from './payer.ts';
import { X12Payer } from './x12/x12Payer.ts';

const FHIR_CONNECTION = 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type|hl7-fhir-rest';
const X12_CONNECTION = 'https://maxray.example/fhir/CodeSystem/maxray-connection|x12-http';
/** Identifiers of an Endpoint: how we and the insurer are called in ISA06 and ISA08. */
const SENDER = 'https://maxray.example/fhir/sid/x12-sender';
const RECEIVER = 'https://maxray.example/fhir/sid/x12-receiver';
/** Currency of X12's amounts: it is used in the United States. */
const X12_CURRENCY = 'USD';

/** Tokens for endpoints, by their ids: the secret PAYER_TOKENS, a JSON object. */
export type PayerTokens = Readonly<Record<string, string>>;

/** @param text the secret; absent: no tokens */
export function payerTokens(text: string | undefined): PayerTokens {
  return text === undefined ? {} : (JSON.parse(text) as PayerTokens);
}

/**
 * How an insurer is reached: by the first of its endpoints that is active and of a kind that is known. Undefined where it has
 * none: such an insurer signs in and answers here.
 *
 * @throws PayerRefusal where an endpoint lacks what it needs
 */
export async function payerOf(
  medplum: MedplumClient,
  insurer: Organization,
  tokens: PayerTokens,
): Promise<Payer | undefined> {
  for (const reference of insurer.endpoint ?? []) {
    const id = idOf(reference, 'Endpoint');
    if (id === undefined) continue;
    const endpoint = await medplum.readResource('Endpoint', id);
    const { status, connectionType, address } = endpoint;
    if (status !== 'active' && status !== 'test') continue;
    const kind = `${connectionType.system}|${connectionType.code}`;
    const at: PayerAddress = { url: address, ...(tokens[id] !== undefined && { token: tokens[id] }) };
    if (kind === FHIR_CONNECTION) return new FhirPayer(at, medplum.fhirUrl().href);
    if (kind === X12_CONNECTION) return new X12Payer(at, partnersOf(endpoint), X12_CURRENCY);
  }
  return undefined;
}

function partnersOf({ identifier = [], id, status }: Endpoint): {
  sender: string;
  receiver: string;
  usage: 'P' | 'T';
} {
  const named = (system: string): string => {
    const found = identifier.find((one) => one.system === system)?.value;
    if (!found) throw new PayerRefusal(`Endpoint/${id} has no identifier of ${system}.`);
    return found;
  };
  return { sender: named(SENDER), receiver: named(RECEIVER), usage: status === 'test' ? 'T' : 'P' };
}
