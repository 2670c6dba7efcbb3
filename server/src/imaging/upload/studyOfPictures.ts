import { uidOfName, urnOfUid } from '@maxray/dicom-bridge/uid';
import type { ImagingStudy, ServiceRequest } from '@medplum/fhirtypes';
import { fhirError } from '../../fhir/outcome.ts';
import { LOCAL_CALLER, type Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import type { Reconciliation } from '../reconcile/reconciliation.ts';
import { wantedLinks, type Resolution } from '../reconcile/wantedLinks.ts';
import { uidOfUrn } from '../studies.ts';

type Door = Pick<
  Records,
  'read' | 'check' | 'transact' | 'delete' | 'parseSearch' | 'search' | 'criteria' | 'requireOffered'
>;

/** The study that pictures belong to. */
export interface StudyOfPictures {
  uid: string;
  /** Of its ImagingStudy. */
  id: string;
  /** Id of whose it is. */
  patient: string;
  /** Whether it was made now, for these pictures. */
  isNew: boolean;
}

const UID_SYSTEM = 'urn:dicom:uid';
/** Name space of studies that no order has: the same pictures of a patient are the same study. */
const STUDIES = '0d3a8a0e-5a0c-4c50-9b0f-6c1b8f0b7f12';
const FOUND_MAX = '2';

/**
 * Finds or makes the ImagingStudy of pictures before they are stored: so the bridge need not find out whose they are.
 *
 * @param hashes of the pictures
 * @throws FhirError `unprocessable`, `forbidden`; `conflict` where the order's study is linked to somebody else
 */
export async function studyOfPictures(
  records: Door,
  reconciliation: Pick<Reconciliation, 'resolve'>,
  caller: Caller,
  resolution: Resolution,
  hashes: readonly string[],
): Promise<StudyOfPictures> {
  const links = await wantedLinks(records, caller, resolution);
  const patient = links.subject.reference!.split('/')[1]!;
  const uid = await uidOf(records, caller, resolution, patient, hashes);
  const known = await knownStudy(records, uid);
  if (!known) {
    const id = await made(records, caller, { uid, links });
    return { uid, id, patient, isNew: true };
  }
  const { id } = known;
  if (known.subject.reference === undefined) await reconciliation.resolve(caller, id!, resolution);
  else if (known.subject.reference !== links.subject.reference) throw ofAnother();
  await records.read(caller, 'ImagingStudy', id!); // who may not see it adds nothing to it
  return { uid, id: id!, patient, isNew: false };
}

/** Takes it away again, if none of its pictures could be stored, and nothing else has come into it. */
export async function forgetStudy(
  records: Pick<Records, 'delete'>,
  { id, isNew }: StudyOfPictures,
): Promise<void> {
  if (isNew) await records.delete(LOCAL_CALLER, 'ImagingStudy', id, 1);
}

async function uidOf(
  records: Pick<Records, 'read'>,
  caller: Caller,
  { order }: Resolution,
  patient: string,
  hashes: readonly string[],
): Promise<string> {
  if (order === undefined) return uidOfName(STUDIES, JSON.stringify([patient, ...[...hashes].sort()]));
  const { content } = await records.read(caller, 'ServiceRequest', order);
  const { identifier = [] } = JSON.parse(content) as ServiceRequest;
  const uid = uidOfUrn(identifier.find(({ system }) => system === UID_SYSTEM)?.value);
  if (uid !== undefined) return uid;
  throw fhirError(
    'unprocessable',
    'business-rule',
    'The order has no Study Instance UID: it is none for images.',
    "Parameters.parameter.where(name = 'order')",
  );
}

/** Whoever asks: that somebody may not see it must not make a second one. */
async function knownStudy(
  records: Pick<Records, 'parseSearch' | 'search'>,
  uid: string,
): Promise<ImagingStudy | undefined> {
  const pairs = [
    ['identifier', `${UID_SYSTEM}|${urnOfUid(uid)}`],
    ['_count', FOUND_MAX],
  ] as const;
  const { query } = records.parseSearch({ type: 'ImagingStudy' }, pairs, 'strict');
  const [found, ...others] = (await records.search(LOCAL_CALLER, query)).matches;
  if (others.length > 0) throw ofAnother();
  return found && (JSON.parse(found.content) as ImagingStudy);
}

async function made(
  records: Door,
  caller: Caller,
  { uid, links }: { uid: string; links: object },
): Promise<string> {
  const identifier = [{ system: UID_SYSTEM, value: urnOfUid(uid) }];
  const value = { resourceType: 'ImagingStudy', identifier, status: 'available', ...links };
  const resource = await records.check({ value, exact: value }, 'ImagingStudy');
  const ifNoneExist = records.criteria('ImagingStudy', [['identifier', `${UID_SYSTEM}|${urnOfUid(uid)}`]]);
  const [result] = await records.transact(caller, [
    { kind: 'create', type: 'ImagingStudy', resource, ifNoneExist },
  ]);
  if (!result || !('id' in result)) throw new Error('a create has no result');
  return result.id;
}

const ofAnother = () =>
  fhirError(
    'conflict',
    'business-rule',
    'The study of this order is linked to another patient: nothing was stored. Say whose it is with $resolve.',
    "Parameters.parameter.where(name = 'order')",
  );
