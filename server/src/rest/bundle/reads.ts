import { fhirError } from '../../fhir/outcome.ts';
import { etag } from '../http/etag.ts';
import type { BundleEntry } from './entries.ts';
import type { BundleContext } from './context.ts';

/** Characters that the reads of one bundle may bring together; one resource is always given. */
export const READ_CHARS_MAX = 32 * 2 ** 20;

/** The reads of one bundle: 10,000 entries may name the same large resource. */
export class BundleReads {
  readonly #context: BundleContext;
  #chars = 0;

  constructor(context: BundleContext) {
    this.#context = context;
  }

  /** The answer to a read or vread. @throws FhirError as those do, and `too-large` */
  async answer(entry: BundleEntry): Promise<string> {
    const { records, request, base } = this.#context;
    const { type, id, versionId } = entry.route;
    if (this.#chars > READ_CHARS_MAX) throw tooLarge(entry);
    const found =
      versionId === undefined
        ? await records.read(request.caller, type!, id!)
        : await records.readVersion(request.caller, type!, id!, versionId);
    const before = this.#chars;
    this.#chars += found.content.length;
    if (before > 0 && this.#chars > READ_CHARS_MAX) throw tooLarge(entry);
    const response = {
      status: '200 OK',
      etag: etag(found.version),
      lastModified: found.lastUpdated.toISOString(),
    };
    return `{"fullUrl":"${base}/${type}/${id}","resource":${found.content},"response":${JSON.stringify(response)}}`;
  }
}

const tooLarge = ({ index }: BundleEntry) =>
  fhirError(
    'too-large',
    'too-costly',
    'The bundle reads too much for one answer: read this resource by a request of its own.',
    `Bundle.entry[${index}].request.url`,
  );
