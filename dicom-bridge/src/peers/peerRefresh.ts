import type { MedplumClient } from '@medplum/core';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import { reasonOf } from '../log/reason.ts';
import type { AllowList } from './allowList.ts';
import type { Peer } from './peer.ts';
import type { PeerFile } from './peerFile.ts';
import { readPeers } from './readPeers.ts';

export interface PeerRefreshParts {
  server: { client(): Promise<MedplumClient> };
  allowList: AllowList;
  file: PeerFile;
  /** Admitted for as long as the record has none (DICOM_ALLOW). */
  configured: readonly Peer[];
  log: (event: string, details: Record<string, unknown>) => void;
  intervalMs?: number;
}

const INTERVAL_MS = 10_000;

/**
 * Keeps the allow-list as the record has it. All is read each time: of what was deleted, a search by time would not hear. While the server is away,
 * what it said last holds.
 */
export class PeerRefresh {
  readonly #parts: PeerRefreshParts;
  #timer: NodeJS.Timeout | undefined;
  #underWay: Promise<void> | undefined;
  #isStopped = false;
  /** As JSON, to see changes; absent: the record has never said. */
  #known: string | undefined;
  #ignored: readonly string[] = [];
  #isOfRecord = false;

  constructor(parts: PeerRefreshParts) {
    this.#parts = parts;
    const remembered = parts.file.read();
    if (remembered) this.#known = JSON.stringify(remembered);
    this.#admit(remembered ?? []);
  }

  /** Where the peers are from, and the Endpoints that cannot be used. */
  get state(): { source: 'record' | 'configuration'; ignored: readonly string[] } {
    return { source: this.#isOfRecord ? 'record' : 'configuration', ignored: this.#ignored };
  }

  /** Reads them now, and again and again. */
  start(): void {
    this.#underWay = this.refresh().finally(() => {
      if (this.#isStopped) return;
      this.#timer = setTimeout(() => this.start(), this.#parts.intervalMs ?? INTERVAL_MS).unref();
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#underWay;
  }

  /** Never rejects: what goes wrong is logged, but that the server is away, which its client tells. */
  async refresh(): Promise<void> {
    try {
      const { peers, ignored } = await readPeers(await this.#parts.server.client());
      await this.#take(peers, ignored);
    } catch (error) {
      if (error instanceof ServerAwayError) return;
      this.#parts.log('peers not read', { reason: reasonOf(error) });
    }
  }

  async #take(peers: Peer[], ignored: readonly string[]): Promise<void> {
    const { log, file } = this.#parts;
    for (const why of ignored) if (!this.#ignored.includes(why)) log('peer ignored', { why });
    this.#ignored = ignored;
    const text = JSON.stringify(peers);
    if (text === this.#known) return;
    this.#admit(peers);
    await file.write(peers);
    this.#known = text;
    log('peers changed', { count: peers.length });
  }

  #admit(ofRecord: readonly Peer[]): void {
    this.#isOfRecord = ofRecord.length > 0;
    this.#parts.allowList.replace(this.#isOfRecord ? ofRecord : this.#parts.configured);
  }
}
