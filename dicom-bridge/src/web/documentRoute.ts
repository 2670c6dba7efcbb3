import type { DocumentStore, SentReport } from '../documents/documentStore.ts';
import { PDF_BYTES_MAX } from '../documents/pdf.ts';
import { creationRoute, requiredId, requiredValue } from './creationRoute.ts';
import type { Route } from './internalApi.ts';

const VERSION = /^[1-9]\d{0,8}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T[\d:.]{8,20}(?:Z|[+-]\d{2}:\d{2})$/;
/** What Document Title (value representation ST) takes, and something. */
const TITLE = /^[^\p{Cc}]{1,1024}$/u;
const LOINC_CODE = /^\d{1,7}-\d$/;

/**
 * `POST /documents?report=&version=&imagingStudy=&patient=&issued=&title=&loinc=&meaning=`: the PDF of a version of a DiagnosticReport becomes an object of its ImagingStudy.
 * `report`, `imagingStudy` and `patient` are ids of resources, `issued` an instant; `loinc` is a code with its `meaning`, or absent.
 */
export const documentRoute = (documents: DocumentStore): Route =>
  creationRoute({
    path: '/documents',
    what: 'document',
    bytesMax: PDF_BYTES_MAX,
    sentOf: sentReport,
    store: (pdf, sent) => documents.store(pdf, sent),
  });

/** @throws ApiError */
function sentReport(query: URLSearchParams): SentReport {
  const code = query.has('loinc') && requiredValue(query, 'loinc', LOINC_CODE);
  return {
    report: requiredId(query, 'report'),
    version: Number(requiredValue(query, 'version', VERSION)),
    imagingStudy: requiredId(query, 'imagingStudy'),
    patient: requiredId(query, 'patient'),
    issued: requiredValue(query, 'issued', INSTANT),
    title: requiredValue(query, 'title', TITLE),
    ...(code !== false && { loinc: { code, meaning: requiredValue(query, 'meaning', TITLE) } }),
  };
}
