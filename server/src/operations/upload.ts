import { urnOfUid } from '@maxray/dicom-bridge/uid';
import { fhirError, operationOutcome } from '../fhir/outcome.ts';
import type { UploadAnswer, UploadedFile, UploadOutcome, Uploads } from '../imaging/upload/uploads.ts';
import type { Operation } from './operation.ts';
import type { OperationParameter, OperationParameters } from './parameters.ts';
import { referencedId } from './referencedId.ts';
import { acceptOnly } from './values.ts';

/** Files of one call. */
const FILES_MAX = 100;
/** DICOM's code for what has no other. */
const OTHER = 'OT';
const MODALITY = /^[A-Z]{2,16}$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * `POST ImagingStudy/$upload` with `file` (an Attachment with `data`) once or more, `patient` or `order`, and `modality`: stores DICOM files as they are, JPEG and PNG
 * files as objects of the patient and the order. It answers what became of each file.
 */
export function uploadOperation(uploads: Pick<Uploads, 'store'>, base: string): Operation {
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
        files: filesOf(parameters),
      });
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

function filesOf(parameters: OperationParameters): UploadedFile[] {
  const files = parameters.all.flatMap((one, at) => (one.name === 'file' ? [fileOf(one, at)] : []));
  if (files.length > 0 && files.length <= FILES_MAX) return files;
  const text = `Send 1 to ${FILES_MAX} files, each as a parameter file with an Attachment.`;
  throw fhirError('incorrect', files.length === 0 ? 'required' : 'too-costly', text, 'Parameters.parameter');
}

function fileOf({ valueType, value }: OperationParameter, index: number): UploadedFile {
  const at = `Parameters.parameter[${index}].valueAttachment`;
  const { data } = (valueType === 'Attachment' ? value : {}) as { data?: unknown };
  if (typeof data !== 'string')
    throw fhirError('incorrect', 'required', 'A file is an Attachment with its bytes in data.', at);
  const text = data.replaceAll(/\s/g, '');
  if (text === '' || !BASE64.test(text))
    throw fhirError('incorrect', 'value', 'The bytes of a file are written as base64.', `${at}.data`);
  return { bytes: Buffer.from(text, 'base64'), at: `${at}.data` };
}

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
