import { urnOfUid } from '@maxray/dicom-bridge/uid';
import type { Audit } from '../../audit/audit.ts';
import { OUTCOME, type AuditRecord, type TransferredStudy } from '../../audit/record.ts';
import { COUNT_MAX } from '../../fhir/search/limits.ts';
import { LOCAL_CALLER, type Caller } from '../caller.ts';
import type { Records } from '../records.ts';
import { addPatientsIn } from '../trail/patientsIn.ts';

/** What the DICOM bridge tells of: the names of EVENTS behind `dicom-`. */
export const DICOM_ACTIVITIES = [
  'attached',
  'refused',
  'receiving',
  'received',
  'sending',
  'sent',
  'queried',
  'worklist-queried',
  'started',
  'stopped',
  'unrecorded',
] as const;
export type DicomActivityKind = (typeof DICOM_ACTIVITIES)[number];

/** Something that happened over DICOM, as the bridge has seen it; without patient data. */
export interface DicomActivity {
  /** The same when it is told again. */
  id: string;
  atMs: number;
  kind: DicomActivityKind;
  failed?: boolean;
  /** Of the peer; all absent: the bridge by itself. */
  aeTitle?: string;
  address?: string;
  /** Reference to the Device of the peer. */
  device?: string;
  studies?: readonly TransferredStudy[];
  text?: string;
}

/** Begins the name of a peer, who says himself what it is: it is not to be found as that of a client or an account, whose ids have no colon. */
const AE_TITLE = 'AET:';
/** What patients are told of as an access to their data. */
const DISCLOSURES: ReadonlySet<DicomActivityKind> = new Set(['sending', 'sent']);
/** Studies that are looked up by one search. */
const STUDIES_AT_ONCE = 50;

/** A study in the record: the ImagingStudies that claim it, and whom they name. */
interface Named {
  resources: string[];
  patients: Set<string>;
}

/** What happens over DICOM, in the audit log: there is no request of which each would be a part. */
export class DicomActivities {
  readonly #audit: Pick<Audit, 'append'>;
  readonly #records: Pick<Records, 'requireOffered' | 'parseSearch' | 'search'>;
  readonly #base: string;

  /** @param base absolute URL of the FHIR base */
  constructor(
    audit: Pick<Audit, 'append'>,
    records: Pick<Records, 'requireOffered' | 'parseSearch' | 'search'>,
    base: string,
  ) {
    this.#audit = audit;
    this.#records = records;
    this.#base = base;
  }

  /**
   * Records them, each at least once: what is told again is recorded again, with the same id. Whoever tells of them is named as who has seen them.
   *
   * @throws FhirError `forbidden` for who may not create AuditEvents; `busy` where the log takes nothing now
   */
  async record(caller: Caller, activities: readonly DicomActivity[]): Promise<void> {
    this.#records.requireOffered(caller, 'AuditEvent', 'create');
    const named = await this.#named(activities);
    await Promise.all(activities.map((one) => this.#audit.append(recordOf(one, caller, named))));
  }

  /** Of studies that were given away: who they are of. */
  async #named(activities: readonly DicomActivity[]): Promise<ReadonlyMap<string, Named>> {
    const given = activities.filter(({ kind }) => DISCLOSURES.has(kind));
    const uids = [...new Set(given.flatMap(({ studies = [] }) => studies.map(([uid]) => uid)))];
    const found = new Map<string, Named>(uids.map((uid) => [uid, { resources: [], patients: new Set() }]));
    for (let i = 0; i < uids.length; i += STUDIES_AT_ONCE)
      await this.#lookUp(uids.slice(i, i + STUDIES_AT_ONCE), found);
    return found;
  }

  async #lookUp(uids: readonly string[], found: ReadonlyMap<string, Named>): Promise<void> {
    const values = uids.map((uid) => `urn:dicom:uid|${urnOfUid(uid)}`);
    // One study each, but for stores of earlier releases: a page of the usual size would leave patients out.
    const pairs = [['identifier', values.join(',')] as const, ['_count', String(COUNT_MAX)] as const];
    const { query } = this.#records.parseSearch({ type: 'ImagingStudy' }, pairs, 'strict');
    const { matches } = await this.#records.search(LOCAL_CALLER, query); // its answer goes into the log alone
    for (const { id, content } of matches) {
      for (const uid of uids.filter((one) => content.includes(`"${urnOfUid(one)}"`))) {
        found.get(uid)!.resources.push(`ImagingStudy/${id}`);
        addPatientsIn(content, this.#base, found.get(uid)!.patients);
      }
    }
  }
}

function recordOf(
  { id, atMs, kind, failed, aeTitle, address, device, studies = [], text }: DicomActivity,
  caller: Caller,
  named: ReadonlyMap<string, Named>,
): AuditRecord {
  const ofStudies = studies.flatMap(([uid]) => named.get(uid) ?? []);
  const observer = caller.agent.client;
  return {
    recordedMs: atMs,
    event: `dicom-${kind}`,
    outcome: kind === 'refused' ? OUTCOME.seriousFailure : failed ? OUTCOME.minorFailure : OUTCOME.success,
    agent: {
      ...(aeTitle !== undefined && { client: `${AE_TITLE}${aeTitle}` }),
      ...(device !== undefined && { profile: device }),
    },
    requestId: id,
    patients: [...new Set(ofStudies.flatMap(({ patients }) => [...patients]))],
    resources: [...new Set(ofStudies.flatMap(({ resources }) => resources))],
    ...(address !== undefined && { address }),
    ...(studies.length > 0 && { studies }),
    ...(text !== undefined && { outcomeText: text }),
    ...(observer !== undefined && { observer }),
  };
}
