import { afterAll, beforeAll } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createIdentity, type Identity } from '../../src/identity/identity.ts';
import type {
  IdentityEvent,
  Mail,
  OAuthClient,
  PatientChoice,
  UserAccount,
} from '../../src/identity/ports.ts';
import type { ExternalProvider } from '../../src/identity/external/externalProviders.ts';
import { Notices } from '../../src/store/postgres/notices.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { Browser } from './browser.ts';

export const REDIRECT_URI = 'https://app.example/callback';
export const PASSWORD = 'correct horse battery';

/** A server of the authorization server alone, over a store of its own. */
export interface IdentityServer {
  identity: Identity;
  issuer: string;
  fhirBase: string;
  clients: Map<string, OAuthClient>;
  users: Map<string, UserAccount>;
  patients: PatientChoice[];
  events: IdentityEvent[];
  /** Whose access was withdrawn, each twice. */
  withdrawn: object[];
  defects: unknown[];
  /** What was sent. */
  mails: Mail[];
  test: TestDatabase;
  browser(): Browser;
}

export const USER: UserAccount = {
  id: 'nurse',
  email: 'nurse@clinic.example',
  name: 'Nora Nurse',
  active: true,
  profile: 'Practitioner/1',
};

export const PUBLIC_CLIENT: OAuthClient = {
  id: 'public-app',
  name: 'Growth <chart>',
  active: true,
  authentication: 'none',
  grantTypes: ['authorization_code', 'refresh_token'],
  redirectUris: [REDIRECT_URI],
};

/** The parts of a test server, in beforeAll; their state is the file's. */
/** @param own of the first server */
export function identityForFile(own: Settings = {}): {
  server: () => IdentityServer;
  second: (changes?: Partial<TestDatabase>, settings?: Settings) => Promise<IdentityServer>;
} {
  let server: IdentityServer;
  const closers: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    const test = await testDatabase();
    closers.push(() => test.close());
    server = await open(test, closers, undefined, own);
  });
  afterAll(async () => {
    for (const close of closers.reverse()) await close();
  });
  return {
    server: () => server,
    second: (changes, settings) => open({ ...server.test, ...changes }, closers, server, settings),
  };
}

async function open(
  test: TestDatabase,
  closers: (() => Promise<void>)[],
  like?: IdentityServer,
  {
    registers = false,
    issuer: publicUrl,
    sendsMail = true,
    host = '127.0.0.1',
    own: isOwn = false,
    externalProviders = [],
  }: Settings = {},
): Promise<IdentityServer> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const own = `http://${host}:${(http.address() as AddressInfo).port}`;
  const issuer = publicUrl ?? (isOwn ? own : like?.issuer) ?? own;
  const fhirBase = `${issuer}/fhir/R4`;
  const clients = like?.clients ?? new Map([[PUBLIC_CLIENT.id, PUBLIC_CLIENT]]);
  const users = like?.users ?? new Map([[USER.id, USER]]);
  const patients = like?.patients ?? [
    { id: 'p1', name: 'Ann <Alpha>', detail: '1980-01-01' },
    { id: 'p2', name: 'Bob Beta' },
  ];
  const events: IdentityEvent[] = [];
  const withdrawn: object[] = [];
  const defects: unknown[] = [];
  const mails: Mail[] = [];
  const notices = new Notices({ connection: test.connection, log: () => undefined });
  await notices.start();
  const identity = await createIdentity({
    database: test.database,
    schema: test.schema,
    notices,
    secretKey: Buffer.alloc(32, 7),
    issuer,
    fhirBase,
    privateKeyOrigins: KEY_ORIGINS,
    externalProviders,
    ports: {
      clients: {
        find: async (id) => clients.get(id),
        ...(registers && {
          register: async (client) => {
            const id = randomUUID();
            clients.set(id, { ...client, id });
            return id;
          },
        }),
      },
      users: {
        byId: async (id) => users.get(id),
        byEmail: async (email) => [...users.values()].find((user) => user.email === email),
        emailVerified: async (id) => void users.set(id, { ...users.get(id)!, emailVerified: true }),
      },
      patients: {
        search: async (_user, text, max) =>
          patients.filter(({ id, name }) => `${id} ${name}`.includes(text)).slice(0, max),
        allowed: async (_user, id) => patients.some((patient) => patient.id === id),
      },
      ...(sendsMail && { sendMail: async (mail) => void mails.push(mail) }),
      onEvent: (event) => events.push(event),
      onWithdrawn: async (who) => void withdrawn.push(who),
      onDefect: (error) => defects.push(error),
    },
    log: () => undefined,
  });
  http.on('request', (request, response) => {
    if (!identity.callback(request, response)) response.writeHead(404).end();
  });
  closers.push(async () => {
    await identity.stop();
    await notices.stop();
    await close(http);
  });
  if (!like) await identity.passwords.set(USER.id, PASSWORD);
  const browser = (): Browser => new Browser(own, issuer);
  return {
    ...{ identity, issuer: own, fhirBase, clients, users, patients },
    ...{ events, withdrawn, defects, mails, test, browser },
  };
}

interface Settings {
  /** Whether clients can register themselves. */
  registers?: boolean;
  /** Instead of that of the first server. */
  issuer?: string;
  sendsMail?: boolean;
  /** A name of this machine's. */
  host?: '127.0.0.1' | 'localhost';
  /** Whether it is an issuer of its own, not that of the first server. */
  own?: boolean;
  externalProviders?: ExternalProvider[];
}

/** Filled by tests that serve key sets of clients. */
export const KEY_ORIGINS: string[] = [];

const close = (http: Server): Promise<void> =>
  new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });
