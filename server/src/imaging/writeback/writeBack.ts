import type { DiagnosticReport } from '@medplum/fhirtypes';
import { Readable } from 'node:stream';
import { fhirError } from '../../fhir/outcome.ts';
import type { Binaries } from '../../records/binaries.ts';
import type { Caller } from '../../records/caller.ts';
import type { Records } from '../../records/records.ts';
import type { BridgeClient, DocumentOf } from '../bridge/bridgeClient.ts';
import { bridgeFhirError } from '../bridge/bridgeFhirError.ts';
import { requireMayStore } from '../permissions.ts';
import { isStored, whyNotStored } from '../storeResponse.ts';
import { reportPdf } from './reportPdf.ts';
import { studyOfReport } from './studyOfReport.ts';

export interface WriteBackParts {
  records: Pick<Records, 'read' | 'requireOffered'>;
  binaries: Pick<Binaries, 'download'>;
  bridge: Pick<BridgeClient, 'storeDocument'>;
  /** Absolute URL of the FHIR base. */
  base: string;
}

/** A report that is among the images of its study. */
export interface WrittenBack {
  /** Id of the ImagingStudy. */
  imagingStudy: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
}

/** Statuses of reports that somebody answers for. */
const FINAL: ReadonlySet<DiagnosticReport['status']> = new Set(['final', 'amended', 'corrected', 'appended']);
const LOINC = 'http://loinc.org';
const LOINC_CODE = /^\d{1,7}-\d$/;
const CONTROLS = /\p{Cc}+/gu;
/** Of what goes into a query; DICOM takes 1,024. */
const TITLE_CHARS_MAX = 200;
const NO_TITLE = 'Report';

/** Writes reports back into the studies that they are about, as DICOM Encapsulated PDF (decision 0063). */
export class WriteBack {
  readonly #parts: WriteBackParts;

  constructor(parts: WriteBackParts) {
    this.#parts = parts;
  }

  /**
   * Stores the PDF of a report as an object of its study; the same version again changes nothing.
   *
   * @param id of a DiagnosticReport
   * @param chosen id of one of its ImagingStudies
   * @throws FhirError: nothing is stored then
   */
  async store(caller: Caller, id: string, chosen: string | undefined): Promise<WrittenBack> {
    const { records, binaries, bridge, base } = this.#parts;
    requireMayStore(records, caller);
    const { content } = await records.read(caller, 'DiagnosticReport', id);
    requireWhole(caller);
    const report = JSON.parse(content) as DiagnosticReport;
    if (!FINAL.has(report.status)) throw notFinal();
    const study = await studyOfReport(records, caller, report, { chosen, base });
    const pdf = await reportPdf(binaries, caller, report, base);
    const stored = await bridge
      .storeDocument(Readable.from([pdf]), { ...study, ...saidOf(report) })
      .catch((error: unknown) => {
        throw bridgeFhirError(error);
      });
    const { seriesInstanceUid, sopInstanceUid } = stored;
    if (!isStored(stored)) throw fhirError('busy', 'transient', whyNotStored(stored));
    return { imagingStudy: study.imagingStudy, seriesInstanceUid, sopInstanceUid };
  }
}

/** The object is made once of what the report says: not of what one caller sees of it. */
function requireWhole({ access }: Caller): void {
  if (access === 'unrestricted' || access.hidden('DiagnosticReport', 'read').length === 0) return;
  throw fhirError(
    'forbidden',
    'forbidden',
    'Parts of reports are hidden from you: let somebody write it back who sees all of it.',
  );
}

/** Times are those of the report, so that the same version makes the same object. */
function saidOf({ id, meta, code, issued }: DiagnosticReport): Omit<DocumentOf, 'imagingStudy' | 'patient'> {
  const loinc = code.coding?.find((one) => one.system === LOINC && LOINC_CODE.test(one.code ?? ''));
  const title = textOf(code.text ?? code.coding?.find(({ display }) => display !== undefined)?.display);
  return {
    report: id!,
    version: Number(meta!.versionId),
    issued: issued ?? meta!.lastUpdated!,
    title,
    ...(loinc && { loinc: { code: loinc.code!, meaning: textOf(loinc.display ?? title) } }),
  };
}

function textOf(text = ''): string {
  const clean = text.replaceAll(CONTROLS, ' ').trim();
  return clean === '' ? NO_TITLE : [...clean].slice(0, TITLE_CHARS_MAX).join('');
}

const notFinal = () =>
  fhirError(
    'unprocessable',
    'business-rule',
    'Only reports that are final, amended, corrected or appended are written back.',
    'DiagnosticReport.status',
  );
