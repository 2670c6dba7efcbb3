import { IncomingMessage } from 'node:http';
import { readBody } from '../body.ts';
import { isJwt, isStoredName, type AccessJwts } from './accessJwts.ts';

const FORM = 'application/x-www-form-urlencoded';
/** Nothing has this name. */
const NONE = 'none';

/**
 * The provider introspects and revokes opaque tokens only. So where the form of a request names a JWT of ours, this makes the same
 * request with the name of its row.
 *
 * @throws FhirError when the body is too long
 */
export async function withNamedToken(request: IncomingMessage, jwts: AccessJwts): Promise<IncomingMessage> {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (request.method !== 'POST' || type?.trim().toLowerCase() !== FORM) return request;
  const form = new URLSearchParams(await readBody(request, FORM));
  const [token, ...more] = form.getAll('token');
  if (token !== undefined && more.length === 0) {
    if (isStoredName(token)) form.set('token', NONE);
    else if (isJwt(token)) form.set('token', jwts.nameOf(token, true) ?? NONE);
  }
  return withBody(request, Buffer.from(form.toString()));
}

/** A request whose body was read, with another body. */
function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const { method, url, headers, httpVersion, httpVersionMajor, httpVersionMinor } = request;
  const same = { method, url, httpVersion, httpVersionMajor, httpVersionMinor };
  const { 'transfer-encoding': _gone, ...others } = headers;
  const again = Object.assign(new IncomingMessage(request.socket), same, {
    headers: { ...others, 'content-length': String(body.length) },
    ...('baseUrl' in request && { baseUrl: request.baseUrl }),
    complete: true, // all of it has arrived: its end does not end the connection
  });
  again.push(body);
  again.push(null);
  return again;
}
