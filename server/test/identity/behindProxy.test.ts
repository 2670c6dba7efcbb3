import { beforeAll, expect, test } from '@jest/globals';
import { authorizeUrl } from './flow.ts';
import { identityForFile, PASSWORD, REDIRECT_URI, USER, type IdentityServer } from './support.ts';

// As a proxy would: https outside, a path that is cut off, and requests that come in under the proxy's own name.
const ISSUER = 'https://ehr.example/maxray';
const { second } = identityForFile();
let server: IdentityServer;
beforeAll(async () => {
  server = await second({}, { issuer: ISSUER });
});

const inside = (url: string): string => url.replace(ISSUER, server.issuer);
const visit = (url: string, init: RequestInit = {}) => fetch(inside(url), { redirect: 'manual', ...init });
/** Cookies as a browser would send them. */
const cookiesOf = (...answers: Response[]): string =>
  answers
    .flatMap(({ headers }) => headers.getSetCookie())
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ');

test('every address is that of the issuer, and cookies are for https alone', async () => {
  const document = (await (await visit(`${ISSUER}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >;
  expect(document.issuer).toBe(ISSUER);
  for (const [name, value] of Object.entries(document))
    if (/_(endpoint|uri)$/.test(name)) expect(value).toMatch(new RegExp(`^${ISSUER}/oauth2/`));

  const asked = await visit(authorizeUrl(server));
  const page = asked.headers.get('location')!;
  expect(page.startsWith(`${ISSUER}/oauth2/interaction/`)).toBe(true);
  expect(asked.headers.get('strict-transport-security')).toBe('max-age=63072000');
  for (const cookie of asked.headers.getSetCookie()) {
    expect(cookie).toMatch(/; secure; httponly; samesite=lax|; samesite=lax; secure; httponly/i);
    expect(cookie).toMatch(/path=\/(maxray\/|;|$)/);
  }

  const form = await visit(page, { headers: { Cookie: cookiesOf(asked) } });
  const csrf = /name="csrf" value="([^"]+)"/.exec(await form.text())![1]!;
  const signedIn = await visit(page, {
    method: 'POST',
    headers: { Cookie: cookiesOf(asked) },
    body: new URLSearchParams({ csrf, email: USER.email, password: PASSWORD, action: 'sign-in' }),
  });
  const next = signedIn.headers.get('location')!;
  expect([signedIn.status, next.startsWith(`${ISSUER}/oauth2/authorize/`)]).toEqual([303, true]);
  const resumed = await visit(next, { headers: { Cookie: cookiesOf(asked, signedIn) } });
  expect(resumed.headers.get('location')!.startsWith(`${ISSUER}/oauth2/interaction/`)).toBe(true);
  expect(resumed.headers.get('location')).not.toContain(REDIRECT_URI);
  expect(server.defects).toEqual([]);
});
