import { isPdf, PDF_BYTES_MAX } from '@maxray/dicom-bridge/pdf';
import type { Attachment, DiagnosticReport } from '@medplum/fhirtypes';
import { buffer } from 'node:stream/consumers';
import { fhirError, type FhirError, type IssueCode } from '../../fhir/outcome.ts';
import type { Binaries } from '../../records/binaries.ts';
import type { Caller } from '../../records/caller.ts';
import { isNotSeen } from '../notSeen.ts';

const PDF = /^application\/pdf\s*(?:;|$)/i;
const BINARY = /^Binary\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/([A-Za-z0-9\-.]{1,64}))?$/;

/**
 * The PDF of a report: of several, which all say the same (`DiagnosticReport.presentedForm`), the first.
 *
 * @param base absolute URL of the FHIR base
 * @throws FhirError `unprocessable` where there is none, or none that can be used
 */
export async function reportPdf(
  binaries: Pick<Binaries, 'download'>,
  caller: Caller,
  { presentedForm = [] }: DiagnosticReport,
  base: string,
): Promise<Buffer> {
  const index = presentedForm.findIndex(({ contentType = '' }) => PDF.test(contentType));
  const attachment = presentedForm[index];
  const at = `DiagnosticReport.presentedForm${attachment ? `[${index}]` : ''}`;
  if (!attachment)
    throw refused(
      'required',
      'The report has no PDF: add a presentedForm with contentType application/pdf, and its bytes in data or the url of a Binary of this server.',
      at,
    );
  const bytes = await bytesOf(binaries, caller, { attachment, base, at });
  if (bytes.length > PDF_BYTES_MAX) throw tooLong(at);
  if (!isPdf(bytes)) throw refused('value', 'This is no PDF: its bytes must begin with %PDF-.', at);
  return bytes;
}

async function bytesOf(
  binaries: Pick<Binaries, 'download'>,
  caller: Caller,
  { attachment: { data, url = '' }, base, at }: { attachment: Attachment; base: string; at: string },
): Promise<Buffer> {
  if (data !== undefined) return Buffer.from(data, 'base64');
  const [, id, version] = BINARY.exec(url.replace(`${base}/`, '')) ?? [];
  if (id === undefined)
    throw refused(
      'not-supported',
      'The PDF is neither in data nor in a Binary of this server: nothing is fetched from elsewhere.',
      `${at}.url`,
    );
  try {
    const { bytes, open } = await binaries.download(caller, id, version);
    if (bytes > PDF_BYTES_MAX) throw tooLong(at);
    return await buffer(await open());
  } catch (error) {
    if (!isNotSeen(error)) throw error;
    throw refused('not-found', 'There is no such Binary, or you may not read it.', `${at}.url`);
  }
}

const refused = (code: IssueCode, text: string, at: string): FhirError =>
  fhirError('unprocessable', code, text, at);

const tooLong = (at: string): FhirError =>
  refused('too-long', `A PDF that is written back has ${PDF_BYTES_MAX} bytes at most.`, at);
