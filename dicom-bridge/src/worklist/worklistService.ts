import type { MedplumClient } from '@medplum/core';
import type { Task } from '@medplum/fhirtypes';
import { unitOf } from '../capture/captureTask.ts';
import {
  DIMSE_STATUS,
  DimseError,
  type DimseAnswer,
  type DimseContext,
  type DimseMessage,
  type DimseService,
  type Requester,
} from '../dimse/services.ts';
import { ServerAwayError } from '../fhir/fhirServer.ts';
import type { LocalClock } from '../fhir/localTime.ts';
import { aeTitleOf } from '../fhir/identifiers.ts';
import { escaped } from '../fhir/searchValue.ts';
import { findAnswers } from '../find/answers.ts';
import { compileQuery } from '../find/matching.ts';
import { pickKeys } from '../find/returnKeys.ts';
import { hasWildcard } from '../find/wildcard.ts';
import { isUid, urnOfUid } from '../identifiers/uid.ts';
import type { DataSet, Values } from '../objects/dataSet.ts';
import { UNICODE } from '../objects/encodeText.ts';
import { itemsOf, textOf, textsOf } from '../objects/values.ts';
import type { Peer } from '../peers/peer.ts';
import { scheduledOrders, type ScheduledOrder } from './scheduledOrders.ts';
import { worklistItems, type ItemContext } from './worklistItem.ts';

/** Modality Worklist Information Model - FIND. */
export const MODALITY_WORKLIST = '1.2.840.10008.5.1.4.31';
/** Items of one answer. */
export const WORKLIST_ITEMS_MAX = 5_000;

/** What is matched on (PS3.4 table K.6-1); all else is only returned. */
const KEYS: ReadonlySet<string> = new Set([
  'ScheduledProcedureStepSequence',
  'ScheduledStationAETitle',
  'ScheduledProcedureStepStartDate',
  'ScheduledProcedureStepStartTime',
  'Modality',
  'ScheduledPerformingPhysicianName',
  'ScheduledProcedureStepID',
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'AccessionNumber',
  'RequestedProcedureID',
  'StudyInstanceUID',
  'RequestingPhysician',
  'ReferringPhysicianName',
  'AdmissionID',
]);

export interface WorklistParts {
  server: { client(): Promise<MedplumClient> };
  peers: { find(aeTitle: string): Peer | undefined; mayUse(aeTitle: string, service: 'worklist'): boolean };
  clock: LocalClock;
  /** The unit that is to do these Tasks has fetched its items. */
  onTaken: (tasks: readonly Task[]) => void;
  itemsMax?: number;
}

/** The modality worklist (PS3.4 annex K): orders for images that are still to be made. */
export class WorklistService implements DimseService {
  readonly sopClassUids = [MODALITY_WORKLIST];
  readonly #parts: WorklistParts;

  constructor(parts: WorklistParts) {
    this.#parts = parts;
  }

  admits({ aeTitle }: Requester): boolean {
    return this.#parts.peers.mayUse(aeTitle, 'worklist');
  }

  async *answer(
    { operation, dataSet: query }: DimseMessage,
    context: DimseContext,
  ): AsyncGenerator<DimseAnswer> {
    if (operation !== 'C-FIND') {
      throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'The worklist knows C-FIND alone.');
    }
    const matches = this.#matches(query, context);
    yield* findAnswers(matches, context.signal, this.#parts.itemsMax ?? WORKLIST_ITEMS_MAX);
  }

  async *#matches(query: Values, { requester, signal }: DimseContext): AsyncGenerator<DataSet> {
    const isMatch = compileQuery(query, KEYS);
    const context = this.#itemContext(query, requester);
    const taken: Task[] = [];
    try {
      const medplum = await this.#parts.server.client();
      for await (const scheduled of scheduledOrders(medplum, identifierOf(query), signal)) {
        const item = worklistItems(scheduled, context).find(isMatch);
        if (!item) continue;
        taken.push(...capturesOf(scheduled, requester));
        yield { SpecificCharacterSet: context.characterSet, ...pickKeys(query, item) };
      }
      if (!signal.aborted) this.#parts.onTaken(taken);
    } catch (error) {
      if (!(error instanceof ServerAwayError)) throw error;
      throw new DimseError(DIMSE_STATUS.unableToProcess, 'The record does not answer: try again.');
    }
  }

  #itemContext(query: Values, { aeTitle }: Requester): ItemContext {
    const peer = this.#parts.peers.find(aeTitle);
    const [step = {}] = itemsOf(query, 'ScheduledProcedureStepSequence');
    const asked = textOf(step, 'ScheduledStationAETitle') ?? '';
    return {
      anyStation: asked === '' || hasWildcard(asked) ? aeTitle : asked,
      issuer: peer?.issuer,
      characterSet: peer?.characterSet ?? UNICODE,
      clock: this.#parts.clock,
    };
  }
}

/** Tasks of the unit that asks. */
function capturesOf({ captures, devices }: ScheduledOrder, { aeTitle }: Requester): Task[] {
  const own = devices.filter((device) => aeTitleOf(device) === aeTitle).map(({ id }) => `Device/${id}`);
  return captures.filter((task) => own.includes(unitOf(task)!));
}

/** By which the orders are looked for; the rest is matched here. */
function identifierOf(query: Values): string | undefined {
  const [uid, ...others] = textsOf(query, 'StudyInstanceUID');
  if (uid !== undefined && isUid(uid) && others.length === 0) return `urn:dicom:uid|${urnOfUid(uid)}`;
  const number = textOf(query, 'AccessionNumber') ?? textOf(query, 'RequestedProcedureID');
  return number === undefined || hasWildcard(number) ? undefined : escaped(number);
}
