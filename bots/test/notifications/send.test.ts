import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Communication } from '@medplum/fhirtypes';
import webPush from 'web-push';
import type { Interruption } from '../support/interrupted.ts';
import {
  CHANNEL_SYSTEM,
  GATEWAY_MESSAGE_SYSTEM,
  KIND_SYSTEM,
  OUTCOME_SYSTEM,
} from '../../lib/notify/codes.ts';
import { bot as mailBot, sendMail } from '../../send-mail/bot.ts';
import { smtpMailer } from '../../send-mail/transport.ts';
import { bot as pushBot, sendPush } from '../../send-push/bot.ts';
import { webPushService } from '../../send-push/service.ts';
import { PUSH_SUBSCRIPTION_CODE, PUSH_SUBSCRIPTION_EXTENSION } from '../../lib/push/subscriptions.ts';
import { bot as smsBot, sendSms } from '../../send-sms/bot.ts';
import { twilioGateway } from '../../send-sms/gateway.ts';
import { bot as statusBot, handler as smsStatus } from '../../sms-status/bot.ts';
import { signatureOf } from '../../sms-status/signature.ts';
import { BotWorkshop, type Trial } from '../support/workshop.ts';
import { browserKeys, HttpSink, MailSink } from './gateways.ts';
import { prepareWorld, type Stored } from './world.ts';

let workshop: BotWorkshop;
const mail = new MailSink();
const sms = new HttpSink(({ body }) =>
  new URLSearchParams(body.toString()).get('To') === '+15550000000'
    ? { status: 400, body: '{"code":21211}' }
    : { status: 201, body: '{"sid":"SM1","status":"queued"}' },
);
const push = new HttpSink(({ path }) => ({
  status: path.startsWith('/gone') ? 410 : path.startsWith('/busy') ? 503 : 201,
}));
let [smtpUrl, smsUrl, pushUrl] = ['', '', ''];
beforeAll(async () => {
  [smtpUrl, smsUrl, pushUrl] = await Promise.all([mail.open(), sms.open(), push.open()]);
  workshop = await BotWorkshop.open();
  await prepareWorld(workshop);
});
afterAll(async () => {
  await Promise.all([mail.close(), sms.close(), push.close()]);
  await workshop.close();
});
beforeEach(() => {
  mail.mails.length = sms.received.length = push.received.length = 0;
});

const message = (channel: string, changes: Partial<Communication> = {}): Stored<Communication> => ({
  resourceType: 'Communication',
  id: `by-${channel}`,
  language: 'de',
  status: 'preparation',
  category: [{ coding: [{ system: KIND_SYSTEM, code: 'appointment' }] }],
  medium: [{ coding: [{ system: CHANNEL_SYSTEM, code: channel }] }],
  topic: { text: 'Termin gebucht' },
  about: [{ reference: 'Appointment/visit' }],
  recipient: [{ reference: 'Patient/ada' }],
  payload: [{ contentString: 'Ein Termin ist gebucht.' }],
  ...changes,
});

const attachment = (contentType: string, text: string) => ({
  contentAttachment: { contentType, data: Buffer.from(text).toString('base64') },
});

interface State {
  status: string | undefined;
  reason: string | undefined;
  sent: boolean;
}

/** What became of a message. */
async function stateAfter(of: Trial<Communication>): Promise<State> {
  const { stored } = await workshop.run(of);
  const { status, statusReason, sent } = stored
    .map((text) => JSON.parse(text) as Communication)
    .find(({ resourceType }) => resourceType === 'Communication')!;
  const reason = statusReason?.coding?.find(({ system }) => system === OUTCOME_SYSTEM)?.code;
  return { status, reason, sent: sent !== undefined };
}

describe('mail', () => {
  const secrets = () => ({ SMTP_URL: smtpUrl, MAIL_FROM: 'clinic@maxray.example' });
  const trial = (
    changes: Partial<Communication> = {},
    settings: () => Record<string, string> = secrets,
  ): Trial<Communication> => ({
    bot: mailBot,
    handler: (interruption: Interruption) => sendMail((url) => interruption.guard(smtpMailer(url))),
    arrange: async () => {
      mail.mails.length = 0;
      const stored = await workshop.put(message('email', changes));
      return workshop.events(mailBot).ofCriteria(stored, { secrets: settings() });
    },
    outside: () => [...new Set(mail.mails.map((text) => /^Message-ID: .*$/im.exec(text)?.[0]))],
    kinds: ['killed-after'],
  });

  test('is sent with text, HTML and an entry for the calendar, under a Message-ID of its own', async () => {
    const invitation = 'BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n';
    const payload = [
      { contentString: 'Ein Termin ist gebucht.' },
      attachment('text/html; charset=utf-8', '<p>Termin</p>'),
      attachment('text/calendar; charset=utf-8; method=CANCEL', invitation),
    ];
    expect(await stateAfter(trial({ payload }))).toEqual({
      status: 'completed',
      reason: undefined,
      sent: true,
    });
    const [sent = ''] = mail.mails;
    expect(sent).toMatch(/^Message-ID: <communication-by-email@maxray\.example>$/im);
    expect(sent).toMatch(/^To: ada@patients\.example$/im);
    expect(sent).toMatch(/^Auto-Submitted: auto-generated$/im);
    expect(sent).toContain('Ein Termin ist gebucht.');
    expect(sent).toContain('<p>Termin</p>');
    expect(sent).toMatch(/Content-Type: text\/calendar; charset=utf-8; method=CANCEL/i);
    expect(sent).not.toContain('Winter');
  });

  test('twice, or cut off anywhere, is the same mail', async () => {
    await workshop.expectTwiceAsOnce(trial());
    expect(mail.mails).toHaveLength(1);
    expect(await workshop.expectToSurvive(trial())).toBeGreaterThan(2);
  });

  test('that is refused for good has bounced; a server that is busy is asked again', async () => {
    const telecom = [{ system: 'email' as const, value: 'refused@patients.example' }];
    await workshop.put({ resourceType: 'Patient', id: 'refused', telecom } as never);
    const bounced = trial({ recipient: [{ reference: 'Patient/refused' }] });
    expect(await stateAfter(bounced)).toEqual({ status: 'stopped', reason: 'bounced', sent: true });
    mail.isBusy = true;
    await expect(workshop.run(trial())).rejects.toThrow(/451|try again/);
    mail.isBusy = false;
  });

  test('without an address, without a mail server, or out of date, is not sent', async () => {
    const nobody = trial({ recipient: [{ reference: 'Patient/nobody' }] });
    expect(await stateAfter(nobody)).toEqual({ status: 'not-done', reason: 'no-address', sent: false });
    expect(await stateAfter(trial({}, () => ({})))).toMatchObject({ reason: 'not-set-up' });
    const window = { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' };
    const url = 'https://maxray.example/fhir/StructureDefinition/maxray-notification-window';
    const expired = trial({ extension: [{ url, valuePeriod: window }] });
    expect(await stateAfter(expired)).toMatchObject({ status: 'not-done', reason: 'expired' });
    expect(mail.mails).toEqual([]);
  });
});

describe('text messages', () => {
  const CALLBACK = 'https://maxray.example/sms-status';
  const secrets = () => ({
    SMS_URL: `${smsUrl}/Messages.json`,
    SMS_ACCOUNT: 'AC1',
    SMS_TOKEN: 'token',
    SMS_FROM: '+15205550100',
    SMS_CALLBACK_URL: CALLBACK,
  });
  const trial = (changes: Partial<Communication> = {}): Trial<Communication> => ({
    bot: smsBot,
    handler: (interruption) => sendSms((settings) => interruption.guard(twilioGateway(settings))),
    arrange: async () => {
      sms.received.length = 0;
      const stored = await workshop.put(message('sms', changes));
      return workshop.events(smsBot).ofCriteria(stored, { secrets: secrets() });
    },
    outside: () => [...new Set(sms.received.map(({ headers }) => headers['idempotency-key']))],
    kinds: ['killed-after'],
  });

  test('are given to the gateway, and wait for its word', async () => {
    expect(await stateAfter(trial())).toEqual({ status: 'in-progress', reason: undefined, sent: true });
    const [{ headers, body } = sms.received[0]!] = sms.received;
    expect(headers.authorization).toBe(`Basic ${Buffer.from('AC1:token').toString('base64')}`);
    expect(Object.fromEntries(new URLSearchParams(body.toString()))).toEqual({
      To: '+491700000001',
      From: '+15205550100',
      Body: 'Ein Termin ist gebucht.',
      StatusCallback: CALLBACK,
    });
  });

  test('twice, or cut off anywhere, have the same key', async () => {
    await workshop.expectTwiceAsOnce(trial());
    expect(await workshop.expectToSurvive(trial())).toBeGreaterThan(2);
  });

  test('that the gateway refuses have failed', async () => {
    const telecom = [{ system: 'sms' as const, value: '+1 (555) 000-0000' }];
    await workshop.put({ resourceType: 'Patient', id: 'wrong', telecom } as never);
    const refused = trial({ recipient: [{ reference: 'Patient/wrong' }] });
    expect(await stateAfter(refused)).toEqual({ status: 'stopped', reason: 'failed', sent: true });
  });

  const word = (status: string, sign = signatureOf): Trial<string> => ({
    bot: statusBot,
    handler: () => smsStatus,
    arrange: async () => {
      const identifier = [{ system: GATEWAY_MESSAGE_SYSTEM, value: 'SM1' }];
      await workshop.put(message('sms', { status: 'in-progress', sent: '2026-01-01T08:00:00Z', identifier }));
      const form = new URLSearchParams({ MessageSid: 'SM1', MessageStatus: status, To: '+491700000001' });
      const headers = { 'x-twilio-signature': sign('token', CALLBACK, form) };
      return workshop.events(statusBot).ofOperation(form.toString(), { secrets: secrets(), headers });
    },
    kinds: ['killed-after'],
  });

  test('are delivered, or not, as the gateway says', async () => {
    expect(await stateAfter(word('delivered') as never)).toMatchObject({ status: 'completed' });
    expect(await stateAfter(word('undelivered') as never)).toMatchObject({
      status: 'stopped',
      reason: 'bounced',
    });
    expect(await stateAfter(word('sent') as never)).toMatchObject({ status: 'in-progress' });
    expect(await workshop.expectToSurvive(word('delivered'))).toBe(2);
  });

  test('do not believe who cannot sign', async () => {
    const forged = word('delivered', (_token, url, form) => signatureOf('another', url, form));
    await expect(workshop.run(forged)).rejects.toThrow('not signed');
  });
});

describe('Web Push', () => {
  const vapid = webPush.generateVAPIDKeys();
  const secrets = () => ({
    VAPID_SUBJECT: 'mailto:clinic@maxray.example',
    VAPID_PUBLIC_KEY: vapid.publicKey,
    VAPID_PRIVATE_KEY: vapid.privateKey,
    PUSH_SERVICES: pushUrl,
  });
  const browser = (id: string, endpoint: string, keys: { p256dh: string; auth: string } = browserKeys()) => {
    const [system, code] = PUSH_SUBSCRIPTION_CODE.split('|');
    const parts = [
      { url: 'endpoint', valueUrl: endpoint },
      { url: 'p256dh', valueString: keys.p256dh },
      { url: 'auth', valueString: keys.auth },
    ];
    return {
      resourceType: 'Basic',
      id,
      code: { coding: [{ system, code }] },
      subject: { reference: 'Patient/ada' },
      extension: [{ url: PUSH_SUBSCRIPTION_EXTENSION, extension: parts }],
    } as never;
  };
  const trial = (...browsers: never[]): Trial<Communication> => ({
    bot: pushBot,
    handler: (interruption) => sendPush((settings) => interruption.guard(webPushService(settings))),
    arrange: async () => {
      push.received.length = 0;
      for (const one of browsers) await workshop.put(one);
      return workshop.events(pushBot).ofCriteria(await workshop.put(message('push')), { secrets: secrets() });
    },
    kinds: ['killed-after'],
    outside: () =>
      [...new Set(push.received.map(({ path, headers }) => `${path} ${String(headers.topic)}`))].sort(),
  });

  test('goes to each browser of the person, encrypted and signed; one that is gone is forgotten', async () => {
    const gone = trial(browser('b1', `${pushUrl}/there`), browser('b2', `${pushUrl}/gone`));
    const { stored } = await workshop.run(gone);
    expect(stored.join()).toContain('"status":"completed"');
    expect(stored.filter((text) => text.includes('"Basic"'))).toHaveLength(1);
    const [there] = push.received.filter(({ path }) => path === '/there');
    expect(there?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'normal' });
    expect(there?.headers.authorization).toMatch(/^vapid t=.+, k=.+/);
    expect(there?.headers.topic).toMatch(/^[\w-]{32}$/);
    expect(there?.body.toString()).not.toContain('Termin');
  });

  test('twice, or cut off anywhere, replaces itself', async () => {
    const two = trial(browser('b1', `${pushUrl}/there`), browser('b2', `${pushUrl}/gone`));
    await workshop.expectTwiceAsOnce(two);
    expect(await workshop.expectToSurvive(two)).toBeGreaterThan(2);
  });

  test('asks no host but push services, and does not choke on keys that are none', async () => {
    const elsewhere = trial(
      browser('b1', 'http://127.0.0.1:1/inside'),
      browser('b2', `${pushUrl}/there`, { p256dh: 'AAAA', auth: 'AAAA' }),
    );
    expect(await stateAfter(elsewhere)).toMatchObject({ status: 'not-done', reason: 'no-address' });
    expect(push.received).toEqual([]);
  });

  test('is tried again where the only push service is busy', async () => {
    await expect(workshop.run(trial(browser('b1', `${pushUrl}/busy`)))).rejects.toThrow('503');
  });
});
