import { createHash } from 'node:crypto';
import { CreationError } from '../creation/creationError.ts';
import type { ObjectMaker } from '../creation/objectMaker.ts';
import type { StoreStatus } from '../dimse/storeService.ts';
import type { FhirServer } from '../fhir/fhirServer.ts';
import type { LocalClock } from '../fhir/localTime.ts';
import { uidOfName } from '../identifiers/uid.ts';
import { encodeDataSet } from '../objects/encodeDataSet.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../stored/transferSyntax.ts';
import { encapsulatedPdf, type PdfContext } from './encapsulatedPdf.ts';
import { isPdf } from './pdf.ts';
import { studyOfReport } from './studyOfReport.ts';
import { ENCAPSULATED_PDF, WRITE_BACK_SOURCE } from './writtenBack.ts';

export interface DocumentStoreParts {
  maker: ObjectMaker;
  server: Pick<FhirServer, 'client'>;
  clock: LocalClock;
}

/** What is said of a report that is to be written back. */
export interface SentReport extends Pick<PdfContext, 'title' | 'loinc' | 'version'> {
  /** Ids of the DiagnosticReport, of the ImagingStudy, and of the Patient of both. */
  report: string;
  imagingStudy: string;
  patient: string;
  /** FHIR instant. */
  issued: string;
}

/** What became of it. */
export interface StoredDocument {
  /** Of C-STORE. */
  status: StoreStatus;
  sopClassUid: string;
  sopInstanceUid: string;
  seriesInstanceUid: string;
  studyInstanceUid: string;
}

/** Name space of their UIDs: the same PDF of the same version of a report is the same object of a study, however often it is sent. */
const DOCUMENTS = '6d0f6f0a-3f0e-4b62-8d0b-4c9f7f0d2a15';

/** Makes objects of reports, and stores them as if a modality had sent them. */
export class DocumentStore {
  readonly #parts: DocumentStoreParts;

  constructor(parts: DocumentStoreParts) {
    this.#parts = parts;
  }

  /** @throws CreationError for what cannot be one; ServerAwayError: try again later */
  async store(pdf: Buffer, sent: SentReport): Promise<StoredDocument> {
    const { maker, server, clock } = this.#parts;
    const { report, version, title, loinc, issued } = sent;
    if (!isPdf(pdf)) throw new CreationError('The file is no PDF.');
    const at = clock.localOf(issued);
    if (!at) throw new CreationError('The report does not say on which day it was issued.');
    const of = await studyOfReport(server, clock, sent);
    const { studyInstanceUid } = of;
    const sha256 = createHash('sha256').update(pdf).digest('hex');
    const uids = {
      seriesInstanceUid: uidOfName(DOCUMENTS, JSON.stringify([studyInstanceUid, report])),
      sopInstanceUid: uidOfName(DOCUMENTS, JSON.stringify([studyInstanceUid, report, version, sha256])),
    };
    const dataSet = encapsulatedPdf({ of, ...uids, version, title, ...(loinc && { loinc }), at, pdf });
    const meta = {
      ...{ sopClassUid: ENCAPSULATED_PDF, sopInstanceUid: uids.sopInstanceUid, studyInstanceUid },
      ...{ transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN, sourceAeTitle: WRITE_BACK_SOURCE },
    };
    const make = () => ({ meta, pieces: [encodeDataSet(dataSet, EXPLICIT_LITTLE_ENDIAN)] });
    const status = await maker.makeOnce(uids.sopInstanceUid, make);
    return { status, sopClassUid: ENCAPSULATED_PDF, ...uids, studyInstanceUid };
  }
}
