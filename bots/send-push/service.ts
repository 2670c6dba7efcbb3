import { createHash } from 'node:crypto';
import webPush from 'web-push';
import type { PushTarget } from '../lib/push/subscriptions.ts';

const TIMEOUT_MS = 10_000;
/** How long a push service keeps a message for a browser that is away. */
const KEEP_S = 24 * 3600;
/** Push services of the browsers that there are. An endpoint is whatever a page has stored: no other host is asked. */
const KNOWN_SERVICES = [
  'https://fcm.googleapis.com',
  'https://updates.push.services.mozilla.com',
  'https://*.push.services.mozilla.com',
  'https://*.push.apple.com',
  'https://*.notify.windows.com',
];

export interface PushSettings {
  vapid: { subject: string; publicKey: string; privateKey: string };
  /** Origins of push services, `https://*.example.org` for all hosts below; absent: those of the browsers that there are. */
  services: string[] | undefined;
}

export interface PushMessage {
  /** The same whenever the message is the same. */
  key: string;
  payload: string;
  isUrgent: boolean;
  /** Milliseconds since 1970. */
  endMs: number | undefined;
}

/** `gone`: the browser does not want messages any more, or never can get them. */
export type PushResult = 'sent' | 'gone' | 'failed';

export interface PushService {
  /** @throws where it may be tried again */
  send(target: PushTarget, message: PushMessage): Promise<PushResult>;
}

/** Web Push (RFC 8030), encrypted for the browser (RFC 8291), signed by VAPID (RFC 8292). */
export function webPushService({ vapid, services = KNOWN_SERVICES }: PushSettings): PushService {
  return {
    async send(target, message) {
      if (!isService(target.endpoint, services)) return 'gone';
      const request = encrypted(target, message, vapid);
      if (!request) return 'gone';
      const response = await fetch(request.endpoint, {
        method: 'POST',
        headers: request.headers as Record<string, string>,
        body: request.body,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      const { status } = response;
      if (response.ok) return 'sent';
      if (status === 404 || status === 410) return 'gone';
      if (status === 429 || status >= 500) throw new Error(`the push service answered ${status}`);
      return 'failed';
    },
  };
}

/** @returns undefined where the keys are none */
function encrypted(
  { endpoint, keys }: PushTarget,
  message: PushMessage,
  vapidDetails: PushSettings['vapid'],
) {
  const leftS = message.endMs === undefined ? KEEP_S : Math.floor((message.endMs - Date.now()) / 1000);
  try {
    return webPush.generateRequestDetails({ endpoint, keys }, message.payload, {
      vapidDetails,
      TTL: Math.max(0, Math.min(KEEP_S, leftS)),
      urgency: message.isUrgent ? 'high' : 'normal',
      // One that waits for the browser is replaced by the same one.
      topic: createHash('sha256').update(message.key).digest('base64url').slice(0, 32),
      contentEncoding: 'aes128gcm',
    });
  } catch (error) {
    if (isOfKeys(error)) return undefined;
    throw error;
  }
}

/** web-push tells of keys of the browser by these words; what else it tells is about ours. */
const isOfKeys = (error: unknown): boolean =>
  error instanceof Error &&
  /p256dh|subscription|auth (key|value)|public key is not valid/i.test(error.message);

function isService(endpoint: string, services: readonly string[]): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { origin, protocol, host, username } = new URL(endpoint);
  if (username !== '') return false;
  return services.some((service) => {
    const [scheme, name] = service.split('://*.');
    return name === undefined ? origin === service : `${scheme}:` === protocol && host.endsWith(`.${name}`);
  });
}
