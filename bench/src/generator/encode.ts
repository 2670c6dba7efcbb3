import type { BenchRequest } from '../cases/case.ts';
import type { Addressee } from './addressee.ts';
import type { PreparedRequest } from './connection.ts';

const FHIR_JSON = 'application/fhir+json';

/** The bytes of a request, whole, so that nothing is built while measuring. */
export const encodeRequest = (request: BenchRequest, to: Addressee): PreparedRequest => {
  const { method, path, accept = FHIR_JSON, body, answer } = request;
  const authorization = authorizationOf(request, to);
  const head = [
    `${method} ${to.basePath}${path} HTTP/1.1`,
    `Host: ${to.host}:${to.port}`,
    `Accept: ${accept}`,
  ];
  if (authorization !== undefined) head.push(`Authorization: ${authorization}`);
  if (body !== undefined) {
    head.push(`Content-Type: ${FHIR_JSON}`, `Content-Length: ${Buffer.byteLength(body)}`);
  }
  return { bytes: Buffer.from(`${head.join('\r\n')}\r\n\r\n${body ?? ''}`), answer };
};

/** Nothing where nobody is asked who it is. @throws for a caller that has not signed in: it must not pass for another */
const authorizationOf = ({ caller }: BenchRequest, to: Addressee): string | undefined => {
  if (caller === undefined || to.authorization === undefined) return to.authorization;
  const authorization = to.callers?.[caller];
  if (authorization === undefined) throw new Error(`the caller ${caller} has not signed in`);
  return authorization;
};
