import type { ClientApplication, Encounter } from '@medplum/fhirtypes';
import { fhirError } from '../fhir/outcome.ts';
import type { Identity } from '../identity/identity.ts';
import { LOCAL_CALLER, type Caller } from './caller.ts';
import type { Records } from './records.ts';

/** What of identity accounts are kept with. */
export type AccountKeeper = Pick<
  Identity,
  | 'clientSecrets'
  | 'invite'
  | 'launches'
  | 'notices'
  | 'passwords'
  | 'revokeClient'
  | 'revokeUser'
  | 'withdrawClient'
  | 'secondFactors'
  | 'sendVerification'
>;

/** Where an app is launched, and for whom. */
export interface LaunchWish {
  patient?: string;
  encounter?: string;
}

/** Also with a version. */
const OWN_PATIENT = /^Patient\/([^/]+)(?:\/_history\/[^/]+)?$/;

const ofAnotherPatient = () =>
  fhirError(
    'unprocessable',
    'business-rule',
    'The encounter is of another patient: launch the app for that one, or leave the patient out.',
  );

/** The door to what users and clients prove themselves with: secrets, passwords, invitations, sessions, launches. */
export class Accounts {
  readonly #records: Pick<Records, 'read'>;
  readonly #keeper: AccountKeeper;

  constructor(records: Pick<Records, 'read'>, keeper: AccountKeeper) {
    this.#records = records;
    this.#keeper = keeper;
  }

  /** Gives a client another secret; what it was given by the old one ends. @returns it: shown once */
  async rotateSecret(caller: Caller, clientId: string): Promise<string> {
    await this.#administered(caller, 'ClientApplication', clientId);
    const secret = await this.#keeper.clientSecrets.make(clientId);
    await this.#keeper.revokeClient(clientId);
    return secret;
  }

  /** Sets a password in place of the user's own; all sessions end. @throws FhirError `unprocessable` for one that is too short */
  async setPassword(caller: Caller, userId: string, password: string): Promise<void> {
    await this.#administered(caller, 'User', userId);
    await this.#keeper.passwords.set(userId, password);
    await this.#keeper.revokeUser(userId);
    this.#keeper.notices.about({ kind: 'password-changed', userId });
  }

  /** A link by which the user chooses a password; also sent by mail where there is a mail server. */
  async invite(caller: Caller, userId: string) {
    await this.#administered(caller, 'User', userId);
    return this.#keeper.invite(userId);
  }

  /** Removes all second factors of a user who has lost them; all sessions end. Where the role asks for one, the next sign-in sets it up. */
  async resetSecondFactors(caller: Caller, userId: string): Promise<void> {
    await this.#administered(caller, 'User', userId);
    await this.#keeper.secondFactors.removeAll(userId);
    await this.#keeper.revokeUser(userId);
    this.#keeper.notices.about({ kind: 'mfa-removed', userId });
  }

  /** Mails the user a link that shows that mail reaches the address. @throws FhirError `unprocessable` without a mail server */
  async sendVerification(caller: Caller, userId: string): Promise<void> {
    await this.#administered(caller, 'User', userId);
    await this.#keeper.sendVerification(userId);
  }

  /** Ends every session and token of a user or client, and puts Subscriptions in error that were made by them. */
  async revoke(caller: Caller, type: 'User' | 'ClientApplication', id: string): Promise<void> {
    await this.#administered(caller, type, id);
    if (type === 'User') await this.#keeper.revokeUser(id);
    else await this.#keeper.withdrawClient(id);
  }

  /**
   * Begins the launch of an app by the caller's own EHR (SMART App Launch 2.2, "EHR launch").
   *
   * @returns the value of the `launch` parameter, and where the app begins, if its resource says so
   * @throws FhirError `forbidden` for a client without a user; `not-found` for a patient or an encounter that the caller may not see;
   *   `unprocessable` for an encounter of another patient
   */
  async launch(caller: Caller, clientId: string, wish: LaunchWish) {
    const { encounter } = wish;
    const { user } = caller.agent;
    if (user === undefined)
      throw fhirError('forbidden', 'forbidden', 'Apps are launched by people: sign in as a user.');
    const client = await this.#client(clientId);
    const ofVisit = encounter === undefined ? undefined : await this.#patientOf(caller, encounter);
    const patient = wish.patient ?? ofVisit;
    if (patient !== undefined) await this.#records.read(caller, 'Patient', patient);
    if (ofVisit !== undefined && ofVisit !== patient) throw ofAnotherPatient();
    const launch = await this.#keeper.launches.begin({
      userId: user,
      clientId,
      ...(patient !== undefined && { patient }),
      ...(encounter !== undefined && { encounter }),
    });
    return { launch, ...(client.launchUri !== undefined && { launchUri: client.launchUri }) };
  }

  /** Id of the patient whom an encounter is of; undefined where it says none of this server. */
  async #patientOf(caller: Caller, encounter: string): Promise<string | undefined> {
    const { content } = await this.#records.read(caller, 'Encounter', encounter);
    const { subject } = JSON.parse(content) as Encounter;
    return OWN_PATIENT.exec(subject?.reference ?? '')?.[1];
  }

  /** That an app is there is known to whoever uses it, though its resource is for administrators. */
  async #client(id: string): Promise<ClientApplication> {
    const { content } = await this.#records.read(LOCAL_CALLER, 'ClientApplication', id);
    return JSON.parse(content) as ClientApplication;
  }

  async #administered(caller: Caller, type: string, id: string): Promise<void> {
    if (!caller.isAdministrator)
      throw fhirError('forbidden', 'forbidden', 'Only administrators manage users and clients.');
    await this.#records.read(caller, type, id);
  }
}
