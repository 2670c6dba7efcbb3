import { element, ordered, type DicomJson } from './dicomJson.ts';

/** What became of an object that was sent. */
export interface StoreOutcome {
  /** Of C-STORE (PS3.4 annex B.2.3): 0 is Success. */
  status: number;
  /** Absent where the object could not be read. */
  sopClassUid?: string;
  sopInstanceUid?: string;
  studyInstanceUid?: string;
}

const RETRIEVE_URL = '00081190';
const FAILURE_REASON = '00081197';
const FAILED_SOP_SEQUENCE = '00081198';
const REFERENCED_SOP_SEQUENCE = '00081199';
const REFERENCED_SOP_CLASS_UID = '00081150';
const REFERENCED_SOP_INSTANCE_UID = '00081155';
const SUCCESS = 0;
const OUT_OF_RESOURCES = 0xa700;

/** PS3.4 table B.2-1, for who has sent a file. */
const REASONS: Readonly<Record<number, string>> = {
  0x0111: 'Another object has the same SOP Instance UID: this one was not stored.',
  [OUT_OF_RESOURCES]: 'There is no room for it now: send it again later.',
  0xc000: 'It is no DICOM object that can be read.',
};

/** What whoever has sent an object is told that was refused. */
export const whyNotStored = ({ status }: Pick<StoreOutcome, 'status'>): string =>
  REASONS[status] ?? 'It could not be stored.';

/** Whether it may be stored when it is sent again. */
export const isForLater = ({ status }: Pick<StoreOutcome, 'status'>): boolean => status === OUT_OF_RESOURCES;

/** Whether it is kept. */
export const isStored = ({ status }: Pick<StoreOutcome, 'status'>): boolean => status === SUCCESS;

/**
 * What the sender is told (PS3.18 annex I). Objects have no URL of their own in it: it is known when they are recorded.
 *
 * @param service absolute URL of the DICOMweb service
 */
export function storeResponse(outcomes: readonly StoreOutcome[], service: string): DicomJson {
  const stored = outcomes.filter(isStored);
  const failed = outcomes.filter((one) => !isStored(one));
  const [study, ...others] = new Set(stored.map(({ studyInstanceUid }) => studyInstanceUid));
  const url = study !== undefined && others.length === 0 ? `${service}/studies/${study}` : undefined;
  const failures = failed.map((one) => ({
    ...reference(one),
    [FAILURE_REASON]: element('US', [one.status]),
  }));
  const references = stored.map((one) => ({ ...reference(one), [RETRIEVE_URL]: element('UR', []) }));
  return ordered({
    [RETRIEVE_URL]: element('UR', [url]),
    ...(failures.length > 0 && { [FAILED_SOP_SEQUENCE]: element('SQ', failures) }),
    ...(references.length > 0 && { [REFERENCED_SOP_SEQUENCE]: element('SQ', references) }),
  });
}

const reference = ({ sopClassUid, sopInstanceUid }: StoreOutcome): DicomJson => ({
  [REFERENCED_SOP_CLASS_UID]: element('UI', [sopClassUid]),
  [REFERENCED_SOP_INSTANCE_UID]: element('UI', [sopInstanceUid]),
});
