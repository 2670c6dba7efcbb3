/** A request as its parts, before it is written to a socket. */
export interface WireRequest {
  method: string;
  target: string;
  headers: [string, string][];
  body: Buffer;
  /** Bytes that stand for all the rest, where a mutation works on the wire. */
  raw?: Buffer;
}

/** Where the token stands in requests that are made before there is a server: as long as one. */
export const TOKEN_PLACE = `Bearer ${'t'.repeat(43)}`;

/** Bytes with what the server wants in place of {@link TOKEN_PLACE}, where a mutation has left it. */
export function signedIn(bytes: Buffer, authorization: string): Buffer {
  const at = bytes.indexOf(TOKEN_PLACE);
  if (at < 0) return bytes;
  return Buffer.concat([
    bytes.subarray(0, at),
    Buffer.from(authorization),
    bytes.subarray(at + TOKEN_PLACE.length),
  ]);
}

/** Sets a header, in place of those of the same name. */
export function setHeader(request: WireRequest, name: string, value: string): WireRequest {
  const others = request.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
  return { ...request, headers: [...others, [name, value]] };
}

/** With another body, and the Content-Length that fits it. */
export function setBody(request: WireRequest, body: Buffer): WireRequest {
  return setHeader({ ...request, body }, 'Content-Length', String(body.length));
}

/** The request as bytes. Texts are Latin-1, so that a mutation can put any byte anywhere. */
export function wireBytes({ method, target, headers, body, raw }: WireRequest): Buffer {
  if (raw !== undefined) return raw;
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '',
    '',
  ];
  return Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), body]);
}
