/** A request as its parts, before it is written to a socket. */
export interface WireRequest {
  method: string;
  target: string;
  headers: [string, string][];
  body: Buffer;
  /** Bytes that stand for all the rest, where a mutation works on the wire. */
  raw?: Buffer;
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
