import { urnOfUid } from '@maxray/dicom-bridge/uid';
import type { WriteBack, WrittenBack } from '../imaging/writeback/writeBack.ts';
import type { Operation } from './operation.ts';
import { referencedId } from './referencedId.ts';
import { acceptOnly } from './values.ts';

/**
 * `POST DiagnosticReport/[id]/$write-back`, with `study` where the report is about several: the PDF of the report becomes a DICOM object of the study. It answers which one it is; the
 * same version again is the same object.
 *
 * @param base absolute URL of the FHIR base
 */
export function writeBackOperation(writeBack: Pick<WriteBack, 'store'>, base: string): Operation {
  return {
    name: 'write-back',
    definition: 'https://maxray.example/fhir/OperationDefinition/write-back',
    levels: ['instance'],
    types: ['DiagnosticReport'],
    affectsState: true,
    run: async ({ caller, id, parameters }) => {
      acceptOnly(parameters, 'write-back', ['study']);
      const chosen = referencedId(parameters, 'study', 'ImagingStudy', base);
      const written = await writeBack.store(caller, id!, chosen);
      return { kind: 'resource', body: JSON.stringify(answered(written)) };
    },
  };
}

const answered = ({ imagingStudy, seriesInstanceUid, sopInstanceUid }: WrittenBack) => ({
  resourceType: 'Parameters',
  parameter: [
    { name: 'study', valueReference: { reference: `ImagingStudy/${imagingStudy}` } },
    { name: 'seriesInstanceUid', valueOid: urnOfUid(seriesInstanceUid) },
    { name: 'sopInstanceUid', valueOid: urnOfUid(sopInstanceUid) },
  ],
});
