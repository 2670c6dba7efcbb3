import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail server on this machine. */
export interface Mailbox {
  /** As SMTP_URL has it. */
  url: string;
  /** To whom the next mail is refused once it is there, with 451. */
  refuses: Set<string>;
  /** Waits for as many mails to an address. @returns them as they came */
  gets(to: string, count: number): Promise<string[]>;
  close(): Promise<void>;
}

export async function startMailbox(): Promise<Mailbox> {
  const mails: { to: string; text: string }[] = [];
  const listeners = new Set<() => void>();
  const refuses = new Set<string>();
  const smtp = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    onData: (stream, { envelope }, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
      stream.on('end', () => {
        const isRefused = envelope.rcptTo.some(({ address }) => refuses.delete(address));
        done(isRefused ? Object.assign(new Error('not now'), { responseCode: 451 }) : null);
        for (const { address } of envelope.rcptTo) mails.push({ to: address, text });
        listeners.forEach((listener) => listener());
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  const { port } = smtp.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    refuses,
    gets(to, count) {
      const { promise, resolve } = Promise.withResolvers<string[]>();
      const look = () => {
        const found = mails.filter((mail) => mail.to === to);
        if (found.length < count) return;
        listeners.delete(look);
        resolve(found.map(({ text }) => text));
      };
      listeners.add(look);
      look();
      return promise;
    },
    close: () => new Promise((resolve) => smtp.close(() => resolve())),
  };
}
