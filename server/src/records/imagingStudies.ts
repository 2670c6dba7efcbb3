import { MERGES_MAX, patientInUse, replacementOf } from '@maxray/dicom-bridge/merged-patients';
import type { ImagingStudy, Patient } from '@medplum/fhirtypes';
import { fhirError } from '../fhir/outcome.ts';
import { LOCAL_CALLER, type Caller } from './caller.ts';
import type { Records, SearchResult } from './records.ts';

type Pair = readonly [string, string];

/** A study, with its patient as far as the caller may see that one. */
export interface StudyOfPatient {
  study: ImagingStudy;
  /** Who it is now: where his record was merged into another that the caller may see, that one. */
  patient?: Patient;
}

export interface StudyPage {
  studies: StudyOfPatient[];
  /** Position of the page after this one; absent where there is none. */
  next?: string;
}

/** How many may have one Study Instance UID before it is enough to know that they are several. */
const CLAIMS_MAX = '10';
/** Of a page: studies of many images are large. */
const STUDIES_PER_PAGE = '100';
/** Records that were merged into those that one search finds. */
const MERGED_MAX = 100;

/** ImagingStudies for who fetches the images that they list. */
export class ImagingStudyRecords {
  readonly #records: Pick<Records, 'parseSearch' | 'search'>;

  constructor(records: Pick<Records, 'parseSearch' | 'search'>) {
    this.#records = records;
  }

  /**
   * A page of what a search finds for the caller, the newest study first.
   *
   * @param pairs names and values of search parameters of ImagingStudy
   * @param position of the page; absent: the first
   * @throws FhirError as {@link Records.search} says
   */
  async page(caller: Caller, pairs: readonly Pair[], position?: string): Promise<StudyPage> {
    const all: Pair[] = [
      ...pairs,
      ['_sort', '-started'],
      ['_count', STUDIES_PER_PAGE],
      ...withPatient(caller),
    ];
    const { query } = this.#records.parseSearch({ type: 'ImagingStudy' }, all, 'strict');
    const found = await this.#records.search(
      caller,
      position === undefined ? query : { ...query, page: position },
    );
    const { next } = found;
    return { studies: studiesOf(found), ...(next !== undefined && { next }) };
  }

  /**
   * Those with a Study Instance UID that the caller may see, and whether there are others. Who may write ImagingStudies could write one that lists images of somebody
   * else: where the caller does not see all, none of them tells whose the images are.
   *
   * @param urn as in `ImagingStudy.identifier`: `urn:oid:` and the UID
   */
  async ofUid(caller: Caller, urn: string): Promise<{ visible: StudyOfPatient[]; hasOthers: boolean }> {
    const pairs: Pair[] = [
      ['identifier', `urn:dicom:uid|${urn}`],
      ['_count', CLAIMS_MAX],
    ];
    const all = [...pairs, ...withPatient(caller)];
    const { query } = this.#records.parseSearch({ type: 'ImagingStudy' }, all, 'strict');
    const visible = studiesOf(await this.#records.search(caller, query));
    if (visible.length === 0 || caller.access === 'unrestricted') return { visible, hasOthers: false };
    const { query: ofAll } = this.#records.parseSearch({ type: 'ImagingStudy' }, pairs, 'strict');
    const found = await this.#records.search(LOCAL_CALLER, ofAll); // its answer goes nowhere but into this comparison
    return { visible, hasOthers: found.matches.length > visible.length };
  }

  /**
   * Records that were merged into those of patients: their studies are still linked to them, and are studies of these patients.
   *
   * @param ofPatient names and values of search parameters of Patient; none: nobody
   * @returns ids, as far as the caller may see these Patients and their links
   * @throws FhirError `too-large`
   */
  async mergedInto(caller: Caller, ofPatient: readonly Pair[]): Promise<string[]> {
    const found = new Set<string>();
    if (ofPatient.length === 0 || !seesMerges(caller)) return [];
    let pairs: Pair[] = ofPatient.map(([name, value]) => [`link:Patient.${name}`, value]);
    for (let merges = 0; merges < MERGES_MAX; merges += 1) {
      const fresh = (await this.#merged(caller, pairs)).filter((id) => !found.has(id));
      if (fresh.length === 0) break;
      for (const id of fresh) found.add(id);
      if (found.size > MERGED_MAX) throw tooManyMerged();
      pairs = [['link', fresh.map((id) => `Patient/${id}`).join(',')]];
    }
    return [...found];
  }

  async #merged(caller: Caller, pairs: readonly Pair[]): Promise<string[]> {
    const all: Pair[] = [...pairs, ['_count', String(MERGED_MAX + 1)]];
    const { query } = this.#records.parseSearch({ type: 'Patient' }, all, 'strict');
    const { matches } = await this.#records.search(caller, query);
    const patients = matches.map(({ content }) => JSON.parse(content) as Patient);
    return patients.filter((one) => replacementOf(one) !== undefined).map(({ id }) => id!);
  }
}

const LINK = 'link';

/** Some roles see no links between Patients: to them each record is somebody of his own. */
const seesMerges = ({ access }: Caller): boolean =>
  access === 'unrestricted' ||
  (access.condition('Patient', 'search') !== false &&
    !access.hidden('Patient', 'search').some((path) => path.split('.')[0] === LINK));

const WITH_PATIENT: Pair = ['_include', 'ImagingStudy:patient'];
const WITH_LINKED: Pair = ['_include:iterate', 'Patient:link:Patient'];
const withPatient = (caller: Caller): Pair[] =>
  seesMerges(caller) ? [WITH_PATIENT, WITH_LINKED] : [WITH_PATIENT];

const tooManyMerged = () =>
  fhirError(
    'too-large',
    'too-costly',
    `More than ${MERGED_MAX} merged records would have to be looked at: give a whole PatientID or more of the name.`,
  );

function studiesOf({ matches, included }: SearchResult): StudyOfPatient[] {
  const patients = new Map(included.map(({ id, content }) => [id, JSON.parse(content) as Patient]));
  return matches.map(({ content }) => {
    const study = JSON.parse(content) as ImagingStudy;
    const patient = patients.get(patientIdOf(study) ?? '');
    return { study, ...(patient && { patient: patientInUse(patient, patients) }) };
  });
}

/** Of a relative or an absolute reference, with or without a version. */
const patientIdOf = ({ subject }: ImagingStudy): string | undefined =>
  /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]*)?$/.exec(subject?.reference ?? '')?.[1];
