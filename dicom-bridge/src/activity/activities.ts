import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { DIMSE_STATUS, type Requester } from '../dimse/services.ts';
import type { AnsweredQuery, Witness } from '../dimse/witness.ts';
import { reasonOf } from '../log/reason.ts';
import { isAeTitle, plainAddress, type Peer } from '../peers/peer.ts';
import { MODALITY_WORKLIST } from '../worklist/worklistService.ts';
import { STUDIES_MAX, type Activity, type ActivityKind, type StudyCount } from './activity.ts';
import type { ActivityLedger } from './activityLedger.ts';
import { Refusals } from './refusals.ts';
import { Transfers, type Transfer } from './transfers.ts';

export interface ActivitiesParts {
  ledger: Pick<ActivityLedger, 'add'>;
  /** Study Instance UID of an object that was received; undefined: it is not known any more. */
  studyOf: (sopInstanceUid: string) => string | undefined;
  peers: { find(aeTitle: string): Peer | undefined };
  /** Something waits for the server. */
  onNoted: () => void;
  log: (event: string, details: Record<string, unknown>) => void;
  transferMs?: number;
}

/** Objects of studies that go to a peer, or have gone. */
export interface Sending {
  requester: Requester;
  studies: readonly StudyCount[];
  /** How they were asked for. */
  text: string;
  failed?: boolean;
}

/** What happens over DICOM, noted for the audit log of the server. It never throws: a full disk ends no association. */
export class Activities implements Witness {
  readonly #parts: ActivitiesParts;
  readonly #transfers: Transfers;
  readonly #refusals: Refusals;

  constructor(parts: ActivitiesParts) {
    this.#parts = parts;
    const ofTransfer = ({ peer, studyInstanceUid, instances }: Transfer) => ({
      ...this.#peer(peer),
      studies: [[studyInstanceUid, instances]] as const,
    });
    this.#transfers = new Transfers(
      (begun) => this.#note('receiving', ofTransfer(begun)),
      (ended) => this.#note('received', ofTransfer(ended)),
      parts.transferMs,
    );
    this.#refusals = new Refusals((count) =>
      this.#note('refused', { text: `${count} further associations within a minute` }),
    );
  }

  started(): void {
    this.#note('started', {});
  }

  /** The bridge ends: what has begun is told to its end. */
  stopped(): void {
    this.#transfers.end();
    this.#refusals.end();
    this.#note('stopped', {});
  }

  accepted(peer: Requester): void {
    this.#note('attached', this.#peer(peer));
  }

  refused({ aeTitle, address }: Partial<Requester>, why: string): void {
    if (this.#refusals.isTold())
      this.#note('refused', { ...nameOf(aeTitle), ...placeOf(address), text: why });
  }

  queried(peer: Requester, { sopClassUid, matches, status }: AnsweredQuery): void {
    const kind = sopClassUid === MODALITY_WORKLIST ? 'worklist-queried' : 'queried';
    const failed = status !== DIMSE_STATUS.success && status !== DIMSE_STATUS.cancelled;
    this.#note(kind, { ...this.#peer(peer), text: `${matches} matches`, ...(failed && { failed }) });
  }

  stored(peer: Requester, sopInstanceUid: string): void {
    this.#safely(() => {
      const study = this.#parts.studyOf(sopInstanceUid);
      if (study !== undefined) this.#transfers.received(peer, study);
    });
  }

  sending(sending: Sending): void {
    this.#given('sending', sending);
  }

  sent(sending: Sending): void {
    this.#given('sent', sending);
  }

  #given(kind: 'sending' | 'sent', { requester, studies, text, failed = false }: Sending): void {
    for (let i = 0; i < studies.length; i += STUDIES_MAX) {
      const some = studies.slice(i, i + STUDIES_MAX);
      this.#note(kind, { ...this.#peer(requester), studies: some, text, ...(failed && { failed }) });
    }
  }

  #peer({ aeTitle, address }: Requester) {
    const device = this.#parts.peers.find(aeTitle)?.device;
    return { ...nameOf(aeTitle), ...placeOf(address), ...(device !== undefined && { device }) };
  }

  #note(kind: ActivityKind, more: Omit<Activity, 'id' | 'atMs' | 'kind'>): void {
    this.#safely(() => {
      this.#parts.ledger.add({ id: randomUUID(), atMs: Date.now(), kind, ...more });
      this.#parts.onNoted();
    });
  }

  #safely(note: () => void): void {
    try {
      note();
    } catch (error) {
      this.#parts.log('activity not noted', { reason: reasonOf(error) });
    }
  }
}

/** Who is refused may call itself anything. */
const nameOf = (aeTitle: string | undefined) =>
  aeTitle !== undefined && isAeTitle(aeTitle) ? { aeTitle } : {};

function placeOf(address: string | undefined): { address?: string } {
  const plain = plainAddress(address ?? '');
  return isIP(plain) === 0 ? {} : { address: plain };
}
