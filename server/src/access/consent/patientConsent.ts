import type { Consent } from '@medplum/fhirtypes';
import { errorIssue, FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import {
  dependsOnData,
  PROVISION_DEPTH_MAX,
  PROVISIONS_MAX,
  readProvisions,
  TooManyProvisions,
  type Provision,
  type Provisions,
} from './provision.ts';
import { codesOf, PRIVACY, SCOPES } from './vocabulary.ts';

/** What one patient withholds by one Consent. */
export interface PatientConsent extends Provisions {
  /** Id of the patient. */
  patient: string;
  /** It says the same of all resources and of all that is done with them. */
  isPlain: boolean;
  /** Moments at which a provision begins to be in force, or has ended; milliseconds since 1970 UTC. */
  turns: readonly number[];
  /** References to those whom it names. */
  named: readonly string[];
}

const REFERENCE = /^([A-Z][A-Za-z]*\/[A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * What a Consent withholds; undefined for one that withholds nothing: it is not active, not about privacy, of no patient here, or denies nothing.
 *
 * @param base absolute URL of the FHIR base, without a slash at its end
 */
export function readConsent(consent: Consent, base: string | undefined): PatientConsent | undefined {
  if (!isInForce(consent)) return undefined;
  const local = localReference(base);
  const [type, patient] = local(consent.patient?.reference)?.split('/') ?? [];
  if (type !== 'Patient' || patient === undefined) return undefined;
  const provisions = understood(consent, local);
  const all = provisions.root ? flat(provisions.root) : [];
  if (!provisions.isOptOut && all.every(({ effect }) => effect === 'permit')) return undefined;
  return {
    ...provisions,
    patient,
    isPlain: !all.some(dependsOnData),
    turns: all
      .flatMap(({ period }) => (period ? [period.loMs, period.hiMs + 1] : []))
      .filter(Number.isFinite),
    named: all.flatMap(({ actors }) =>
      (actors?.any ?? []).flatMap((party) => ('reference' in party ? [party.reference] : party.roles)),
    ),
  };
}

const isInForce = ({ status, scope }: Consent): boolean =>
  status === 'active' && codesOf(scope, SCOPES).includes(PRIVACY);

/** Of more than is understood, everything is withheld. */
function understood(consent: Consent, local: ReturnType<typeof localReference>): Provisions {
  try {
    return readProvisions(consent, local);
  } catch (error) {
    if (error instanceof TooManyProvisions) return { isOptOut: true };
    throw error;
  }
}

const localReference =
  (base: string | undefined) =>
  (reference: string | undefined): string | undefined => {
    const isOwn = base !== undefined && reference?.startsWith(`${base}/`);
    return REFERENCE.exec(isOwn ? reference!.slice(base.length + 1) : (reference ?? ''))?.[1];
  };

const flat = (provision: Provision): Provision[] => [provision, ...provision.nested.flatMap(flat)];

/**
 * Refuses what would be stored and not be kept: whoever writes a Consent should hear of it.
 *
 * @throws FhirError `unprocessable` for one in force that nobody could be held to
 */
export function checkConsent(resource: Resource): void {
  const consent = resource as unknown as Consent;
  if (!isInForce(consent)) return;
  const refuse = (text: string, expression: string) => {
    throw new FhirError('unprocessable', [errorIssue('business-rule', text, expression)]);
  };
  if (consent.patient?.reference === undefined)
    refuse(
      'An active privacy Consent is kept for a patient: name one by reference (Patient/id).',
      'Consent.patient',
    );
  try {
    readProvisions(consent, localReference(undefined));
  } catch (error) {
    if (!(error instanceof TooManyProvisions)) throw error;
    refuse(
      `A Consent may have ${PROVISIONS_MAX} provisions, ${PROVISION_DEPTH_MAX} deep: split it into several.`,
      'Consent.provision',
    );
  }
}
