import { hostname } from 'node:os';

/** Facility "security/authorization (10)", severity "notice", as ATNA has it. */
const PRIORITY = 10 * 8 + 5;
const APP_NAME = 'maxray';
const BYTE_ORDER_MARK = '\ufeff';
/** Printable ASCII without spaces, and the most of it, as RFC 5424 has it for HOSTNAME. */
const NOT_PRINTABLE = /[^\u0021-\u007e]/g;
const HOSTNAME_CHARS_MAX = 255;
const NIL = '-';

/** What a message is: `DICOM+RFC3881` for an audit message. */
export type MessageId = 'DICOM+RFC3881' | 'CHECKPOINT';

/** A message of RFC 5424 with the octet counting of RFC 6587 (and RFC 5425, over TLS). @param atMs milliseconds since 1970 UTC */
export function syslogFrame(messageId: MessageId, atMs: number, text: string): Buffer {
  const host = hostname().replace(NOT_PRINTABLE, '').slice(0, HOSTNAME_CHARS_MAX) || NIL;
  const time = new Date(atMs).toISOString();
  const header = `<${PRIORITY}>1 ${time} ${host} ${APP_NAME} ${process.pid} ${messageId} ${NIL} `;
  const message = Buffer.from(`${header}${BYTE_ORDER_MARK}${text}`);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}
