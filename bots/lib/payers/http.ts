import { PayerFault, PayerRefusal } from './payer.ts';

/** How long an insurer may take to answer. */
const PAYER_TIMEOUT_MS = 20_000;
/** Largest answer. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024;
/** Of what a refusal says, for people. */
const REASON_MAX = 500;
/** Answers in the range of 4xx that mean: later. */
const LATER = new Set([401, 403, 408, 409, 423, 425, 429]);

export interface PayerAddress {
  /** Absolute URL, https but on this machine. */
  url: string;
  /** Bearer token. */
  token?: string;
}

/**
 * Asks an insurer by HTTP.
 *
 * @returns status (2xx) and body
 * @throws PayerRefusal where the request is refused for what it says, PayerFault for all that may pass
 */
export async function exchange(
  { url, token }: PayerAddress,
  init: { method: 'GET' | 'POST'; path?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; body: string }> {
  const target = new URL(`${url.replace(/\/$/, '')}${init.path ?? ''}`);
  if (target.protocol !== 'https:' && !isLoopback(target.hostname))
    throw new PayerRefusal(`The address of the insurer must be https: ${target.origin}.`);
  try {
    const response = await fetch(target, {
      method: init.method,
      headers: { ...init.headers, ...(token && { Authorization: `Bearer ${token}` }) },
      redirect: 'error',
      signal: AbortSignal.timeout(PAYER_TIMEOUT_MS),
      ...(init.body !== undefined && { body: init.body }),
    });
    const body = await limited(response);
    const { status } = response;
    if (response.ok) return { status, body };
    const reason = `The insurer answers ${status}: ${reasonOf(body)}`;
    if (status >= 400 && status < 500 && !LATER.has(status)) throw new PayerRefusal(reason);
    throw new PayerFault(reason);
  } catch (error) {
    if (error instanceof PayerRefusal || error instanceof PayerFault) throw error;
    const { cause, message } = error as Error;
    throw new PayerFault(
      `The insurer at ${target.origin} does not answer: ${cause instanceof Error ? cause.message : message}`,
    );
  }
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127\./.test(host);

async function limited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX)
      throw new PayerFault(`The insurer's answer has more than ${ANSWER_BYTES_MAX} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What an OperationOutcome says, else the beginning of the text. */
function reasonOf(body: string): string {
  try {
    const { issue = [] } = JSON.parse(body) as {
      issue?: { diagnostics?: string; details?: { text?: string } }[];
    };
    const texts = issue.flatMap(({ diagnostics, details }) => details?.text ?? diagnostics ?? []);
    if (texts.length > 0) return texts.join('; ').slice(0, REASON_MAX);
  } catch {
    // not JSON: shown as it is
  }
  return body.slice(0, REASON_MAX) || 'without a reason';
}
