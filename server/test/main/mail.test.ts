import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { openMail } from '../../src/main/mail.ts';

interface Received {
  from: string;
  to: string[];
  text: string;
  user: string | undefined;
  secure: boolean;
}

const received: Received[] = [];
const closers: (() => unknown)[] = [];
let smtp: SMTPServer;
let port: number;
beforeAll(async () => {
  smtp = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) =>
      done(password === 'p@ss/word' ? null : new Error('no'), { user: username }),
    onRcptTo: ({ address }, _session, done) =>
      done(address.startsWith('gone') ? new Error('no such box') : null),
    onData: (stream, session, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => (text += part));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map(({ address }) => address);
        received.push({ from, to, text, user: session.user, secure: session.secure });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  ({ port } = smtp.server.address() as AddressInfo);
});
afterAll(async () => {
  for (const close of closers) await close();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

const sender = (url: string) =>
  openMail(url, 'MaxRay <maxray@clinic.example>', { atEnd: (close) => void closers.push(close) });
const MAIL = {
  to: 'nurse@clinic.example',
  subject: 'Reset: ä',
  text: 'Open this link:\n\nhttps://x.example/?token=a\n',
};

describe('mail', () => {
  test('arrives, signed in where the address says so', async () => {
    await sender(`smtp://me%40x:p%40ss%2Fword@127.0.0.1:${port}`)(MAIL);
    expect(received.at(-1)).toMatchObject({
      from: 'maxray@clinic.example',
      to: ['nurse@clinic.example'],
      user: 'me@x',
    });
    expect(received.at(-1)!.text).toContain('https://x.example/?token=a');
    await expect(sender(`smtp://me:wrong@127.0.0.1:${port}`)(MAIL)).rejects.toThrow('no');
  });

  test('goes to one address, whatever is in it', async () => {
    const send = sender(`smtp://127.0.0.1:${port}`);
    const count = received.length;
    for (const to of [
      'a@x.example, b@y.example',
      'a@x.example\r\nBcc: b@y.example',
      'a@x.example>,<b@y.example',
    ])
      await send({ ...MAIL, to }).catch(() => undefined);
    for (const { to, text } of received.slice(count)) {
      expect(to.length).toBeLessThan(2);
      expect(text).not.toMatch(/^Bcc/im);
    }
  });

  test('that is refused is an error', async () => {
    await expect(sender(`smtp://127.0.0.1:${port}`)({ ...MAIL, to: 'gone@x.example' })).rejects.toThrow();
  });

  test('does not cross a network in the clear', async () => {
    // The name of this machine that is no loopback one, though it leads there.
    const before = received.length;
    await expect(sender(`smtp://127.0.0.2:${port}`)(MAIL)).rejects.toThrow();
    expect(received).toHaveLength(before);
  });
});
