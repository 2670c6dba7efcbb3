import { expect, test } from '@jest/globals';
import * as client from 'openid-client';
import { authorize } from './flow.ts';
import { identityForFile, PUBLIC_CLIENT, REDIRECT_URI, USER } from './support.ts';

// A client of other makers, which checks what it gets: issuer, audience, nonce, signatures, times.
const { server } = identityForFile();

test('openid-client signs in, refreshes, asks about the user, revokes', async () => {
  const { issuer, fhirBase } = server();
  const options = { execute: [client.allowInsecureRequests] };
  const configuration = await client.discovery(
    new URL(issuer),
    PUBLIC_CLIENT.id,
    undefined,
    client.None(),
    options,
  );
  const verifier = client.randomPKCECodeVerifier();
  const state = client.randomState();
  const nonce = client.randomNonce();
  const asked = client.buildAuthorizationUrl(configuration, {
    redirect_uri: REDIRECT_URI,
    scope: 'openid profile fhirUser patient/Patient.rs offline_access',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    aud: fhirBase,
    state,
    nonce,
  });
  const browser = await authorize(server(), Object.fromEntries(asked.searchParams));
  const tokens = await client.authorizationCodeGrant(configuration, new URL(browser.url), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  });
  expect(tokens.claims()).toMatchObject({ sub: USER.id, fhirUser: `${fhirBase}/Practitioner/1` });
  expect(tokens.scope).toBe('openid profile fhirUser patient/Patient.rs offline_access');
  const info = await client.fetchUserInfo(configuration, tokens.access_token, USER.id);
  expect(info.name).toBe(USER.name);
  const refreshed = await client.refreshTokenGrant(configuration, tokens.refresh_token!);
  const known = await client.tokenIntrospection(configuration, refreshed.access_token);
  expect(known).toMatchObject({ active: true, sub: USER.id });
  await client.tokenRevocation(configuration, refreshed.refresh_token!);
  expect(await client.tokenIntrospection(configuration, refreshed.access_token)).toEqual({ active: false });
  expect(server().defects).toEqual([]);
});
