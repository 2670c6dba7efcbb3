import { posix } from 'node:path';
import type { UserAccount } from '../ports.ts';
import { addressKey, countAttempt, signedIn } from '../signIn.ts';
import type { PasskeyForm } from './passkeyForm.ts';
import { finish, type InteractionParts, type Visit } from './visit.ts';

/** Runs a check that could be guessed at: counted before, and told when it fails. */
export async function guarded<T>(
  parts: InteractionParts,
  visit: Visit,
  { id, email }: UserAccount,
  check: () => Promise<T | undefined>,
): Promise<T | { problem: string } | undefined> {
  const { clientId } = visit.client;
  const address = parts.addressOf(visit.request);
  const problem = await countAttempt(parts, { email, address, clientId });
  if (problem !== undefined) return { problem };
  const outcome = await check();
  if (outcome === undefined) parts.ports.onEvent({ kind: 'mfa-failed', clientId, userId: id, address });
  else await parts.attempts.takeBack(addressKey(address));
  return outcome;
}

/** All is proved: on to what the app asks for. */
export async function complete(
  parts: InteractionParts,
  visit: Visit,
  user: UserAccount,
  amr: readonly string[],
): Promise<void> {
  const { clientId } = visit.client;
  await parts.steps.remove(visit.details.uid);
  await signedIn(parts, { user, amr, address: parts.addressOf(visit.request), clientId });
  return finish(parts, visit, { login: { accountId: user.id, amr: [...amr], remember: false } });
}

/** To the page of the step that comes now; to load it again sends no form again. */
export function again({ request, response }: Visit): void {
  const [path = ''] = (request.url ?? '').split('?');
  // Relative: what the browser sees before our paths is the issuer's.
  response.writeHead(303, { Location: posix.basename(path), 'Cache-Control': 'no-store' }).end();
}

/** @param userId whose passkey it must be */
export async function passkeyOf(
  { passkeys, passkeyScript: script }: InteractionParts,
  { details }: Visit,
  userId?: string,
): Promise<PasskeyForm | undefined> {
  if (!passkeys.available) return undefined;
  return { options: await passkeys.requestOptions(details.uid, userId), script };
}
