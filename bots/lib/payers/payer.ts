import type {
  Claim,
  ClaimResponse,
  Coverage,
  CoverageEligibilityRequest,
  CoverageEligibilityResponse,
  Encounter,
  Organization,
  Patient,
  RelatedPerson,
} from '@medplum/fhirtypes';

/** Whom a question to an insurer is about. */
export interface Dossier {
  patient: Patient;
  coverage: Coverage & { id: string };
  /** Who has insured the patient, where that is somebody else. */
  subscriber?: Patient | RelatedPerson;
  insurer: Organization & { id: string };
  /** Who asks, and is to be paid. */
  provider: Organization;
}

export interface EligibilityDossier extends Dossier {
  request: CoverageEligibilityRequest & { id: string };
}

/** What an insurer that comes before has decided. */
export interface EarlierDecision {
  coverage: Coverage & { id: string };
  insurer: Organization & { id: string };
  answer: ClaimResponse;
}

export interface ClaimDossier extends Dossier {
  claim: Claim & { id: string };
  /** Number of the claim, by which its answers are known. */
  number: string;
  earlier: EarlierDecision[];
  encounter?: Encounter;
  /** What the insurer calls the claim that this one replaces or withdraws. */
  replaces?: string;
}

/** What an insurer says, as far as it is its own: whom it is about is ours to say. */
export type EligibilityAnswer = Pick<
  CoverageEligibilityResponse,
  'outcome' | 'disposition' | 'error' | 'preAuthRef'
> & { insurance?: Omit<NonNullable<CoverageEligibilityResponse['insurance']>[number], 'coverage'> };

export type ClaimAnswer = Pick<
  ClaimResponse,
  | 'outcome'
  | 'disposition'
  | 'item'
  | 'adjudication'
  | 'total'
  | 'payment'
  | 'processNote'
  | 'error'
  | 'preAuthRef'
> & {
  /** What the insurer calls the claim. */
  payerNumber?: string;
};

/**
 * An insurer, however it is reached. Whatever is sent says the same each time it is sent (numbers, times, order), so that an insurer
 * knows what it has got already.
 *
 * All throw {@link PayerRefusal} for what would be refused again; anything else that they throw may be tried again.
 */
export interface Payer {
  askEligibility(dossier: EligibilityDossier): Promise<EligibilityAnswer>;
  /** Sends a claim. @returns the decision, or undefined where it comes later */
  submit(dossier: ClaimDossier): Promise<ClaimAnswer | undefined>;
  /** @returns what was decided about a claim; undefined where nothing was yet, or the insurer does not know it */
  inquire(dossier: ClaimDossier): Promise<ClaimAnswer | undefined>;
  /** Takes a claim back. */
  withdraw(dossier: ClaimDossier): Promise<void>;
}

/** The insurer, or its adapter, does not take it as it is: it is of no use to send it again. */
export class PayerRefusal extends Error {}

/** The insurer's answer cannot be understood, or does not come. */
export class PayerFault extends Error {}
