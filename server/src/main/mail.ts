import { createTransport } from 'nodemailer';
import type { EventMail } from '../events/channels/email.ts';
import type { Mail } from '../identity/ports.ts';
import type { Lifetime } from './lifetime.ts';

/** Connections to the mail server at once; further mails wait. */
const CONNECTIONS_MAX = 3;
const TIMEOUT_MS = 20_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What identity sends, and what tells of events. */
export type AnyMail = Mail & Partial<EventMail>;

/**
 * Sends mail by SMTP. Over a network only encrypted: the links in it open accounts.
 *
 * @param smtpUrl SMTP_URL: `smtps:`, or `smtp:` that changes to TLS (not asked for on this machine); with user and password where need be
 * @param from MAIL_FROM
 */
export function openMail(
  smtpUrl: string,
  from: string,
  lifetime: Pick<Lifetime, 'atEnd'>,
): (mail: AnyMail) => Promise<void> {
  const { hostname, port, protocol, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  const user = decodeURIComponent(username);
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !LOOPBACK.has(hostname),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(password) } }),
    pool: true,
    maxConnections: CONNECTIONS_MAX,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  lifetime.atEnd(async () => transport.close());
  return async ({ to, ...mail }) => {
    // As an object it is one address, whatever commas are in it.
    await transport.sendMail({ ...mail, from, to: { name: '', address: to } });
  };
}
