import type { Communication } from '@medplum/fhirtypes';
import type { SendMailOptions } from 'nodemailer';
import type { Message } from '../lib/message/message.ts';
import { textOf } from '../lib/message/message.ts';

/**
 * A message as a mail. Its Message-ID is made of the Communication's id: a mail that is sent twice is the same mail twice, which mail
 * programs show once.
 *
 * @param from MAIL_FROM; its domain is that of the Message-ID
 */
export function mailOf(message: Message, from: string, to: string): SendMailOptions {
  const html = attachmentOf(message, 'text/html');
  const calendar = attachmentOf(message, 'text/calendar');
  return {
    messageId: messageIdOf(message, from),
    from,
    // As an object it is one address, whatever commas are in it.
    to: { name: '', address: to },
    subject: message.topic?.text ?? '',
    text: textOf(message),
    ...(html && { html: html.content }),
    ...(calendar && {
      icalEvent: { method: methodOf(calendar.type), content: calendar.content, filename: 'invite.ics' },
    }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(message.language !== undefined && { 'Content-Language': message.language }),
    },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

export const messageIdOf = ({ id }: Message, from: string): string =>
  `<communication-${id}@${from.slice(from.lastIndexOf('@') + 1)}>`;

function attachmentOf(
  { payload = [] }: Communication,
  type: string,
): { type: string; content: string } | undefined {
  const found = payload.find(({ contentAttachment }) => contentAttachment?.contentType?.startsWith(type));
  const { contentType, data } = found?.contentAttachment ?? {};
  if (contentType === undefined || data === undefined) return undefined;
  return { type: contentType, content: Buffer.from(data, 'base64').toString('utf8') };
}

const methodOf = (contentType: string): 'CANCEL' | 'REQUEST' =>
  /method=cancel/i.test(contentType) ? 'CANCEL' : 'REQUEST';
