import { beforeEach, describe, expect, test } from '@jest/globals';
import { Background } from '../../src/identity/background.ts';
import { AccountNotices, PLACES_MAX } from '../../src/identity/notices.ts';
import type { IdentityEvent, Mail, UserAccount } from '../../src/identity/ports.ts';
import { ArtifactTable } from '../../src/store/identity/artifacts.ts';
import { Sealer } from '../../src/store/identity/sealer.ts';
import { until } from '../support/program.ts';
import type { Browser } from './browser.ts';
import { tokens } from './flow.ts';
import { identityForFile, PASSWORD, USER } from './support.ts';

const { server } = identityForFile();
const NEW = 'a quite different one';

/** Notices of a user of their own, over the same database. */
function notices(user: UserAccount, canMail = true) {
  const mails: Mail[] = [];
  const users = new Map([[user.id, user]]);
  const background = new Background((error) => {
    throw error;
  });
  const { database, schema } = server().test;
  const made = new AccountNotices({
    ports: {
      users: { byId: async (id) => users.get(id), byEmail: async () => undefined },
      ...(canMail && { sendMail: async (mail) => void mails.push(mail) }),
    },
    artifacts: new ArtifactTable(database, schema, new Sealer(Buffer.alloc(32, 7), 'identity')),
    background,
    issuer: 'https://clinic.example',
  });
  return {
    mails,
    users,
    async about(event: Omit<IdentityEvent, 'userId'>) {
      mails.length = 0;
      made.about({ ...event, userId: user.id });
      await background.settled();
      return mails.map(({ to, text }) => [to, text.split('\n')[0]]);
    },
  };
}

const userNamed = (id: string): UserAccount => ({ ...USER, id, email: `${id}@clinic.example` });
const signIn = (address: string) => ({ kind: 'sign-in', address }) as const;

describe('a mail', () => {
  test.each([
    [{ kind: 'password-changed' }, /password of your account was changed\.$/],
    [{ kind: 'password-reset', detail: 'password-reset' }, /changed by a link from a mail/],
    [{ kind: 'mfa-enrolled', detail: 'totp' }, /can now be signed in to with an authenticator app/],
    [{ kind: 'mfa-enrolled', detail: 'passkey' }, /can now be signed in to with a passkey/],
    [{ kind: 'mfa-enrolled', detail: 'recovery-codes' }, /can now be signed in to with new recovery codes/],
    [{ kind: 'mfa-removed', detail: 'passkey' }, /cannot be signed in to with a passkey any more/],
    [{ kind: 'account-linked', detail: 'hospital' }, /can now .* an account elsewhere/],
    [{ kind: 'account-unlinked' }, /cannot .* an account elsewhere any more/],
  ] as [Omit<IdentityEvent, 'userId'>, RegExp][])('tells of %j', async (event, text) => {
    const { about, mails } = notices(userNamed('told'));
    expect(await about({ ...event, address: '198.51.100.1' })).toEqual([
      ['told@clinic.example', expect.stringMatching(text)],
    ]);
    expect(mails[0]).toMatchObject({ subject: 'Your MaxRay account' });
    expect(mails[0]!.text).toContain('From: 198.51.100.1');
    expect(mails[0]!.text).toContain('https://clinic.example/oauth2/forgot');
  });

  test.each([
    { kind: 'password-reset', detail: 'invitation' },
    { kind: 'sign-in-failed', detail: 'password' },
    { kind: 'token-issued' },
    { kind: 'session-ended' },
    { kind: 'invited' },
  ] as Omit<IdentityEvent, 'userId'>[])('tells nothing of %j', async (event) => {
    expect(await notices(userNamed('untold')).about(event)).toEqual([]);
  });

  test('is not sent without a mail server, and to nobody who is gone', async () => {
    expect(await notices(userNamed('silent'), false).about({ kind: 'password-changed' })).toEqual([]);
    const { about, users } = notices(userNamed('gone'));
    users.clear();
    expect(await about({ kind: 'password-changed' })).toEqual([]);
  });
});

describe('a sign-in', () => {
  test('from a new place is told, the first one not', async () => {
    const { about } = notices(userNamed('mover'));
    expect(await about(signIn('198.51.100.1'))).toEqual([]);
    expect(await about(signIn('198.51.7.7'))).toEqual([]);
    expect(await about(signIn('203.0.113.1'))).toEqual([
      ['mover@clinic.example', expect.stringContaining('from a new place')],
    ]);
    expect(await about(signIn('203.0.5.5'))).toEqual([]);
    expect(await about(signIn('198.51.100.1'))).toEqual([]);
  });

  test('is remembered when all else of the user has ended, and only so many', async () => {
    const { about } = notices(userNamed('traveller'));
    await about(signIn('10.0.0.1'));
    await server().identity.revokeUser('traveller');
    for (let i = 1; i <= PLACES_MAX; i++) expect(await about(signIn(`10.${i}.0.1`))).toHaveLength(1);
    expect(await about(signIn('10.1.0.1'))).toEqual([]);
    expect(await about(signIn('10.0.0.1'))).toHaveLength(1);
  });

  test('by another address than last time is told the old one too, and so is whatever came between', async () => {
    const user = userNamed('renamed');
    const { about, users } = notices(user);
    await about(signIn('198.51.100.1'));
    users.set(user.id, { ...user, email: 'thief@evil.example' });
    const both = ['renamed@clinic.example', 'thief@evil.example'];
    const changed = await about({ kind: 'password-reset', detail: 'password-reset' });
    expect(changed.map(([to]) => to).sort()).toEqual(both);
    const signedIn = await about(signIn('198.51.100.1'));
    expect(signedIn.map(([to]) => to).sort()).toEqual(both);
    expect(signedIn[0]![1]).toContain('email address of your account was changed');
    expect(await about(signIn('198.51.100.1'))).toEqual([]);
  });
});

describe('through the pages', () => {
  const mailed = () => server().mails.filter(({ subject }) => subject === 'Your MaxRay account');
  beforeEach(async () => {
    await server().identity.passwords.set(USER.id, PASSWORD);
    server().mails.length = 0;
  });

  test('a changed password is told, and no secret with it', async () => {
    const browser: Browser = server().browser();
    await browser.open(`${server().issuer}/oauth2/account`);
    await browser.submit({ email: USER.email, password: PASSWORD, action: 'sign-in' });
    await browser.open(`${server().issuer}/oauth2/account/password`);
    await browser.submit({ current: PASSWORD, password: NEW, repeat: NEW });
    await until(() => mailed().length > 0, 'a mail is sent');
    expect(mailed()).toMatchObject([{ to: USER.email }]);
    const { text } = mailed()[0]!;
    expect(text).toContain('The password of your account was changed.');
    for (const secret of [PASSWORD, NEW, 'csrf', 'token']) expect(text).not.toContain(secret);
  });

  test('a usual sign-in is not', async () => {
    await tokens(server(), { scope: 'openid patient/*.rs' });
    await tokens(server(), { scope: 'openid patient/*.rs' });
    expect(mailed()).toEqual([]);
  });
});
