import type { DiagnosticReport, ImagingStudy, Media, Reference, ServiceRequest } from '@medplum/fhirtypes';
import type { Examination } from '../codes/imaging.ts';
import { ORGANIZATION } from '../clinic/places.ts';
import { practitioner, STAFF } from '../clinic/staff.ts';
import { refer } from '../kit/bundle.ts';
import { concept, hl7, loinc } from '../kit/concept.ts';
import { claiming } from '../kit/maxray.ts';
import { instant, MINUTE_MS } from '../kit/time.ts';
import type { Story, Visit } from '../patient/story.ts';
import { keyImage } from './keyImage.ts';

/** Images that were looked at. */
export interface Read {
  order: Reference<ServiceRequest>;
  study: ImagingStudy;
  takenMs: number;
  /** Whether they show what they were taken for. */
  positive: boolean;
}

/** What the doctor has found on the images, with the image that shows it. */
export function imagingReport(
  story: Story,
  visit: Visit,
  examination: Examination,
  { order, study, takenMs, positive }: Read,
): Reference<DiagnosticReport> {
  const shown = positive ? story.add(keyImageOf(story, study)) : undefined;
  return story.add({
    resourceType: 'DiagnosticReport',
    id: story.id('xray-report'),
    meta: claiming('imaging-report'),
    basedOn: [order],
    status: 'final',
    category: [concept(hl7('v2-0074', 'RAD', 'Radiology'))],
    code: concept(examination.code, loinc('18748-4', 'Diagnostic imaging study')),
    subject: story.subject,
    encounter: visit.encounter,
    effectiveDateTime: instant(takenMs),
    issued: instant(takenMs + 19 * MINUTE_MS),
    performer: [ORGANIZATION.clinic],
    resultsInterpreter: [practitioner(STAFF.larsen)],
    imagingStudy: [refer<ImagingStudy>('ImagingStudy', study.id as string)],
    ...(shown && { media: [{ link: shown }] }),
    conclusion: positive ? examination.finding.text : examination.unremarkable,
  });
}

/** The first view. */
const keyImageOf = (story: Story, study: ImagingStudy): Media => ({
  ...keyImage(study, study.series![0]!.instance![0]!),
  id: story.id('key-image'),
});
