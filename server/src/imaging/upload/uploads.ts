import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { FhirError, errorIssue, fhirError, type Issue } from '../../fhir/outcome.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import type { BridgeClient, StoredObject } from '../bridge/bridgeClient.ts';
import { BridgeError } from '../bridge/bridgeError.ts';
import { bridgeFhirError } from '../bridge/bridgeFhirError.ts';
import { requireMayStore } from '../permissions.ts';
import { Reconciliation } from '../reconcile/reconciliation.ts';
import type { Resolution } from '../reconcile/wantedLinks.ts';
import { isForLater, isStored, whyNotStored } from '../storeResponse.ts';
import { fileKind } from './fileKind.ts';
import { forgetStudy, studyOfPictures, type StudyOfPictures } from './studyOfPictures.ts';
import type { WholeFile } from './wholeFile.ts';

/** What somebody uploads. */
export interface Upload extends Resolution {
  /** DICOM's code of what pictures were made by. */
  modality: string;
  files: readonly UploadedFile[];
}

export interface UploadedFile extends WholeFile {
  /** Where it stands in the request, for errors. */
  at: string;
}

/** What became of a file. */
export type UploadOutcome = { stored: StoredObject } | { refused: Issue };

/** What became of all of them. */
export interface UploadAnswer {
  /** Id of the ImagingStudy of the pictures; absent where there is none. */
  study?: string;
  outcomes: UploadOutcome[];
}

/** What objects say that they come from, where others say an AE title. */
const SOURCE = 'UPLOAD';

/** Files of phones and laptops go the way of modalities (decision 0056): through the bridge's spool, ledger and hash. */
export class Uploads {
  readonly #records: Records;
  readonly #bridge: Pick<BridgeClient, 'store' | 'storePicture'>;
  readonly #reconciliation: Reconciliation;

  constructor(records: Records, bridge: Pick<BridgeClient, 'store' | 'storePicture'>) {
    this.#records = records;
    this.#bridge = bridge;
    this.#reconciliation = new Reconciliation(records);
  }

  /**
   * Stores files: objects as they are, by what they say themselves; pictures as objects of the patient or the order that is named.
   *
   * @throws FhirError: nothing is stored then
   */
  async store(caller: Caller, upload: Upload): Promise<UploadAnswer> {
    requireMayStore(this.#records, caller);
    const kinds = upload.files.map(kindOf);
    const pictures = upload.files.filter((_file, at) => kinds[at] !== 'dicom');
    const study = pictures.length === 0 ? undefined : await this.#studyOf(caller, upload, pictures);
    const outcomes: UploadOutcome[] = [];
    let number = 0;
    for (const [at, file] of upload.files.entries())
      outcomes.push(
        await outcomeOf(file, (bytes) =>
          kinds[at] === 'dicom'
            ? this.#bridge.store(bytes, SOURCE)
            : this.#picture(bytes, upload, study!, (number += 1)),
        ),
      );
    const isEmpty = !outcomes.some((one, at) => 'stored' in one && kinds[at] !== 'dicom');
    if (study && isEmpty) await forgetStudy(this.#records, study);
    if (outcomes.every((one) => 'refused' in one)) throw refusal(outcomes);
    return { outcomes, ...(study && !isEmpty && { study: study.id }) };
  }

  async #studyOf(caller: Caller, upload: Upload, pictures: readonly WholeFile[]): Promise<StudyOfPictures> {
    if (upload.patient === undefined && upload.order === undefined) throw nobodyNamed();
    const hashes: string[] = [];
    for (const one of pictures) hashes.push(await hashOf(one));
    return studyOfPictures(this.#records, this.#reconciliation, caller, upload, hashes);
  }

  #picture(
    bytes: Readable,
    { order, modality }: Upload,
    { uid, patient }: StudyOfPictures,
    number: number,
  ): Promise<StoredObject> {
    const of = { patient, ...(order !== undefined && { order }), study: uid, modality, number };
    return this.#bridge.storePicture(bytes, SOURCE, of);
  }
}

/** @throws FhirError `unprocessable` before anything is stored */
function kindOf({ head, at }: UploadedFile) {
  const kind = fileKind(head);
  if (kind) return kind;
  const text = 'The file is neither DICOM (with its preamble) nor JPEG nor PNG: nothing was stored.';
  throw fhirError('unprocessable', 'invalid', text, at);
}

/** @throws what is no fault of this file */
async function outcomeOf(
  { at, open }: UploadedFile,
  store: (bytes: Readable) => Promise<StoredObject>,
): Promise<UploadOutcome> {
  const bytes = await open();
  try {
    const stored = await store(bytes);
    if (isStored(stored)) return { stored };
    const code = isForLater(stored) ? 'transient' : 'processing';
    return { refused: errorIssue(code, whyNotStored(stored), at) };
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    const [issue] = (bridgeFhirError(error) as FhirError).issues;
    return { refused: { ...issue!, expression: [at] } };
  } finally {
    bytes.destroy(); // the bridge may have refused it before its end
  }
}

async function hashOf(file: WholeFile): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of await file.open()) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** All are refused: try again where all may be stored later. */
function refusal(outcomes: readonly UploadOutcome[]): FhirError {
  const issues = outcomes.flatMap((one) => ('refused' in one ? [one.refused] : []));
  return new FhirError(issues.every(({ code }) => code === 'transient') ? 'busy' : 'unprocessable', issues);
}

const nobodyNamed = () =>
  fhirError(
    'incorrect',
    'required',
    'Pictures do not say whose they are: name the patient or the order.',
    'Parameters.parameter',
  );
