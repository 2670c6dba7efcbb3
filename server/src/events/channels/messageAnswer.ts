import { parseJson } from '../../fhir/json/parse.ts';
import { FhirError } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { XmlFormat } from '../../fhir/xml/xmlFormat.ts';
import type { Answer } from '../../outgoing/send.ts';
import { formatOf } from './payload.ts';

interface Entry {
  resource?: { resourceType?: string; response?: { identifier?: string; code?: string } };
}

/**
 * What is wrong with an answer of 2xx to a message; undefined: it was taken. Nothing in it, or an OperationOutcome without an error, will do: not every
 * message is answered by one.
 *
 * @param headerId of the MessageHeader that it answers
 */
export function answerFault(xml: XmlFormat, answer: Answer, headerId: string): string | undefined {
  if (answer.body.length === 0) return undefined;
  const resource = read(xml, answer);
  if (resource === undefined) return 'the endpoint answered with what is no FHIR';
  if (resource.resourceType === 'OperationOutcome') return outcomeFault(resource);
  const header = resource.type === 'message' ? (resource.entry as Entry[] | undefined)?.[0]?.resource : {};
  const { identifier, code } = (header?.resourceType === 'MessageHeader' && header.response) || {};
  if (code === undefined) return 'the endpoint did not answer with a message';
  if (identifier !== headerId) return 'the endpoint answered another message';
  return code === 'ok'
    ? undefined
    : `the endpoint answered ${code === 'transient-error' ? code : 'fatal-error'}`;
}

function read(xml: XmlFormat, { contentType, body }: Answer): Resource | undefined {
  try {
    const { value } = formatOf(contentType) === 'xml' ? xml.parse(body) : parseJson(body);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Resource) : undefined;
  } catch (error) {
    if (error instanceof FhirError) return undefined;
    throw error;
  }
}

function outcomeFault({ issue }: Resource): string | undefined {
  const issues = Array.isArray(issue) ? (issue as { severity?: string }[]) : [];
  const isFault = issues.some((one) => one?.severity === 'error' || one?.severity === 'fatal');
  return isFault ? 'the endpoint answered with an error' : undefined;
}
