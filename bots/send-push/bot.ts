import type { Communication } from '@medplum/fhirtypes';
import type { BotDefinition, BotEvent, BotHandler } from '../lib/define/define.ts';
import { purposeOfUse } from '../lib/define/define.ts';
import type { Message } from '../lib/message/message.ts';
import {
  isExpired,
  notArrived,
  notSent,
  recipientOf,
  settle,
  textOf,
  waitingMessage,
  windowOf,
} from '../lib/message/message.ts';
import { messageRules, waitingBy } from '../lib/message/rules.ts';
import { setting } from '../lib/notify/settings.ts';
import type { PushMessage, PushResult, PushService, PushSettings } from './service.ts';
import { webPushService } from './service.ts';
import { PUSH_SUBSCRIPTION_CODE, pushTargets } from '../lib/push/subscriptions.ts';

const URGENT = new Set(['asap', 'stat']);

export const bot: BotDefinition = {
  name: 'send-push',
  title: 'Web Push',
  description: 'Sends messages to the browsers of a person, and forgets browsers that want none any more.',
  triggers: [{ criteria: waitingBy('push') }],
  policy: {
    extension: purposeOfUse('TREAT'),
    resource: [
      ...messageRules('push'),
      {
        resourceType: 'Basic',
        criteria: `Basic?code=${PUSH_SUBSCRIPTION_CODE}`,
        interaction: ['search', 'read', 'delete'],
      },
    ],
  },
  limits: { timeoutMs: 60_000 },
  secrets: ['VAPID_SUBJECT', 'VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY', 'PUSH_SERVICES'],
};

/** @param open makes the way to push services */
export const sendPush =
  (open: (settings: PushSettings) => PushService): BotHandler<Communication> =>
  async (medplum, event) => {
    const message = await waitingMessage(medplum, event.input);
    if (!message) return;
    const settings = settingsOf(event);
    if (!settings) return settle(medplum, message, notSent('not-set-up'));
    if (isExpired(message, Date.now())) return settle(medplum, message, notSent('expired'));
    const targets = await pushTargets(medplum, recipientOf(message) ?? {});
    const service = open(settings);
    const results: (PushResult | Error)[] = [];
    for (const target of targets) {
      const result = await service.send(target, pushMessage(message)).catch((error: Error) => error);
      if (result === 'gone') await medplum.deleteResource('Basic', target.id);
      results.push(result);
    }
    return settle(medplum, message, outcome(results));
  };

export const handler = sendPush(webPushService);

/** One browser is enough. Where none has got it, but one might: again. */
function outcome(results: readonly (PushResult | Error)[]): Partial<Communication> {
  const sent = new Date().toISOString();
  if (results.includes('sent')) return { status: 'completed', sent };
  const error = results.find((result) => result instanceof Error);
  if (error) throw error;
  return results.includes('failed') ? { sent, ...notArrived('failed') } : notSent('no-address');
}

/** What the page's service worker gets. It is shown on locked screens: no more than other channels tell. */
function pushMessage(message: Message): PushMessage {
  const { id, language, topic, priority = 'routine', about } = message;
  const payload = {
    title: topic?.text ?? '',
    body: textOf(message),
    lang: language,
    tag: id,
    about: about?.[0]?.reference,
  };
  return {
    key: id,
    payload: JSON.stringify(payload),
    isUrgent: URGENT.has(priority),
    endMs: windowOf(message).endMs,
  };
}

function settingsOf(event: BotEvent): PushSettings | undefined {
  const [subject, publicKey, privateKey] = ['VAPID_SUBJECT', 'VAPID_PUBLIC_KEY', 'VAPID_PRIVATE_KEY'].map(
    (name) => setting(event, name),
  );
  if (subject === undefined || publicKey === undefined || privateKey === undefined) return undefined;
  const services = setting(event, 'PUSH_SERVICES');
  return { vapid: { subject, publicKey, privateKey }, services: services?.split(',') };
}
