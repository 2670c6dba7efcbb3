import WebSocket from 'ws';

/** What a notification tells, whichever form it has. */
export interface Notified {
  type: string;
  subscription: string;
  /** Numbers of its events. */
  numbers: number[];
  resources: { resourceType: string; id?: string }[];
  text: string;
}

/** Somebody who listens on a WebSocket. */
export interface Listener {
  socket: WebSocket;
  texts: string[];
  say(text: string): void;
  /** Waits until it was told so often of this kind. */
  hears(type: string, count: number): Promise<Notified[]>;
  /** Waits for a text of this form. */
  hearsText(pattern: RegExp): Promise<string>;
  /** Waits for its end. @returns the code */
  closed: Promise<number>;
}

export const webSocketUrl = (url: string): string => `${url.replace('http', 'ws')}/ws/subscriptions-r4`;

export async function listen(url: string, headers: Record<string, string> = {}): Promise<Listener> {
  const socket = new WebSocket(webSocketUrl(url), { headers });
  const texts: string[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    texts.push(String(data));
    waiting.forEach((look) => look());
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const until = <T>(look: () => T | undefined) =>
    new Promise<T>((resolve) => {
      const tryIt = () => {
        const found = look();
        if (found === undefined) return;
        waiting.delete(tryIt);
        resolve(found);
      };
      waiting.add(tryIt);
      tryIt();
    });
  return {
    ...{ socket, texts, closed },
    say: (text) => socket.send(text),
    hears: (type, count) =>
      until(() => {
        const found = texts.flatMap(notified).filter((one) => one.type === type);
        return found.length >= count ? found : undefined;
      }),
    hearsText: (pattern) => until(() => texts.find((text) => pattern.test(text))),
  };
}

/** Reads a notification; of what is none, nothing. */
export function notified(text: string): Notified[] {
  const bundle = JSON.parse(text) as { resourceType?: string; entry?: { resource?: Status }[] };
  const [status, ...rest] = (bundle.entry ?? []).map(({ resource }) => resource);
  if (bundle.resourceType !== 'Bundle' || status === undefined) return [];
  const resources = rest.flatMap((one) => (one === undefined ? [] : [one]));
  return [{ ...read(status), resources, text }];
}

interface Status {
  resourceType: string;
  id?: string;
  type?: string;
  subscription?: { reference: string };
  notificationEvent?: { eventNumber: string }[];
  parameter?: {
    name: string;
    valueCode?: string;
    valueReference?: { reference: string };
    part?: { name: string; valueString?: string }[];
  }[];
}

function read(status: Status): Pick<Notified, 'type' | 'subscription' | 'numbers'> {
  const { type, subscription, notificationEvent = [], parameter = [] } = status;
  if (status.resourceType === 'SubscriptionStatus') {
    const numbers = notificationEvent.map(({ eventNumber }) => Number(eventNumber));
    return { type: type!, subscription: subscription!.reference, numbers };
  }
  const one = (name: string) => parameter.find((part) => part.name === name)!;
  return {
    type: one('type').valueCode!,
    subscription: one('subscription').valueReference!.reference,
    numbers: parameter
      .filter(({ name }) => name === 'notification-event')
      .map(({ part }) => Number(part!.find(({ name }) => name === 'event-number')!.valueString)),
  };
}
