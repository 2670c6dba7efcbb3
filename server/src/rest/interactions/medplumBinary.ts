import type { FhirRequest, FhirResponse } from '../http/types.ts';

/**
 * The answer to an upload as MedplumClient wants it, which asks for that by a header of its own: `createAttachment` and `createMedia`
 * take the Attachment's `url` from the Binary, where R4 has none, and would leave out where the bytes are. In XML there is no place for it.
 */
export function withMedplumUrl(request: FhirRequest, id: string, response: FhirResponse): FhirResponse {
  const { body } = response;
  const isWanted = request.raw.headers['x-medplum'] === 'extended' && request.form.format === 'json';
  if (!isWanted || typeof body !== 'string' || !body.startsWith('{"resourceType":"Binary"')) return response;
  return { ...response, body: `${body.slice(0, -1)},"url":"Binary/${id}"}` };
}
