import { beforeAll, describe, expect, test } from '@jest/globals';
import type { ClientApplication, ProjectMembership, User } from '@medplum/fhirtypes';
import { accountOf, clientOf } from '../../src/identity/resources.ts';
import { basic, post } from './flow.ts';
import { identityForFile } from './support.ts';

const { server } = identityForFile();
const APP: ClientApplication = { resourceType: 'ClientApplication', id: 'app', name: 'App' };

describe('a ClientApplication', () => {
  test('with a secret and a way back', () => {
    const resource: ClientApplication = {
      ...APP,
      redirectUri: 'https://a.example/1',
      redirectUris: ['https://a.example/2', 'https://a.example/1'],
      accessTokenLifetime: '30m',
      refreshTokenLifetime: '2w',
      allowedOrigin: ['https://b.example'],
      pkceOptional: true,
      secret: 'never looked at',
    };
    expect(clientOf(resource, { hasSecret: true })).toEqual({
      id: 'app',
      name: 'App',
      active: true,
      authentication: 'secret',
      grantTypes: ['authorization_code', 'refresh_token', 'client_credentials'],
      redirectUris: ['https://a.example/1', 'https://a.example/2'],
      accessTokenLifetimeS: 1800,
      refreshTokenLifetimeS: 14 * 86_400,
      allowedOrigins: ['https://b.example'],
    });
  });

  test.each<[string, Partial<ClientApplication>, boolean, object]>([
    [
      'public',
      { redirectUris: ['https://a.example/'] },
      false,
      { authentication: 'none', grantTypes: ['authorization_code', 'refresh_token'] },
    ],
    [
      'with a key',
      { jwksUri: 'https://a.example/jwks' },
      true,
      { authentication: 'key', grantTypes: ['client_credentials'] },
    ],
    ['neither secret nor way back', {}, false, { grantTypes: [] }],
    [
      'grants that it names',
      { grantType: ['client_credentials', 'password'], redirectUris: ['https://a.example/'] },
      true,
      { grantTypes: ['client_credentials'] },
    ],
    ['off', { status: 'off' }, true, { active: false }],
    ['with an error', { status: 'error' }, true, { active: false }],
    [
      'default scopes',
      { defaultScope: ['system/Patient.rs system/Task.c'] },
      true,
      { defaultScopes: ['system/Patient.rs', 'system/Task.c'] },
    ],
  ])('%s', (_name, changes, hasSecret, expected) => {
    expect(clientOf({ ...APP, ...changes }, { hasSecret })).toMatchObject(expected);
  });

  test.each(['soon', '0h', '-1h', '1x', '1 h', ''])('no lifetime: "%s"', (accessTokenLifetime) => {
    const client = clientOf({ ...APP, accessTokenLifetime }, { hasSecret: true });
    expect(client).not.toHaveProperty('accessTokenLifetimeS');
  });

  test('what the operator knows besides wins, but for who it is and whether it is on', () => {
    const more = { firstParty: true, scopes: ['system/*.rs'], id: 'other', active: true };
    expect(clientOf({ ...APP, status: 'off' }, { hasSecret: true, more })).toMatchObject({
      id: 'app',
      active: false,
      firstParty: true,
      scopes: ['system/*.rs'],
    });
    expect(() => clientOf({ resourceType: 'ClientApplication' }, { hasSecret: true })).toThrow(RangeError);
  });

  describe('at the token endpoint', () => {
    let secret: string;
    beforeAll(async () => {
      secret = await server().identity.clientSecrets.make('app');
    });
    test.each<[Partial<ClientApplication>, string, number]>([
      [{}, 'system/*.cruds', 3600],
      [{ defaultScope: ['system/Patient.rs'], accessTokenLifetime: '5m' }, 'system/Patient.rs', 300],
    ])('%j', async (changes, scope, expires_in) => {
      const { clientSecrets } = server().identity;
      const client = clientOf({ ...APP, ...changes }, { hasSecret: await clientSecrets.has('app') });
      server().clients.set('app', client);
      const grant = { grant_type: 'client_credentials' };
      const { body } = await post(server(), 'token', grant, basic('app', secret));
      expect(body).toMatchObject({ scope, expires_in });
    });
  });
});

describe('a User', () => {
  const user: User = {
    resourceType: 'User',
    id: 'u',
    firstName: 'Nora',
    lastName: 'Nurse',
    email: 'Nora@Clinic.example',
  };
  const membership = (changes: Partial<ProjectMembership> = {}): ProjectMembership => ({
    resourceType: 'ProjectMembership',
    project: { reference: 'Project/1' },
    user: { reference: 'User/u' },
    profile: { reference: 'Practitioner/1' },
    ...changes,
  });

  test('with its membership', () => {
    expect(accountOf(user, membership())).toEqual({
      id: 'u',
      email: 'nora@clinic.example',
      name: 'Nora Nurse',
      active: true,
      profile: 'Practitioner/1',
    });
  });

  test('may have to have a second factor', () => {
    expect(accountOf({ ...user, mfaRequired: true }, membership()).mfaRequired).toBe(true);
  });

  test('cannot sign in without an active membership or an email', () => {
    const { email: _none, ...nameless } = user;
    expect(accountOf(user, undefined).active).toBe(false);
    expect(accountOf(user, membership({ active: false })).active).toBe(false);
    expect(accountOf(nameless, membership()).active).toBe(false);
    expect(() => accountOf({ ...user, id: undefined } as unknown as User, membership())).toThrow(RangeError);
  });

  test.each(['Bot/1', 'Practitioner?name=x', 'https://elsewhere.example/Patient/1', 'Patient/1/_history/1'])(
    'whose profile is no person here has none: %s',
    (reference) => {
      expect(accountOf(user, membership({ profile: { reference } }))).not.toHaveProperty('profile');
    },
  );
});
