import { urnOfUid } from '@maxray/dicom-bridge/uid';
import { fhirError, operationOutcome } from '../fhir/outcome.ts';
import { isNotSeen } from '../imaging/notSeen.ts';
import { fileOfBytes } from '../imaging/upload/wholeFile.ts';
import type { UploadAnswer, UploadedFile, UploadOutcome, Uploads } from '../imaging/upload/uploads.ts';
import type { Operation } from './operation.ts';
import type { OperationParameter, OperationParameters } from './parameters.ts';
import { referencedId } from './referencedId.ts';
import { acceptOnly } from './values.ts';
import type { UploadFiles } from '../imaging/upload/uploadFiles.ts';
import type { Caller } from '../records/caller.ts';

/** Absolute URLs: of the FHIR base, and of resumable uploads. */
export interface UploadUrls {
  base: string;
  uploads: string;
}

/** Uploads of the caller. */
interface Received {
  received: Pick<UploadFiles, 'read' | 'remove'>;
  urls: UploadUrls;
  caller: Pick<Caller, 'id'>;
}

/** Files of one call. */
const FILES_MAX = 100;
/** Of them all: they are stored before it is answered. */
const FILES_BYTES_MAX = 256 * 2 ** 20;
/** DICOM's code for what has no other. */
const OTHER = 'OT';
const MODALITY = /^[A-Z]{2,16}$/;

/**
 * `POST ImagingStudy/$upload` with `file` (an Attachment with `data`, or with the `url` of a resumable upload that is whole) once or more, `patient` or `order`, and `modality`: stores DICOM files as they are, JPEG and PNG
 * files as objects of the patient and the order. It answers what became of each file.
 */
export function uploadOperation(
  uploads: Pick<Uploads, 'store'>,
  received: Pick<UploadFiles, 'read' | 'remove'>,
  urls: UploadUrls,
): Operation {
  const { base } = urls;
  return {
    name: 'upload',
    definition: 'https://maxray.example/fhir/OperationDefinition/upload',
    levels: ['type'],
    types: ['ImagingStudy'],
    affectsState: true,
    run: async ({ caller, parameters }) => {
      acceptOnly(parameters, 'upload', ['file', 'patient', 'order', 'modality']);
      const patient = referencedId(parameters, 'patient', 'Patient', base);
      const order = referencedId(parameters, 'order', 'ServiceRequest', base);
      const answer = await uploads.store(caller, {
        ...(patient !== undefined && { patient }),
        ...(order !== undefined && { order }),
        modality: modalityOf(parameters),
        files: await filesOf(parameters, { received, urls, caller }),
      });
      await forget(parameters, answer, { received, urls, caller });
      return { kind: 'resource', body: JSON.stringify(answered(answer)) };
    },
  };
}

function modalityOf(parameters: OperationParameters): string {
  const modality = parameters.text('modality') ?? OTHER;
  if (MODALITY.test(modality)) return modality;
  throw fhirError(
    'incorrect',
    'value',
    'modality takes a code of DICOM, such as XC for photographs or DX for X-ray images.',
    "Parameters.parameter.where(name = 'modality')",
  );
}

async function filesOf(parameters: OperationParameters, from: Received): Promise<UploadedFile[]> {
  const named = parameters.all.flatMap((one, at) => (one.name === 'file' ? [{ one, at }] : []));
  const files: UploadedFile[] = [];
  if (named.length > 0 && named.length <= FILES_MAX) {
    let bytes = 0;
    for (const { one, at } of named) {
      const file = await fileOf(one, at, from);
      bytes += file.bytes;
      if (bytes > FILES_BYTES_MAX) throw tooLarge();
      files.push(file);
    }
    return files;
  }
  const text = `Send 1 to ${FILES_MAX} files, each as a parameter file with an Attachment.`;
  throw fhirError('incorrect', files.length === 0 ? 'required' : 'too-costly', text, 'Parameters.parameter');
}

async function fileOf(
  parameter: OperationParameter,
  index: number,
  { received, urls, caller }: Received,
): Promise<UploadedFile> {
  const at = `Parameters.parameter[${index}].valueAttachment`;
  const { data } = attachmentOf(parameter);
  const upload = uploadOf(parameter, urls);
  if (data === undefined && upload !== undefined)
    return { ...(await received.read(caller.id, upload)), at: `${at}.url` };
  if (typeof data !== 'string')
    throw fhirError(
      'incorrect',
      'required',
      'A file is an Attachment with its bytes in data, or with the url of an upload of this server.',
      at,
    );
  // That it is base64 was found out when the Parameters were checked.
  return { ...fileOfBytes(Buffer.from(data, 'base64')), at: `${at}.data` };
}

const attachmentOf = ({ valueType, value }: OperationParameter) =>
  (valueType === 'Attachment' ? value : {}) as { data?: unknown; url?: unknown };

/** Id of the upload that a file refers to. */
function uploadOf(parameter: OperationParameter, { uploads }: UploadUrls): string | undefined {
  const { url } = attachmentOf(parameter);
  return typeof url === 'string' && url.startsWith(`${uploads}/`) ? url.slice(uploads.length + 1) : undefined;
}

/** Uploads that were taken are not kept, nor those that nobody will ever take; what could not be stored just now is sent again without its bytes. */
async function forget(
  parameters: OperationParameters,
  { outcomes }: UploadAnswer,
  { received, urls, caller }: Received,
): Promise<void> {
  const ids = parameters.named('file').map((one) => uploadOf(one, urls));
  const later = new Set(ids.filter((_id, at) => isForLater(outcomes[at]!)));
  for (const id of new Set(ids))
    if (id !== undefined && !later.has(id))
      await received.remove(caller.id, id).catch((error: unknown) => {
        if (!isNotSeen(error)) throw error; // the same call, at the same time, has forgotten it
      });
}

const isForLater = (outcome: UploadOutcome): boolean =>
  'refused' in outcome && outcome.refused.code === 'transient';

function answered({ study, outcomes }: UploadAnswer) {
  const reference =
    study === undefined ? [] : [{ name: 'study', valueReference: { reference: `ImagingStudy/${study}` } }];
  return { resourceType: 'Parameters', parameter: [...reference, ...outcomes.map(fileAnswer)] };
}

/** In the order of the files. */
function fileAnswer(outcome: UploadOutcome) {
  if ('refused' in outcome)
    return {
      name: 'file',
      part: [
        { name: 'stored', valueBoolean: false },
        { name: 'outcome', resource: operationOutcome([outcome.refused]) },
      ],
    };
  const { studyInstanceUid, sopInstanceUid } = outcome.stored;
  return {
    name: 'file',
    part: [
      { name: 'stored', valueBoolean: true },
      { name: 'studyInstanceUid', valueOid: urnOfUid(studyInstanceUid) },
      { name: 'sopInstanceUid', valueOid: urnOfUid(sopInstanceUid) },
    ],
  };
}

const tooLarge = () =>
  fhirError(
    'too-large',
    'too-long',
    `One call takes files of ${FILES_BYTES_MAX} bytes in all: send several.`,
  );
