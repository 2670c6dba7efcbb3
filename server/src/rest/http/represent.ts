import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { XmlFormat } from '../../fhir/xml/xmlFormat.ts';
import { FHIR_NDJSON, FHIR_XML, isJson, mediaTypeOf, notAcceptable, type AnswerForm } from './negotiation.ts';
import { lineList } from './lineList.ts';
import { textOf } from './pieces.ts';
import type { FhirResponse } from './types.ts';

/** Whatever a stored text holds, nothing of it may run in the name of this server. */
export const INERT: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "sandbox; default-src 'none'",
};

/**
 * Writes an answer in the form that its client wants. JSON that needs no indentation stays the text that it is.
 *
 * @throws FhirError `not-acceptable` when lines are wanted of what is no list
 */
export function represent(response: FhirResponse, form: AnswerForm, xml: XmlFormat): FhirResponse {
  const { format, pretty } = form;
  if (format === 'json' && !pretty) return response;
  const { status, headers = {}, body } = response;
  const contentType = headers['Content-Type'];
  if (body === undefined || !isFhir(contentType)) return response;
  const resource = parseExact(textOf(body)) as Resource;
  if (contentType === PLAIN_JSON) return pretty ? { ...response, body: indented(resource) } : response;
  if (format === 'xml') {
    const safe = { ...headers, ...INERT, 'Content-Type': FHIR_XML };
    return { ...response, headers: safe, body: xml.write(resource, pretty) };
  }
  if (format === 'json' || status >= 400) return { ...response, body: indented(resource) };
  const list = lineList(resource);
  if (list === undefined) throw notAcceptable();
  const links: Record<string, string> = list.links === '' ? {} : { Link: list.links };
  return { ...response, headers: { ...headers, ...links, 'Content-Type': FHIR_NDJSON }, body: list.lines };
}

/** What is no FHIR, such as the result of a job: it has no other form. */
const PLAIN_JSON = 'application/json';

/** Content without a type of its own is FHIR. */
const isFhir = (contentType: string | undefined) =>
  contentType === undefined || isJson(mediaTypeOf(contentType));

const indented = (resource: Resource) => `${JSON.stringify(resource, null, 2)}\n`;
