import type { MedplumClient } from '@medplum/core';
import type { Activities } from '../activity/activities.ts';
import type { StudyCount } from '../activity/activity.ts';
import type { ImageArchive } from '../archive/imageArchive.ts';
import {
  DimseError,
  DIMSE_STATUS,
  type DimseAnswer,
  type DimseContext,
  type DimseMessage,
} from '../dimse/services.ts';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { textOf } from '../objects/values.ts';
import type { Peer, PeerService } from '../peers/peer.ts';
import { levelOf } from '../query/informationModels.ts';
import { findInstances, type RetrievedInstance } from './findInstances.ts';
import type { Sent } from './objectSender.ts';
import { RETRIEVE_STATUS } from './retrieveStatus.ts';
import { subOperations, type SubOperationParts } from './subOperations.ts';

export interface RetrievalParts {
  server: { client(): Promise<MedplumClient> };
  archive: ImageArchive;
  ledger: Ledger;
  peers: { find(aeTitle: string): Peer | undefined; mayUse(aeTitle: string, service: PeerService): boolean };
  log: (event: string, details: Record<string, unknown>) => void;
  /** Told of what begins to be sent, and of what was. */
  activities: Pick<Activities, 'sending' | 'sent'>;
}

/** Retrievals that are carried out at once, of all peers. */
export const RETRIEVALS_MAX = 16;

/** How objects are sent for one retrieval. */
export type Sending = Pick<SubOperationParts, 'send' | 'aliveMs'>;

/** How it was asked for, and where it goes. */
function textOfRetrieval({ operation, command }: DimseMessage): string {
  // In other messages it is anything: here it is the name of a peer.
  const destination = operation === 'C-MOVE' ? textOf(command, 'MoveDestination') : undefined;
  return destination === undefined ? operation : `${operation} to ${destination}`;
}

/** How many objects of which study. @param of the studies that are named, also with no object */
function studiesOf(
  instances: readonly RetrievedInstance[],
  of: readonly RetrievedInstance[] = instances,
): StudyCount[] {
  const counts = new Map(of.map(({ studyInstanceUid }) => [studyInstanceUid, 0]));
  for (const { studyInstanceUid: uid } of instances) counts.set(uid, counts.get(uid)! + 1);
  return [...counts];
}

/** What C-MOVE and C-GET have in common. */
export class Retrievals {
  readonly parts: RetrievalParts;
  #underWay = 0;

  constructor(parts: RetrievalParts) {
    this.parts = parts;
  }

  /**
   * Finds what is asked for, and sends it.
   *
   * @param open makes the way by which the objects are sent; a DimseError where there is none
   */
  async *answer(
    message: DimseMessage,
    { requester, signal }: DimseContext,
    open: (instances: readonly RetrievedInstance[]) => Promise<Sending & { close: () => Promise<void> }>,
  ): AsyncGenerator<DimseAnswer> {
    const { log, activities } = this.parts;
    const peer = requester.aeTitle;
    if (this.#underWay >= RETRIEVALS_MAX)
      throw new DimseError(RETRIEVE_STATUS.cannotSend, 'Too many retrievals at once.');
    this.#underWay += 1;
    try {
      const instances = await this.#instances(message, peer, signal);
      const { close, send, aliveMs } = await open(instances);
      const onBroken = (error: unknown): void =>
        log('retrieval broken off', { peer, reason: error instanceof Error ? error.name : 'unknown' });
      const told = { requester, text: textOfRetrieval(message) };
      if (instances.length > 0) activities.sending({ ...told, studies: studiesOf(instances) });
      const sent: RetrievedInstance[] = [];
      const sendAndNote = async (instance: RetrievedInstance): Promise<Sent> => {
        const outcome = this.#isOfStudy(instance) ? await send(instance) : 'failed';
        if (outcome !== 'failed') sent.push(instance);
        return outcome;
      };
      try {
        const alive = aliveMs !== undefined && { aliveMs };
        yield* subOperations({ instances, signal, onBroken, send: sendAndNote, ...alive });
      } finally {
        await close();
        const failed = sent.length < instances.length;
        if (instances.length > 0) activities.sent({ ...told, studies: studiesOf(sent, instances), failed });
      }
      log('retrieval answered', { peer, operation: message.operation, objects: instances.length });
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Others than we write ImagingStudies too: what one lists, and is of another study, it does not give away. */
  #isOfStudy({ studyInstanceUid, sopInstanceUid }: RetrievedInstance): boolean {
    return this.parts.ledger.find(sopInstanceUid)?.studyInstanceUid === studyInstanceUid;
  }

  async #instances(
    { sopClassUid, dataSet: query }: DimseMessage,
    peer: string,
    signal: AbortSignal,
  ): Promise<RetrievedInstance[]> {
    const level = levelOf(sopClassUid, query);
    const { server, peers } = this.parts;
    try {
      return await findInstances(await server.client(), {
        level,
        query,
        issuer: peers.find(peer)?.issuer,
        signal,
      });
    } catch (error) {
      if (!(error instanceof ServerAwayError)) throw error;
      throw new DimseError(DIMSE_STATUS.unableToProcess, 'The record does not answer: try again.');
    }
  }
}
