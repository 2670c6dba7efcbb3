import type { ArtifactTable } from '../store/identity/artifacts.ts';
import { INTERACTION_LIFETIME_S } from './provider/lifetimes.ts';

/** How far somebody has come who signs in in more than one step. */
export interface SignInStep {
  userId: string;
  /** Methods so far (RFC 8176). */
  amr: string[];
  /** Of an authenticator app that is being set up: base32. */
  secret?: string;
  /** All is proved; recovery codes are being shown. */
  complete?: true;
}

const MODEL = 'SignInStep';

/** Steps of signing in that have been taken, each under the interaction that only the browser has in which it was begun. */
export class SignInSteps {
  readonly #artifacts: ArtifactTable;

  constructor(artifacts: ArtifactTable) {
    this.#artifacts = artifacts;
  }

  async find(interaction: string): Promise<SignInStep | undefined> {
    const found = await this.#artifacts.findGood(MODEL, interaction);
    return found?.payload as SignInStep | undefined;
  }

  async put(interaction: string, step: SignInStep): Promise<void> {
    await this.#artifacts.put({
      model: MODEL,
      id: interaction,
      payload: step,
      expiresInS: INTERACTION_LIFETIME_S,
      account: step.userId,
    });
  }

  async remove(interaction: string): Promise<void> {
    await this.#artifacts.remove(MODEL, interaction);
  }
}
