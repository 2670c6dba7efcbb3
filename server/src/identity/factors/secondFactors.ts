import { randomBytes } from 'node:crypto';
import type { CredentialTable } from '../../store/identity/credentials.ts';
import { base32, totpStep } from './totp.ts';

/** Codes for when the phone is lost: shown once, each good once. */
export const RECOVERY_CODES = 10;
/** 80 bits, which nobody tries out even who has the hash. */
const RECOVERY_CODE_BYTES = 10;

/** What a user can prove by, besides a password. */
export interface Factors {
  totp: boolean;
  passkeys: boolean;
  /** Those not yet used. */
  recoveryCodes: number;
}

export const hasSecondFactor = ({ totp, passkeys }: Factors): boolean => totp || passkeys;

/** How somebody proved to have a second factor, as events tell it. */
export type CodeKind = 'totp' | 'recovery-code';

/** Authenticator apps (RFC 6238) and recovery codes of users. */
export class SecondFactors {
  readonly #table: CredentialTable;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(table: CredentialTable, now: () => number = Date.now) {
    this.#table = table;
    this.#now = now;
  }

  async of(userId: string): Promise<Factors> {
    const all = await this.#table.ofAccount(userId);
    const kinds = all.map(({ kind }) => kind);
    const recoveryCodes = kinds.filter((kind) => kind === 'recovery-code').length;
    return { totp: kinds.includes('totp'), passkeys: kinds.includes('passkey'), recoveryCodes };
  }

  /** Takes an app into use once it has shown a code of the secret. @returns false when the code is wrong, or there is an app already */
  async confirmTotp(userId: string, secret: string, code: string): Promise<boolean> {
    const step = totpStep(secret, withoutSpaces(code), this.#now());
    if (step === undefined) return false;
    const app = { kind: 'totp', id: userId, account: userId, value: { secret }, counter: step } as const;
    return this.#table.add(app);
  }

  /**
   * Whether this is the code that the user's app shows now, or one of the recovery codes. Either is good once: of two who send the same
   * code, one gets in.
   */
  async accept(userId: string, typed: string): Promise<CodeKind | undefined> {
    const code = withoutSpaces(typed);
    if (/^\d+$/.test(code)) return (await this.#acceptTotp(userId, code)) ? 'totp' : undefined;
    const id = recoveryId(userId, code);
    return (await this.#table.take('recovery-code', id)) ? 'recovery-code' : undefined;
  }

  /** Makes recovery codes in place of those before. @returns them: shown once, stored as hashes */
  async newRecoveryCodes(userId: string): Promise<string[]> {
    const codes = Array.from({ length: RECOVERY_CODES }, () => base32(randomBytes(RECOVERY_CODE_BYTES)));
    const rows = codes.map((code) => ({
      kind: 'recovery-code' as const,
      id: recoveryId(userId, code),
      account: userId,
      value: {},
    }));
    await this.#table.replaceAll(userId, 'recovery-code', rows);
    return codes.map((code) => code.match(/.{4}/g)!.join('-'));
  }

  /** Removes the app; with the last second factor the recovery codes go too. */
  async removeTotp(userId: string): Promise<boolean> {
    const removed = await this.#table.remove(userId, { kind: 'totp' });
    await this.tidy(userId);
    return removed;
  }

  /** Recovery codes stand for a second factor, and are none by themselves. */
  async tidy(userId: string): Promise<void> {
    if (!hasSecondFactor(await this.of(userId))) await this.#table.remove(userId, { kind: 'recovery-code' });
  }

  /** For somebody who has lost them all: with the next sign-in new ones are set up, where the role asks for them. */
  async removeAll(userId: string): Promise<void> {
    for (const kind of ['totp', 'passkey', 'recovery-code'] as const)
      await this.#table.remove(userId, { kind });
  }

  async #acceptTotp(userId: string, code: string): Promise<boolean> {
    const app = await this.#table.find('totp', userId);
    if (!app) return false;
    const step = totpStep(String(app.value.secret), code, this.#now());
    return step !== undefined && this.#table.use('totp', userId, step);
  }
}

const withoutSpaces = (typed: string): string => typed.replace(/[\s-]/g, '').toUpperCase();

const recoveryId = (userId: string, code: string): string => `${userId} ${code}`;
