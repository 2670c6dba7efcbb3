import type { ImagingStudy, Patient } from '@medplum/fhirtypes';
import { LOCAL_CALLER, type Caller } from './caller.ts';
import type { Records, SearchResult } from './records.ts';

type Pair = readonly [string, string];

/** A study, with its patient as far as the caller may see that one. */
export interface StudyOfPatient {
  study: ImagingStudy;
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
    const all: Pair[] = [...pairs, ['_sort', '-started'], ['_count', STUDIES_PER_PAGE], WITH_PATIENT];
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
    const { query } = this.#records.parseSearch({ type: 'ImagingStudy' }, [...pairs, WITH_PATIENT], 'strict');
    const visible = studiesOf(await this.#records.search(caller, query));
    if (visible.length === 0 || caller.access === 'unrestricted') return { visible, hasOthers: false };
    const { query: ofAll } = this.#records.parseSearch({ type: 'ImagingStudy' }, pairs, 'strict');
    const all = await this.#records.search(LOCAL_CALLER, ofAll); // its answer goes nowhere but into this comparison
    return { visible, hasOthers: all.matches.length > visible.length };
  }
}

const WITH_PATIENT: Pair = ['_include', 'ImagingStudy:patient'];

function studiesOf({ matches, included }: SearchResult): StudyOfPatient[] {
  const patients = new Map(included.map(({ id, content }) => [id, content]));
  return matches.map(({ content }) => {
    const study = JSON.parse(content) as ImagingStudy;
    const patient = patients.get(patientIdOf(study) ?? '');
    return { study, ...(patient !== undefined && { patient: JSON.parse(patient) as Patient }) };
  });
}

/** Of a relative or an absolute reference, with or without a version. */
const patientIdOf = ({ subject }: ImagingStudy): string | undefined =>
  /(?:^|\/)Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[^/]*)?$/.exec(subject?.reference ?? '')?.[1];
