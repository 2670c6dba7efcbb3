import { createHash, createHmac } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export const FAKE_S3_CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret/with+signs' };
export const FAKE_S3_REGION = 'eu-central-1';

/** What the fake does with a request before it looks at it: answer a fault, or hang. */
export type Fault = { status: number; code: string } | 'hang' | 'cut-off';

export interface FakeS3 {
  url: string;
  objects: Map<string, Buffer>;
  /** Taken one by one by the requests that come. */
  faults: Fault[];
  requests: string[];
  stop(): Promise<void>;
}

const LIST_PAGE = 2;

/**
 * An S3 server in memory, path-style: PUT, GET with Range, DELETE, ListObjectsV2. It verifies every signature
 * by its own reading of AWS Signature Version 4, so that the client is not tested against itself.
 */
export async function startFakeS3(bucket: string): Promise<FakeS3> {
  const objects = new Map<string, Buffer>();
  const faults: Fault[] = [];
  const requests: string[] = [];
  const server = http.createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const fault = faults.shift();
    if (fault === 'hang') return;
    void answer(request, response, fault).catch(() => request.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  async function answer(request: http.IncomingMessage, response: http.ServerResponse, fault?: Fault) {
    const body = await buffer(request);
    if (typeof fault === 'object') return refuse(response, fault.status, fault.code);
    const wrong = signatureFault(request, body);
    if (wrong !== undefined) return refuse(response, 403, wrong);
    const url = new URL(request.url ?? '', 'http://s3');
    if (!url.pathname.startsWith(`/${bucket}/`)) return refuse(response, 404, 'NoSuchBucket');
    const key = decodeURIComponent(url.pathname.slice(bucket.length + 2));
    if (key === '' && url.searchParams.get('list-type') === '2') return list(url.searchParams, response);
    if (request.method === 'PUT') {
      objects.set(key, body);
      return response.writeHead(200).end();
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      return response.writeHead(204).end();
    }
    const content = objects.get(key);
    if (content === undefined) return refuse(response, 404, 'NoSuchKey');
    return send(request, response, content, fault === 'cut-off');
  }

  function list(query: URLSearchParams, response: http.ServerResponse) {
    const after = query.get('continuation-token') ?? '';
    const prefix = query.get('prefix') ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && `<&>${key}` > after).sort();
    const page = keys.slice(0, LIST_PAGE);
    const more = keys.length > page.length;
    const token = more ? `<NextContinuationToken>&lt;&#38;&#x3e;${page.at(-1)}</NextContinuationToken>` : '';
    const contents = page.map((key) => `<Contents><Key>${key}</Key><Size>1</Size></Contents>`).join('');
    response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${contents}${token}</ListBucketResult>`,
    );
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    faults,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(request: http.IncomingMessage, response: http.ServerResponse, content: Buffer, cut: boolean) {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = Math.min(Number(range?.[2] ?? Infinity), content.length - 1);
  if (range !== null && start > end) {
    response.setHeader('content-range', `bytes */${content.length}`);
    return refuse(response, 416, 'InvalidRange');
  }
  const part = content.subarray(start, end + 1);
  response.statusCode = range === null ? 200 : 206;
  response.setHeader('content-length', part.length);
  if (range !== null) response.setHeader('content-range', `bytes ${start}-${end}/${content.length}`);
  if (!cut) return response.end(part);
  return response.write(part.subarray(0, part.length / 2), () => response.destroy());
}

const refuse = (response: http.ServerResponse, status: number, code: string) =>
  response.writeHead(status).end(`<Error><Code>${code}</Code><Message>m</Message></Error>`);

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

/** What is wrong with the request's signature by the rules of AWS Signature Version 4. */
function signatureFault(request: http.IncomingMessage, body: Buffer): string | undefined {
  const grammar =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const found = grammar.exec(request.headers.authorization ?? '');
  if (found === null) return 'AuthorizationHeaderMalformed';
  const [, account, day, region, signedHeaders, signature] = found as unknown as string[];
  const header = (name: string) => String(request.headers[name] ?? '').trim();
  const names = (signedHeaders ?? '').split(';');
  if (account !== FAKE_S3_CREDENTIALS.accessKeyId || region !== FAKE_S3_REGION) return 'InvalidAccessKeyId';
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((name) => names.includes(name))) {
    return 'UnsignedHeaders';
  }
  if (header('x-amz-content-sha256') !== sha256(body)) return 'XAmzContentSHA256Mismatch';
  if (request.method === 'PUT' && header('content-length') !== String(body.length))
    return 'MissingContentLength';

  const url = new URL(request.url ?? '', 'http://s3');
  const query = [...url.searchParams]
    .map((pair) => pair.map(encode).join('='))
    .sort()
    .join('&');
  const canonical = [
    request.method,
    decodeURIComponent(url.pathname).split('/').map(encode).join('/'),
    query,
    ...names.map((name) => `${name}:${header(name)}`),
    '',
    signedHeaders,
    header('x-amz-content-sha256'),
  ].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', header('x-amz-date'), scope, sha256(canonical)].join('\n');
  const ofDay = hmac(`AWS4${FAKE_S3_CREDENTIALS.secretAccessKey}`, day ?? '');
  const key = hmac(hmac(hmac(ofDay, region ?? ''), 's3'), 'aws4_request');
  return hmac(key, toSign).toString('hex') === signature ? undefined : 'SignatureDoesNotMatch';
}

const encode = (text: string) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
