import { createTransport, type SendMailOptions } from 'nodemailer';

const TIMEOUT_MS = 15_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** What became of a mail: the server has taken it over, has refused the address, or has refused the mail. */
export type MailResult = 'sent' | 'bounced' | 'failed';

export interface Mailer {
  /** @throws where it may be tried again: no connection, a temporary refusal, a mail server that is not set up for us */
  send(mail: SendMailOptions): Promise<MailResult>;
}

/**
 * Mail by SMTP; over a network only encrypted.
 *
 * @param smtpUrl `smtps:`, or `smtp:` that changes to TLS (not asked for on this machine); with user and password where need be
 */
export function smtpMailer(smtpUrl: string): Mailer {
  const { hostname, port, protocol, username, password } = new URL(smtpUrl);
  const secure = protocol === 'smtps:';
  const user = decodeURIComponent(username);
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !LOOPBACK.has(hostname),
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(password) } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send(mail) {
      try {
        await transport.sendMail(mail);
        return 'sent';
      } catch (error) {
        return refusal(error);
      } finally {
        transport.close();
      }
    },
  };
}

/** A refusal for good (5xx, RFC 5321 4.2.1) of the address or of the mail; what else went wrong may go right another time. */
function refusal(error: unknown): MailResult {
  const { responseCode = 0, command } = error as { responseCode?: number; command?: string };
  if (responseCode >= 500 && command === 'RCPT TO') return 'bounced';
  if (responseCode >= 500 && command === 'DATA') return 'failed';
  throw error;
}
