import type {
  Bundle,
  ClaimResponse,
  CoverageEligibilityResponse,
  Encounter,
  OperationOutcome,
  Resource,
} from '@medplum/fhirtypes';
import { SYSTEMS } from '../bills/identifiers.ts';
import { exchange, type PayerAddress } from './http.ts';
import {
  PayerFault,
  type ClaimAnswer,
  type ClaimDossier,
  type Dossier,
  type EligibilityAnswer,
  type Payer,
} from './payer.ts';

const FHIR = 'application/fhir+json';
/** What insurers are told of a patient. */
const PATIENT_PARTS = ['identifier', 'name', 'gender', 'birthDate', 'address'] as const;

/** An insurer that is a FHIR server: `CoverageEligibilityRequest/$submit`, `Claim/$submit`, a search for later answers. */
export class FhirPayer implements Payer {
  readonly #address: PayerAddress;
  readonly #base: string;

  /** @param base our FHIR base, by which the resources that are sent along are named */
  constructor(address: PayerAddress, base: string) {
    this.#address = address;
    this.#base = base.replace(/\/$/, '');
  }

  async askEligibility(dossier: Parameters<Payer['askEligibility']>[0]): Promise<EligibilityAnswer> {
    const { request } = dossier;
    const sent = this.#bundle(request, dossier);
    const key = request.identifier?.[0]?.value ?? request.id;
    const answer = await this.#send<CoverageEligibilityResponse>('CoverageEligibilityRequest', key, sent);
    if (answer?.resourceType !== 'CoverageEligibilityResponse')
      throw new PayerFault('The insurer does not answer with a CoverageEligibilityResponse.');
    const { outcome, disposition, error, preAuthRef, insurance: [insurance] = [] } = answer;
    const { coverage: _ours, id: _id, ...own } = insurance ?? { coverage: {} };
    return defined({ outcome, disposition, error, preAuthRef, insurance: insurance && own });
  }

  async submit(dossier: ClaimDossier): Promise<ClaimAnswer | undefined> {
    const answer = await this.#send<ClaimResponse>('Claim', dossier.number, this.#claimBundle(dossier));
    return answer && claimAnswer(answer, dossier);
  }

  async inquire(dossier: ClaimDossier): Promise<ClaimAnswer | undefined> {
    const query = encodeURIComponent(`${SYSTEMS.claim}|${dossier.number}`);
    const { body } = await exchange(this.#address, {
      method: 'GET',
      path: `/ClaimResponse?request.identifier=${query}`,
      headers: { Accept: FHIR },
    });
    const answer = responseIn<ClaimResponse>(body, 'ClaimResponse');
    return answer && claimAnswer(answer, dossier);
  }

  async withdraw(dossier: ClaimDossier): Promise<void> {
    await this.#send('Claim', `${dossier.number}-withdrawn`, this.#claimBundle(dossier));
  }

  async #send<T extends Resource>(type: string, key: string, bundle: Bundle): Promise<T | undefined> {
    const { status, body } = await exchange(this.#address, {
      method: 'POST',
      path: `/${type}/$submit`,
      headers: { 'Content-Type': FHIR, Accept: FHIR, 'Idempotency-Key': key },
      body: JSON.stringify(bundle),
    });
    if (status === 202 || body === '') return undefined;
    return responseIn<T>(body, type === 'Claim' ? 'ClaimResponse' : 'CoverageEligibilityResponse');
  }

  #claimBundle(dossier: ClaimDossier): Bundle {
    const { claim, earlier, encounter } = dossier;
    const others = earlier.flatMap(({ coverage, insurer, answer }): Resource[] => [
      coverage,
      insurer,
      answer,
    ]);
    return this.#bundle(claim, dossier, ...others, ...(encounter ? [encounterShown(encounter)] : []));
  }

  #bundle(
    first: Resource,
    { patient, coverage, subscriber, insurer, provider }: Dossier,
    ...others: Resource[]
  ): Bundle {
    const shown = [
      first,
      patient,
      coverage,
      ...(subscriber ? [subscriber] : []),
      insurer,
      provider,
      ...others,
    ];
    const byName = new Map(shown.map((resource) => [`${resource.resourceType}/${resource.id}`, resource]));
    return {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [...byName].map(([name, resource]) => ({
        fullUrl: `${this.#base}/${name}`,
        resource: disclosed(resource),
      })),
    };
  }
}

/** What of a resource goes out: nothing of our server's, and of people only who they are. */
function disclosed(resource: Resource): Resource {
  const { meta, ...content } = resource as Resource & { text?: unknown };
  const profile = meta?.profile;
  if (resource.resourceType !== 'Patient' && resource.resourceType !== 'RelatedPerson')
    return { ...content, ...(profile && { meta: { profile } }) } as Resource;
  const parts = PATIENT_PARTS.flatMap((name) =>
    name in content ? [[name, content[name as keyof typeof content]]] : [],
  );
  const { resourceType, id } = resource;
  const patient = resource.resourceType === 'RelatedPerson' ? { patient: resource.patient } : {};
  return { resourceType, id, ...patient, ...Object.fromEntries(parts) } as Resource;
}

/** The visit as a payer may know it: when and of which kind. */
const encounterShown = ({ resourceType, id, status, class: kind, subject, period }: Encounter): Encounter =>
  defined({ resourceType, id, status, class: kind, subject, period });

/** The first resource of a type in an answer; the same one may be in it twice. */
function responseIn<T extends Resource>(body: string, type: string): T | undefined {
  let answer: Resource;
  try {
    answer = JSON.parse(body) as Resource;
  } catch {
    throw new PayerFault('The insurer does not answer with JSON.');
  }
  if (answer?.resourceType === type) return answer as T;
  if (answer?.resourceType === 'Bundle')
    return answer.entry
      ?.map(({ resource }) => resource)
      .find((resource) => resource?.resourceType === type) as T | undefined;
  const outcome = answer as OperationOutcome | undefined;
  throw new PayerFault(
    `The insurer answers with ${outcome?.resourceType ?? 'no resource'}, not with ${type}.`,
  );
}

function claimAnswer(answer: ClaimResponse, { claim, number }: ClaimDossier): ClaimAnswer | undefined {
  const { reference, identifier } = answer.request ?? {};
  const named = identifier?.value ?? reference?.split('/').at(-1);
  if (named !== undefined && named !== number && named !== claim.id)
    throw new PayerFault(`The insurer answers about another claim than ${number}.`);
  if (answer.outcome === 'queued') return undefined;
  const { outcome, disposition, item, adjudication, total, payment, processNote, error, preAuthRef } = answer;
  const payerNumber = answer.identifier?.[0]?.value;
  return defined({
    outcome,
    disposition,
    item,
    adjudication,
    total,
    payment,
    processNote,
    error,
    preAuthRef,
    payerNumber,
  });
}

/** Without what is undefined. */
function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
}
