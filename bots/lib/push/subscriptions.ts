import type { MedplumClient } from '@medplum/core';
import type { Basic, Reference } from '@medplum/fhirtypes';

const BASE = 'https://maxray.example/fhir';
/** Code of Basics that are push subscriptions. */
export const PUSH_SUBSCRIPTION_CODE = `${BASE}/CodeSystem/maxray-basic|push-subscription`;
export const PUSH_SUBSCRIPTION_EXTENSION = `${BASE}/StructureDefinition/maxray-push-channel`;
/** Browsers of one person that are told. */
const BROWSERS_MAX = 20;

/** What a browser gives a page that may send it messages (Push API, PushSubscription). */
export interface PushTarget {
  /** Of the Basic. */
  id: string;
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** Has somebody a browser that may be sent messages? */
export async function hasBrowser(medplum: MedplumClient, person: Reference): Promise<boolean> {
  const query = new URLSearchParams({
    code: PUSH_SUBSCRIPTION_CODE,
    subject: person.reference ?? '',
    _count: '1',
  });
  return (await medplum.searchResources('Basic', query, { cache: 'reload' })).length > 0;
}

/** The browsers of somebody, those that came last first. What is not complete is left out. */
export async function pushTargets(medplum: MedplumClient, person: Reference): Promise<PushTarget[]> {
  const query = new URLSearchParams({
    code: PUSH_SUBSCRIPTION_CODE,
    subject: person.reference ?? '',
    _sort: '-_lastUpdated',
    _count: String(BROWSERS_MAX),
  });
  const found = await medplum.searchResources('Basic', query, { cache: 'reload' });
  return found.flatMap(targetOf);
}

function targetOf({ id, extension = [] }: Basic): PushTarget[] {
  const parts = extension.find(({ url }) => url === PUSH_SUBSCRIPTION_EXTENSION)?.extension ?? [];
  const part = (name: string) => parts.find(({ url }) => url === name);
  const endpoint = part('endpoint')?.valueUrl;
  const [p256dh, auth] = [part('p256dh')?.valueString, part('auth')?.valueString];
  if (endpoint === undefined || p256dh === undefined || auth === undefined) return [];
  return [{ id: id!, endpoint, keys: { p256dh, auth } }];
}
