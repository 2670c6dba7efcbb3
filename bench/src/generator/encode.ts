import type { BenchRequest } from '../cases/case.ts';
import type { PreparedRequest } from './connection.ts';

/** The bytes of a request, whole, so that nothing is built while measuring. */
export const encodeRequest = (
  request: BenchRequest,
  authority: string,
  basePath: string,
): PreparedRequest => {
  const head = [
    `${request.method} ${basePath}${request.path} HTTP/1.1`,
    `Host: ${authority}`,
    'Accept: application/fhir+json',
  ];
  if (request.body !== undefined) {
    head.push('Content-Type: application/fhir+json', `Content-Length: ${Buffer.byteLength(request.body)}`);
  }
  return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${request.body ?? ''}`), answer: request.answer };
};
