import type { JsonObject, Resource } from '../../fhir/resource.ts';
import type { Caller } from '../caller.ts';
import type { IncomingResource } from '../prepare.ts';

/** Who wrote a Subscription, as its token said: notifications show what this one may see at their time. */
export interface Subscriber {
  clientId: string;
  userId?: string;
  /** `Patient/1`, `Practitioner/1`: where the sign-in said it. */
  profile?: string;
  /** Patient that the token was for. */
  patient?: string;
  scopes: string[];
}

/** Set by the server at each write of a Subscription; what a client sends in it is not looked at. */
export const SUBSCRIBER_EXTENSION = 'https://maxray.example/fhir/StructureDefinition/maxray-subscriber';

const SUBSCRIPTION = 'Subscription';

/**
 * Notes in a Subscription who writes it; other resources, and what the server writes by itself, stay as they are. That it is active is for the
 * server to say, when it has looked at this very version: until then it is requested.
 */
export function noteSubscriber(resource: IncomingResource, { token }: Pick<Caller, 'token'>): void {
  if (resource.value.resourceType !== SUBSCRIPTION || token === undefined) return;
  const { clientId, userId, profile, patient, scopes } = token;
  const part = (url: string, value: string | undefined) =>
    value === undefined || value === '' ? [] : [{ url, valueString: value }];
  const extension = {
    url: SUBSCRIBER_EXTENSION,
    extension: [
      ...part('client', clientId),
      ...part('user', userId),
      ...part('profile', profile),
      ...part('patient', patient),
      ...part('scopes', [...scopes].join(' ')),
    ],
  };
  for (const one of [resource.value, resource.exact]) {
    one.extension = [...others(one), extension];
    if (one.status === 'active') one.status = 'requested';
  }
}

/** Who wrote a stored Subscription; undefined where it does not say so: then it may see nothing. */
export function subscriberOf(resource: Resource): Subscriber | undefined {
  const own = list(resource.extension).find(({ url }) => url === SUBSCRIBER_EXTENSION);
  if (own === undefined) return undefined;
  const parts = new Map(list(own.extension).map(({ url, valueString }) => [url, valueString as string]));
  const optional = (name: 'profile' | 'patient', value = parts.get(name)) =>
    value === undefined ? {} : { [name]: value };
  const userId = parts.get('user');
  return {
    clientId: parts.get('client') ?? '',
    ...(userId === undefined ? {} : { userId }),
    ...optional('profile'),
    ...optional('patient'),
    scopes: parts.get('scopes')?.split(' ') ?? [],
  };
}

const others = (resource: Resource) =>
  list(resource.extension).filter(({ url }) => url !== SUBSCRIBER_EXTENSION);

const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);
