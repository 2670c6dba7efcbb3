import { Provider, type KoaContextWithOIDC } from 'oidc-provider';
import type { SessionFacts } from '../account/given.ts';
import type { ClientSecrets } from '../clientSecrets.ts';
import { OAUTH_PATHS } from '../paths.ts';
import type { IdentityEvent } from '../ports.ts';
import { providerConfiguration, type ProviderParts } from './configuration.ts';
import { inOAuthWords } from './failures.ts';

export interface AllProviderParts extends ProviderParts {
  clientSecrets: ClientSecrets;
  /** Ends what came of a session; `uid` names it. */
  onSessionEnded(uid: string): Promise<void>;
  /** Told of each authorization request of somebody who is signed in. */
  onSessionSeen(uid: string, userId: string, facts: SessionFacts): Promise<void>;
}

/** Makes the provider; its settings are in `configuration.ts`, here is what it has no setting for. */
export function createProvider(parts: AllProviderParts): Provider {
  const provider = new Provider(parts.issuer, providerConfiguration(parts));
  provider.proxy = true; // callback.ts sets the headers that it goes by
  // The way that the provider's manual has for secrets that are stored as hashes.
  Object.assign(provider.Client.prototype, {
    compareClientSecret(this: { clientId: string }, secret: string): Promise<boolean> {
      return inOAuthWords(parts.clientSecrets.matches(this.clientId, secret));
    },
  });
  provider.use(async (ctx, next) => {
    if (ctx.path === OAUTH_PATHS.authorization) askForConsent(ctx);
    const ending = ctx.path === `${OAUTH_PATHS.end_session}/confirm`;
    if (ctx.path === OAUTH_PATHS.token) ctx.set('Pragma', 'no-cache'); // RFC 6749 5.1, beside Cache-Control
    await next();
    if (ctx.path === OAUTH_PATHS.token) letCookiesCome(ctx);
    const oidc = (ctx as unknown as KoaContextWithOIDC).oidc as KoaContextWithOIDC['oidc'] | undefined;
    if (ctx.path === OAUTH_PATHS.token && oidc) addLaunchContext(ctx as unknown as KoaContextWithOIDC);
    const { accountId, uid } = oidc?.session ?? {};
    const isAuthorization = ctx.path.startsWith(OAUTH_PATHS.authorization);
    if (isAuthorization && accountId !== undefined && uid !== undefined)
      await parts.onSessionSeen(uid, accountId, { address: ctx.ip, userAgent: ctx.get('user-agent') });
    if (ending && oidc?.session && 'destroyed' in oidc.session) await parts.onSessionEnded(oidc.session.uid);
  });
  report(provider, parts);
  return provider;
}

/** Some clients' pages send cookies along, and browsers then want this of whom they may call. No cookie is looked at there. */
function letCookiesCome(ctx: {
  response: { get(name: string): string };
  set(name: string, value: string): void;
}): void {
  const origin = ctx.response.get('Access-Control-Allow-Origin');
  if (origin !== '' && origin !== '*') ctx.set('Access-Control-Allow-Credentials', 'true');
}

/** The provider leaves `offline_access` out, silently, unless consent is asked for; here it always is. */
function askForConsent(ctx: { query: Record<string, unknown> }): void {
  const { scope, prompt } = ctx.query;
  const wanted = typeof scope === 'string' && scope.split(' ').includes('offline_access');
  const asked = typeof prompt === 'string' ? prompt.split(' ').filter(Boolean) : [];
  if (!wanted || Array.isArray(prompt) || asked.includes('none') || asked.includes('consent')) return;
  ctx.query = { ...ctx.query, prompt: [...asked, 'consent'].join(' ') };
}

/** The launch context goes beside the access token (SMART App Launch 2.2). */
function addLaunchContext(ctx: KoaContextWithOIDC): void {
  const extra = ctx.oidc.entities.AccessToken?.extra;
  const body = ctx.body as { access_token?: string } | undefined;
  if (body?.access_token === undefined || extra === undefined) return;
  const { fhirUser: _inIdToken, ...context } = extra;
  ctx.body = { ...body, ...context };
}

function report(provider: Provider, { ports }: ProviderParts): void {
  const tell = (kind: IdentityEvent['kind'], ctx: KoaContextWithOIDC, detail?: string): void => {
    const { client, entities } = ctx.oidc;
    const userId = entities.Account?.accountId;
    ports.onEvent({ kind, clientId: client?.clientId, userId, address: ctx.ip, detail });
  };
  provider.on('grant.success', (ctx) => tell('token-issued', ctx, String(ctx.oidc.params?.grant_type)));
  provider.on('grant.error', (ctx, { error }) => tell('token-refused', ctx, error));
  provider.on('authorization.error', (ctx, { error }) => tell('refused', ctx, error));
  provider.on('end_session.success', (ctx) => tell('sign-out', ctx));
  provider.on('server_error', (_ctx, error) => ports.onDefect(error));
}
