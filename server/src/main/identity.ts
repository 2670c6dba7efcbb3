import path from 'node:path';
import type { IncomingMessage } from 'node:http';
import { ConfigError, type Config } from '../config.ts';
import { openAdministratorClient, type AdministratorClient } from '../identity/administratorClient.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { OwnedFileError } from '../identity/ownedFile.ts';
import type { Identified, IdentityPorts } from '../identity/ports.ts';
import type { Caller } from '../records/caller.ts';
import { Callers } from '../records/callers/callers.ts';
import { WhoAmI, type Me } from '../records/callers/me.ts';
import { OnBehalfOf } from '../records/callers/onBehalfOf.ts';
import { ClientRecords } from '../records/directory/clients.ts';
import { Memberships } from '../records/directory/memberships.ts';
import { PatientRecords } from '../records/directory/patients.ts';
import { UserRecords } from '../records/directory/users.ts';
import type { Records } from '../records/records.ts';
import type { Trails } from '../records/trail/trails.ts';
import type { Log } from '../store/postgres/log.ts';
import type { Notices } from '../store/postgres/notices.ts';
import type { Store } from '../store/store.ts';
import { openConsents } from './consents.ts';
import type { Lifetime } from './lifetime.ts';
import { openMail } from './mail.ts';
import { recordedMe } from './recordedMe.ts';
import { limitsOfRequests, type OpenLimits } from './storeLimits.ts';
import type { StorePlace } from './storePlace.ts';

export interface IdentityParts {
  config: Config;
  store: Store;
  records: Records;
  notices: Notices;
  place: StorePlace;
  log: Log;
  trails: Trails;
  limits: OpenLimits;
  onEvent: IdentityPorts['onEvent'];
  onShown: NonNullable<IdentityPorts['onShown']>;
  onDefect(error: unknown): void;
  /** Somebody's access was withdrawn. */
  onWithdrawn(who: { userId?: string; clientId?: string }): Promise<void>;
}

/** The authorization server over the records, and what its tokens let somebody do. */
export interface OpenIdentity {
  identity: Identity;
  callers: Callers;
  /** Who sends a request. @param units that it costs; a read 1 @throws FhirError `login`, throttled, busy */
  authenticate(request: IncomingMessage, units?: number): Promise<Caller>;
  /** Who holds an access token. @param authorization as the header has it @throws FhirError `login` where it opens nothing (any more) */
  holderOf(authorization: string): Promise<{ caller: Caller; expiresMs: number }>;
  /** Whether a client, and a user, are there and active. */
  isLetIn(who: Pick<Identified, 'clientId' | 'userId'>): Promise<boolean>;
  /** What the sender is told of himself. @throws FhirError `login`, throttled, busy */
  me(request: IncomingMessage): Promise<Me>;
  /** Where the credentials of the first administrator client stand; absent: in the configuration, or with whoever made the tenant. */
  administratorFile?: string;
}

/** Opens it; stops at the end of `lifetime`. @throws ConfigError that names the variable */
export async function openIdentity(parts: IdentityParts, lifetime: Lifetime): Promise<OpenIdentity> {
  const { config, store, records, place, log } = parts;
  const { addressOf } = parts.limits;
  const memberships = new Memberships(store);
  /** Filled as soon as there is somewhere to keep its secret. */
  const administrator: Partial<AdministratorClient> = {};
  const administratorId = () => administrator.clientId;
  const consents = await openConsents(parts, lifetime);
  const callers = new Callers({ store, memberships, administratorId, consents, log });
  const clients = new ClientRecords({
    store,
    records,
    administratorId,
    hasSecret: (id) => identity.clientSecrets.has(id),
  });
  const find = (id: string) => clients.find(id);
  const users = new UserRecords(store, memberships, { records, mfaPolicies: config.mfaPolicies });
  const identity = await createIdentity({
    database: store.database,
    schema: place.schema,
    notices: parts.notices,
    secretKey: place.key,
    issuer: place.root,
    fhirBase: place.fhirBase,
    ports: {
      clients: config.clientRegistration ? clients : { find },
      users,
      patients: new PatientRecords(records, callers, parts.trails),
      ...(config.smtpUrl === undefined
        ? {}
        : { sendMail: openMail(config.smtpUrl, config.mailFrom!, lifetime) }),
      onEvent: (event) => parts.onEvent(event),
      onShown: (event) => parts.onShown(event),
      onWithdrawn: (who) => parts.onWithdrawn(who),
      addressOf: (request) => addressOf(request) ?? '',
      limits: parts.limits.limits,
      onDefect: (error) => parts.onDefect(error),
    },
    externalProviders: config.externalProviders,
    onAdministration: () => store.administration.heard(),
    log,
  });
  lifetime.atEnd(() => identity.stop());
  store.administration.onChanged(() => identity.forgetAll());
  if (place.tenant === undefined)
    Object.assign(administrator, await openAdministrator(identity, config, place.dataDir));
  const { file } = administrator;
  const onBehalfOf = new OnBehalfOf({ store, memberships, callers });
  const { signedIn } = limitsOfRequests(parts.limits);
  const identified = async (request: IncomingMessage, units = 1) => {
    const { authorization } = request.headers;
    const who =
      identity.remembered(authorization) ?? (await identity.authenticate(authorization, addressOf(request)));
    signedIn(who, request, units);
    return who;
  };
  return {
    identity,
    callers,
    authenticate: async (request, units) => {
      const caller = await callers.of(await identified(request, units));
      const other = request.headers['x-medplum-on-behalf-of'];
      return other === undefined ? caller : onBehalfOf.of(caller, String(other));
    },
    holderOf: async (authorization) => {
      const who = await identity.authenticate(authorization);
      return { caller: await callers.of(who), expiresMs: who.expiresAtMs };
    },
    isLetIn: async ({ clientId, userId }) =>
      // A bot acts as a client by its own name: its membership says what it may do.
      (clientId.startsWith('Bot/') || (await find(clientId))?.active === true) &&
      (userId === undefined || (await users.byId(userId))?.active === true),
    me: recordedMe({
      ...parts,
      ...parts.limits,
      callers,
      identified,
      whoAmI: new WhoAmI(store, memberships),
    }),
    ...(file === undefined ? {} : { administratorFile: file }),
  };
}

async function openAdministrator(identity: Identity, config: Config, dataDir: string) {
  const { adminClientId: clientId, adminClientSecret: clientSecret } = config;
  const configured = clientId === undefined ? undefined : { clientId, clientSecret: clientSecret! };
  const file = path.join(dataDir, 'administrator-client.json');
  try {
    return await openAdministratorClient(identity.clientSecrets, configured, file);
  } catch (error) {
    // Of the configuration it has been judged before.
    if (error instanceof RangeError)
      throw new ConfigError(
        'MAXRAY_DATA_DIR',
        `has ${file}, whose secret is too short or too long: remove it, and another is made`,
      );
    if (error instanceof OwnedFileError) throw new ConfigError('MAXRAY_DATA_DIR', error.message);
    throw error;
  }
}
