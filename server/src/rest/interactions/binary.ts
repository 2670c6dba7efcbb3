import { isUtf8 } from 'node:buffer';
import { PassThrough, Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { requireMediaType, type Binaries, type BinaryContent } from '../../records/binaries.ts';
import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { XmlFormat } from '../../fhir/xml/xmlFormat.ts';
import { bodyStream, readBody } from '../http/body.ts';
import { typeNamedByJson, typeNamedByXml } from '../http/namedType.ts';
import { acceptedQuality, FHIR_JSON, FHIR_XML, isFhirXml, isJson, mediaTypeOf } from '../http/negotiation.ts';
import { INERT } from '../http/represent.ts';
import type { FhirRequest, FhirResponse, Interaction } from '../http/types.ts';
import type { Views } from '../presentation/view.ts';
import { withMedplumUrl } from './medplumBinary.ts';
import { isUnchanged, versionHeaders } from './read.ts';
import { conditionalUnsupported, requestedVersion, writtenResponse } from './write.ts';

interface UploadParts {
  binaries: Binaries;
  views: Views;
  base: string;
  /** Of a body in one of FHIR's formats. */
  bodyBytesMax: number;
  /** All that there are. */
  resourceTypes: readonly string[];
}

/**
 * Adds raw bytes to the interactions of Binary (http://hl7.org/fhir/R4/binary.html#rest): a body that is no Binary resource, of
 * whatever type, is the content itself, and it is returned so unless the client asks for FHIR. Other resource types pass through.
 */
export function binaryUpload(
  { binaries, views, base, bodyBytesMax, resourceTypes }: UploadParts,
  otherwise: Interaction,
): Interaction {
  return async (request) => {
    const contentType = request.raw.headers['content-type'];
    if (request.type !== 'Binary' || contentType === undefined) return otherwise(request);
    let received: Buffer | undefined;
    if (isFhirType(contentType)) {
      received = await readBody(request.raw, bodyBytesMax, request.body);
      if (!isFile(contentType, received, resourceTypes)) return otherwise({ ...request, received });
    }
    if (request.raw.headers['if-none-exist'] !== undefined) throw conditionalUnsupported('If-None-Exist');
    const expected = request.id === undefined ? undefined : requestedVersion(request);
    const projector = views.ofQuery(request.query, request.type);
    const securityContext = request.raw.headers['x-security-context'];
    const written = await binaries.upload(request.caller, {
      contentType: requireMediaType(contentType),
      source: received === undefined ? bodyStream(request.raw) : Readable.from([received]),
      ...(request.id === undefined ? {} : { id: request.id }),
      ...(typeof securityContext === 'string' ? { securityContext } : {}),
      ...(expected === undefined ? {} : { expectedVersion: expected }),
    });
    return withMedplumUrl(request, written.id, writtenResponse(request, base, written, projector));
  };
}

/**
 * Whether a body in one of FHIR's formats is what somebody keeps as a file: another resource, such as a Bundle, or JSON that is none. Anything else is
 * taken for a Binary, and refused where it is broken: as a file it would lose its `securityContext`.
 */
function isFile(contentType: string, body: Buffer, resourceTypes: readonly string[]): boolean {
  const named = isFhirXml(contentType) ? typeNamedByXml(body) : typeNamedByJson(body);
  if (named !== undefined) return named !== 'Binary' && resourceTypes.includes(named);
  return mediaTypeOf(contentType) === 'application/json' && isWellFormed(body);
}

function isWellFormed(json: Buffer): boolean {
  try {
    JSON.parse(json.toString());
    return isUtf8(json);
  } catch {
    return false;
  }
}

/** GET Binary/id and its versions: raw, or as FHIR where the client asks for FHIR. */
export function binaryDownload(binaries: Binaries, views: Views, otherwise: Interaction): Interaction {
  return async (request) => {
    if (request.type !== 'Binary') return otherwise(request);
    const found = await binaries.download(request.caller, request.id!, request.versionId);
    if (wantsFhir(request, found.contentType)) return asFhir(binaries, views, found, request, otherwise);
    const headers = versionHeaders(found.version);
    if (isUnchanged(request, found.version)) return { status: 304, headers };
    return { status: 200, headers: { ...headers, ...rawHeaders(found) }, stream: await found.open() };
  };
}

function rawHeaders(found: BinaryContent): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': found.contentType,
    'Content-Length': String(found.bytes),
    'Content-Disposition': 'attachment',
    ...INERT,
  };
  const securityContext = (JSON.parse(found.version.content) as { securityContext?: { reference?: string } })
    .securityContext;
  if (securityContext?.reference !== undefined)
    headers['X-Security-Context'] = encodeURI(securityContext.reference);
  return headers;
}

async function asFhir(
  binaries: Binaries,
  views: Views,
  found: BinaryContent,
  request: FhirRequest,
  otherwise: Interaction,
): Promise<FhirResponse> {
  // FHIR has no empty values: of no bytes there is no `data`.
  if (found.bytes === 0 || !(await binaries.isRaw(found.version))) return otherwise(request);
  const headers = versionHeaders(found.version);
  if (isUnchanged(request, found.version)) return { status: 304, headers };
  const projector = views.ofQuery(request.query, 'Binary');
  const content = projector?.project(found.version.content) ?? found.version.content;
  if (projector?.keeps('Binary', 'data') === false) return { status: 200, headers, body: content };
  const whole = request.form.format === 'xml' ? aroundXmlData(request.xml, content) : aroundData(content);
  return {
    status: 200,
    headers: { ...headers, ...whole.headers },
    stream: withData(whole, await found.open()),
  };
}

/** What stands before and behind the bytes of a Binary. */
interface Around {
  headers: Record<string, string>;
  before: string;
  behind: string;
}

function aroundData(content: string): Around {
  return { headers: { 'Content-Type': FHIR_JSON }, before: `${content.slice(0, -1)},"data":"`, behind: '"}' };
}

/** `data` is the last element of a Binary. */
function aroundXmlData(xml: XmlFormat, content: string): Around {
  const text = xml.write(parseExact(content) as Resource, false);
  const end = text.lastIndexOf('</Binary>');
  return {
    headers: { 'Content-Type': FHIR_XML, ...INERT },
    before: `${text.slice(0, end)}<data value="`,
    behind: `"/>${text.slice(end)}`,
  };
}

/** The resource with the bytes as `data`, in base64, without ever holding them whole. */
function withData({ before, behind }: Around, bytes: Readable): Readable {
  const out = new PassThrough();
  out.write(before);
  pipeline(bytes, base64(), out, { end: false }).then(
    () => out.end(behind),
    (error: Error) => out.destroy(error),
  );
  return out;
}

/** Bytes -> base64 text; keeps back what does not fill three bytes until more comes. */
function base64(): Transform {
  let rest = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const whole = bytes.length - (bytes.length % 3);
      rest = Buffer.from(bytes.subarray(whole));
      done(null, bytes.toString('base64', 0, whole));
    },
    flush: (done) => done(null, rest.toString('base64')),
  });
}

/** Plain XML may be the content of a Binary: only by its own name it is FHIR. */
const isFhirType = (text: string) => isJson(mediaTypeOf(text)) || isFhirXml(text);

/** FHIR is what `_format` or Accept name explicitly; a wildcard means the bytes, and so does their type where it is liked better. */
function wantsFhir({ query, raw }: FhirRequest, contentType: string): boolean {
  if (query.some(([name]) => name === '_format')) return true;
  const { accept = '' } = raw.headers;
  const fhir = acceptedQuality(accept, isFhirType);
  const type = mediaTypeOf(contentType);
  const kind = type.replace(/\/.*$/s, '/*');
  return fhir > 0 && fhir >= acceptedQuality(accept, (range) => range === type || range === kind);
}
