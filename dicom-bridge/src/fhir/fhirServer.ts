import { readFile } from 'node:fs/promises';
import { MedplumClient } from '@medplum/core';

/** The server cannot be asked now, or does not let us in: try again later. */
export class ServerAwayError extends Error {
  override readonly name = 'ServerAwayError';
}

/** Somebody else has written first (status 412): read again, and begin anew. */
export class VersionConflictError extends Error {
  override readonly name = 'VersionConflictError';
}

export interface FhirServerOptions {
  /** Root of the server, without a slash at its end. */
  url: string;
  /** JSON with `clientId` and `clientSecret`; it need not be there yet. */
  clientFile: string;
  log: (event: string, details: Record<string, unknown>) => void;
  /** For one request to be answered. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;
/** Statuses of a server that is busy, or starting, or behind a proxy that does not reach it. */
const AWAY: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const PRECONDITION_FAILED = 412;

/** The FHIR server as its client sees it: signed in by client credentials whenever that is needed. */
export class FhirServer {
  readonly #options: FhirServerOptions;
  readonly #medplum: MedplumClient;
  #signingIn: Promise<void> | undefined;
  #isAway = false;

  constructor(options: FhirServerOptions) {
    this.#options = options;
    this.#medplum = new MedplumClient({
      baseUrl: `${options.url}/`,
      fhirUrlPath: 'fhir/R4',
      maxRetries: 0,
      cacheTime: 0,
      fetch: (url: string, init?: RequestInit) => this.#fetch(url, init),
    });
  }

  /** Whether it could not be asked at the last attempt. */
  get isAway(): boolean {
    return this.#isAway;
  }

  /**
   * A client that is signed in. Its requests reject with ServerAwayError, VersionConflictError, or OperationOutcomeError.
   * @throws ServerAwayError
   */
  async client(): Promise<MedplumClient> {
    if (!this.#medplum.isAuthenticated()) {
      this.#signingIn ??= this.#signIn().finally(() => (this.#signingIn = undefined));
      await this.#signingIn;
    }
    return this.#medplum;
  }

  async #signIn(): Promise<void> {
    const { clientId, clientSecret } = await this.#credentials();
    try {
      await this.#medplum.startClientLogin(clientId, clientSecret);
    } catch (error) {
      if (error instanceof ServerAwayError) throw error;
      throw this.#away('The server does not accept the credentials of the bridge.', error);
    }
  }

  #answers(): void {
    if (this.#isAway) this.#options.log('server answers again', {});
    this.#isAway = false;
  }

  /** Tells it, the first time. */
  #away(reason: string, cause?: unknown): ServerAwayError {
    if (!this.#isAway) this.#options.log('server is away', { reason });
    this.#isAway = true;
    return new ServerAwayError(reason, { cause });
  }

  async #credentials(): Promise<{ clientId: string; clientSecret: string }> {
    try {
      const file = JSON.parse(await readFile(this.#options.clientFile, 'utf8')) as Record<string, unknown>;
      const { clientId, clientSecret } = file;
      if (typeof clientId === 'string' && typeof clientSecret === 'string') return { clientId, clientSecret };
    } catch (error) {
      throw this.#away('The file of DICOM_BRIDGE_CLIENT_FILE cannot be read.', error);
    }
    throw this.#away('The file of DICOM_BRIDGE_CLIENT_FILE has no clientId and clientSecret.');
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const signal = AbortSignal.timeout(this.#options.timeoutMs ?? TIMEOUT_MS);
    const response = await fetch(url, { ...init, signal }).catch((error: unknown) => {
      throw this.#away('The server does not answer.', error);
    });
    const { status } = response;
    if (response.ok) this.#answers();
    if (!AWAY.has(status) && status !== PRECONDITION_FAILED) return response;
    await response.arrayBuffer();
    if (status === PRECONDITION_FAILED) throw new VersionConflictError('Somebody else has written first.');
    throw this.#away(`The server answers with status ${status}.`);
  }
}
