import { Readable } from 'node:stream';
import type { DicomJson } from '../../imaging/dicomJson.ts';
import { nativeDicomModel } from '../../imaging/nativeDicomModel.ts';
import { compressStream } from '../../rest/http/compression.ts';
import type { FhirResponse } from '../../rest/http/types.ts';
import { isInRange, notAcceptable, type Accepted } from './accept.ts';
import { multipartResponse, type Part } from './multipart/write.ts';
import { acceptedBy, type DicomwebRequest } from './request.ts';

const JSON_TYPES = ['application/dicom+json', 'application/json'];
const XML_TYPE = 'application/dicom+xml';

/** How data sets are told: as JSON (PS3.18 annex F) or as XML (PS3.19 annex A.1). */
export interface DataSetForm {
  isXml: boolean;
  contentType: string;
}

/** Of several: those in XML come in parts. @throws FhirError `not-acceptable` */
export const formOfList = (request: DicomwebRequest): DataSetForm => formOf(request, true);

/** Of one. @throws FhirError `not-acceptable` */
export const formOfOne = (request: DicomwebRequest): DataSetForm => formOf(request, false);

function formOf(request: DicomwebRequest, isList: boolean): DataSetForm {
  for (const accepted of acceptedBy(request)) {
    const contentType = typeIn(accepted, isList);
    if (contentType !== undefined) return { isXml: contentType === XML_TYPE, contentType };
  }
  throw notAcceptable(`${JSON_TYPES[0]} or ${isList ? `multipart/related; type="${XML_TYPE}"` : XML_TYPE}`);
}

function typeIn({ isMultipart, mediaType }: Accepted, isList: boolean): string | undefined {
  const offered = [...(isMultipart ? [] : JSON_TYPES), ...(isMultipart === isList ? [XML_TYPE] : [])];
  return offered.find((type) => isInRange(type, mediaType));
}

/** One data set. */
export const oneDataSet = (
  { isXml, contentType }: DataSetForm,
  dataSet: DicomJson,
  status: number,
): FhirResponse => ({
  status,
  headers: { 'Content-Type': contentType },
  body: isXml ? nativeDicomModel(dataSet) : JSON.stringify(dataSet),
});

/**
 * Several, written as they are read. The first is made before anything is said, so that what cannot be had is an error.
 *
 * @param dataSets at least one
 */
export async function listOfDataSets(
  { isXml, contentType }: DataSetForm,
  dataSets: AsyncGenerator<DicomJson>,
  { raw }: DicomwebRequest,
): Promise<FhirResponse> {
  if (isXml) return multipartResponse(asParts(dataSets));
  const first = await dataSets.next();
  const whole = Readable.from(asJson(first.value as DicomJson, dataSets), { objectMode: false });
  const { stream, encoding } = compressStream(whole, raw.headers['accept-encoding'] as string | undefined);
  const headers = { 'Content-Type': contentType, ...(encoding && { 'Content-Encoding': encoding }) };
  return { status: 200, headers, stream };
}

async function* asJson(first: DicomJson, others: AsyncGenerator<DicomJson>): AsyncGenerator<Buffer> {
  yield Buffer.from(`[${JSON.stringify(first)}`);
  for await (const one of others) yield Buffer.from(`,${JSON.stringify(one)}`);
  yield Buffer.from(']');
}

async function* asParts(dataSets: AsyncGenerator<DicomJson>): AsyncGenerator<Part> {
  for await (const one of dataSets) {
    const bytes = Buffer.from(nativeDicomModel(one));
    yield { contentType: XML_TYPE, bytes: bytes.length, stream: Readable.from(bytes, { objectMode: false }) };
  }
}
