import type { ImagingStudy, ImagingStudySeriesInstance, Media } from '@medplum/fhirtypes';
import { concept, hl7 } from '../kit/concept.ts';
import { claiming } from '../kit/maxray.ts';

/** An image that shows what a report says (profile maxray-key-image). The pixels stay where DICOMweb has them. */
export function keyImage(study: ImagingStudy, { uid, title }: ImagingStudySeriesInstance): Media {
  return {
    resourceType: 'Media',
    meta: claiming('key-image'),
    identifier: [{ system: 'urn:dicom:uid', value: `urn:oid:${uid}` }],
    partOf: [{ reference: `ImagingStudy/${study.id}` }],
    status: 'completed',
    type: concept(hl7('media-type', 'image', 'Image')),
    subject: study.subject as Media['subject'] & object,
    ...(study.encounter && { encounter: study.encounter }),
    ...(study.started && { createdDateTime: study.started }),
    content: { contentType: 'application/dicom', ...(title !== undefined && { title }) },
  };
}
