import { createReadStream } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { FhirError, errorIssue } from '../../fhir/outcome.ts';

/** Attempts at one request, for the faults that S3 asks its clients to sit out. */
export const S3_ATTEMPTS_MAX = 3;
/** Wait before the second attempt; each further one waits twice as long. */
export const S3_RETRY_WAIT_MS = 200;
/** A connection on which nothing moved for so long is given up. */
export const S3_IDLE_TIMEOUT_MS = 20_000;
/** Connections to the object store kept at most. */
const CONNECTIONS_MAX = 64;
const RETRY_AFTER_S = 10;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface S3Call {
  method: 'GET' | 'PUT' | 'DELETE';
  url: URL;
  headers?: Record<string, string>;
  /** Sent as the body; length and hash are part of what is signed. */
  body?: { file: string; bytes: number; sha256: string };
  /** Statuses besides 2xx that the caller knows what to do with. */
  expected?: readonly number[];
}

/** Sends one signed request. Resolves when the head of the answer is there; the caller reads its body. */
export type S3Send = (call: S3Call) => Promise<http.IncomingMessage>;

/**
 * A sender of requests signed by AWS Signature Version 4, with timeouts and retries.
 * What does not work out is a FhirError `busy`: the client can only try again, whatever the reason.
 */
export function s3Sender(
  credentials: S3Credentials,
  region: string,
  idleTimeoutMs = S3_IDLE_TIMEOUT_MS,
): { send: S3Send; close(): void } {
  const options = { keepAlive: true, maxSockets: CONNECTIONS_MAX };
  const agents = { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
  const once = async (call: S3Call) => {
    const headers = { ...call.headers, 'x-amz-content-sha256': call.body?.sha256 ?? EMPTY_SHA256 };
    const { method, url } = call;
    const signer = new AwsV4Signer({ method, url: url.href, headers, service: 's3', region, ...credentials });
    const signed = await signer.sign();
    const secure = url.protocol === 'https:';
    const request = (secure ? https : http).request(url, {
      method,
      headers: Object.fromEntries(signed.headers),
      agent: agents[secure ? 'https:' : 'http:'],
    });
    request.setTimeout(idleTimeoutMs, () =>
      request.destroy(new Error(`nothing came for ${idleTimeoutMs} ms`)),
    );
    return exchange(request, call);
  };
  return {
    send: async (call) => {
      for (let attempt = 1; ; attempt++) {
        const { answer, fault, passing } = await attemptOf(once(call), call.expected ?? []);
        if (answer !== undefined) return answer;
        if (!passing || attempt === S3_ATTEMPTS_MAX) throw busy(fault);
        await sleep(S3_RETRY_WAIT_MS * 2 ** (attempt - 1));
      }
    },
    close: () => Object.values(agents).forEach((agent) => agent.destroy()),
  };
}

/** Writes the body while it waits for the answer: a store may refuse before it has read everything. */
async function exchange(request: http.ClientRequest, call: S3Call): Promise<http.IncomingMessage> {
  const { promise: answered, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  request.once('response', resolve);
  request.on('error', reject); // stays: errors that follow the answer reach its stream, and nobody else
  if (call.body === undefined) {
    request.end();
    return answered;
  }
  request.setHeader('content-length', call.body.bytes);
  const sent = pipeline(createReadStream(call.body.file), request);
  sent.catch(reject); // an answer that came first stands: reject is then without effect
  return answered;
}

type Attempt =
  | { answer: http.IncomingMessage; fault?: undefined; passing?: undefined }
  | { answer?: undefined; fault: unknown; passing: boolean };

/** What came of one attempt. Faults of the connection and 5xx, 429 and 408 may pass; refusals do not. */
async function attemptOf(sent: Promise<http.IncomingMessage>, expected: readonly number[]): Promise<Attempt> {
  try {
    const answer = await sent;
    const status = answer.statusCode ?? 0;
    if ((status >= 200 && status < 300) || expected.includes(status)) return { answer };
    const code = /<Code>([A-Za-z0-9.]{1,64})<\/Code>/.exec(await text(answer))?.[1] ?? 'no code';
    const passing = status >= 500 || status === 429 || status === 408;
    return { fault: new Error(`${status} ${code}`), passing };
  } catch (fault) {
    return { fault, passing: true };
  }
}

/** The client's answer. The store's own words go to the log by `cause`: they may name hosts and accounts. */
export function busy(cause: unknown): FhirError {
  const error = new FhirError(
    'busy',
    [errorIssue('transient', 'The blob storage cannot be used now. Try again later.')],
    RETRY_AFTER_S,
  );
  error.cause = cause;
  return error;
}
