import type { Encounter, Patient, Reference, ServiceRequest } from '@medplum/fhirtypes';
import { FhirError, fhirError } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import { isNotSeen } from '../notSeen.ts';
import type { StudyLinks } from './links.ts';

/** What a study is to be linked to: one of them at least. */
export interface Resolution {
  /** Id of a Patient. */
  patient?: string;
  /** Id of a ServiceRequest. */
  order?: string;
}

/** Names of the parameters, for errors. */
type Part = keyof Resolution;

/**
 * The links that somebody asks for, who must see all that is linked.
 *
 * @throws FhirError `unprocessable` where it is not there, or the order is of another patient; `forbidden`
 */
export async function wantedLinks(
  records: Pick<Records, 'read'>,
  caller: Caller,
  { patient, order }: Resolution,
): Promise<StudyLinks> {
  const ordered = order === undefined ? undefined : await orderOf(records, caller, order);
  const ofOrder = ordered && patientOf(ordered);
  if (patient !== undefined && ofOrder !== undefined && ofOrder !== patient)
    throw unusable('order', 'The order is of another patient than the one that is named with it.');
  const id = patient ?? ofOrder!;
  await requireInUse(records, caller, id, patient === undefined ? 'order' : 'patient');
  const subject = { reference: `Patient/${id}` };
  if (!ordered) return { subject };
  const encounter = await encounterOf(records, caller, ordered);
  const { requester, code } = ordered;
  return {
    subject,
    basedOn: [{ reference: `ServiceRequest/${order}` }],
    ...(encounter && { encounter }),
    ...(requester && REFERRERS.test(requester.reference ?? '') && { referrer: requester }),
    ...(code && { procedureCode: [code] }),
  } as StudyLinks;
}

/** What ImagingStudy.referrer may be. */
const REFERRERS = /^Practitioner(?:Role)?\//;

async function orderOf(records: Pick<Records, 'read'>, caller: Caller, id: string): Promise<ServiceRequest> {
  const order = await seen<ServiceRequest>(records, caller, 'ServiceRequest', id, 'order');
  if (order.status === 'entered-in-error') throw unusable('order', 'The order was entered in error.');
  return order;
}

function patientOf({ subject }: ServiceRequest): string {
  const [type, id] = subject.reference?.split('/') ?? [];
  if (type === 'Patient' && id !== undefined) return id;
  throw unusable('order', 'The order is of no Patient of this server.');
}

/** One that was merged into another has no images of his own. */
async function requireInUse(
  records: Pick<Records, 'read'>,
  caller: Caller,
  id: string,
  part: Part,
): Promise<void> {
  const { link = [] } = await seen<Patient>(records, caller, 'Patient', id, part);
  if (link.some(({ type }) => type === 'replaced-by'))
    throw unusable(
      part,
      'The Patient was merged into another: name the one whom its link replaced-by refers to.',
    );
}

/** Who may not see the visit links the study to the order alone. */
async function encounterOf(
  records: Pick<Records, 'read'>,
  caller: Caller,
  { encounter }: ServiceRequest,
): Promise<Reference<Encounter> | undefined> {
  const [type, id] = encounter?.reference?.split('/') ?? [];
  if (type !== 'Encounter' || id === undefined) return undefined;
  try {
    await records.read(caller, 'Encounter', id);
    return { reference: `Encounter/${id}` };
  } catch (error) {
    if (isNotSeen(error)) return undefined;
    throw error;
  }
}

/** What a request names must be there: that it is not is a fault of the request, not of its URL. */
async function seen<T>(
  records: Pick<Records, 'read'>,
  caller: Caller,
  type: 'Patient' | 'ServiceRequest',
  id: string,
  part: Part,
): Promise<T> {
  try {
    return JSON.parse((await records.read(caller, type, id)).content) as T;
  } catch (error) {
    const isAbsent =
      error instanceof FhirError && (error.category === 'not-found' || error.category === 'gone');
    if (isAbsent) throw unusable(part, `There is no such ${type}, or you may not see it.`);
    throw error;
  }
}

const unusable = (part: Part, text: string): FhirError =>
  fhirError('unprocessable', 'business-rule', text, `Parameters.parameter.where(name = '${part}')`);
