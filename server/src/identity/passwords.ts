import { randomBytes } from 'node:crypto';
import { fhirError } from '../fhir/outcome.ts';
import type { SecretTable } from '../store/identity/secrets.ts';
import type { SlowHashing } from './hashing.ts';

export const PASSWORD_CHARS_MIN = 12;
export const PASSWORD_CHARS_MAX = 256;

/** Why a password cannot be taken. */
export const passwordProblem = (password: string): string | undefined =>
  password.length < PASSWORD_CHARS_MIN || password.length > PASSWORD_CHARS_MAX
    ? `A password has ${PASSWORD_CHARS_MIN} to ${PASSWORD_CHARS_MAX} characters.`
    : undefined;

/** Passwords of users, as argon2id hashes. */
export class Passwords {
  readonly #table: SecretTable;
  readonly #hashing: SlowHashing;
  /** Of nobody: what an unknown user's password is compared with, so that the answer takes as long. */
  readonly #nobodys: Promise<string>;

  constructor(table: SecretTable, hashing: SlowHashing) {
    this.#table = table;
    this.#hashing = hashing;
    this.#nobodys = hashing.hash(randomBytes(16).toString('hex'));
  }

  /** @throws FhirError `unprocessable` when it is too short or too long */
  async set(userId: string, password: string): Promise<void> {
    const problem = passwordProblem(password);
    if (problem !== undefined) throw fhirError('unprocessable', 'business-rule', problem);
    await this.setHashed(userId, await this.hashed(password));
  }

  /** For {@link setHashed}: the slow part, which may also be refused, before anything is used up. @throws FhirError busy */
  hashed(password: string): Promise<string> {
    return this.#hashing.hash(normalised(password));
  }

  async setHashed(userId: string, hashed: string): Promise<void> {
    await this.#table.setHash(ownerOf(userId), 'password', hashed);
  }

  /** Whether this is the user's password. Takes as long for a user that there is not (undefined), or who has none. */
  async matches(userId: string | undefined, password: string): Promise<boolean> {
    const owner = ownerOf(userId ?? 'nobody');
    const stored = await this.#table.hash(owner, 'password');
    const fits = password.length <= PASSWORD_CHARS_MAX;
    const same = await this.#hashing.verify(
      stored ?? (await this.#nobodys),
      fits ? normalised(password) : '',
    );
    return same && fits && userId !== undefined && stored !== undefined;
  }

  async remove(userId: string): Promise<void> {
    await this.#table.remove(ownerOf(userId), 'password');
  }
}

const ownerOf = (userId: string): string => `User/${userId}`;

/** The same password, whatever keyboard it was typed on. */
const normalised = (password: string): string => password.normalize('NFKC');
