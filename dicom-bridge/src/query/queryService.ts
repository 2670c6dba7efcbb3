import type { MedplumClient } from '@medplum/core';
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
import { findAnswers } from '../find/answers.ts';
import { pickKeys } from '../find/returnKeys.ts';
import type { DataSet } from '../objects/dataSet.ts';
import { UNICODE } from '../objects/encodeText.ts';
import type { Peer, PeerService } from '../peers/peer.ts';
import { levelOf, PATIENT_ROOT, STUDY_ROOT, type Level } from './informationModels.ts';
import { findMatches } from './matches.ts';

/** Matches of one query. */
export const MATCHES_MAX = 2_000;

/** Keys that are compared (PS3.4 tables C.6-1 to C.6-5), by the level at which they begin to count. */
const PATIENT_KEYS = ['PatientID', 'PatientName', 'PatientBirthDate', 'PatientSex'];
const STUDY_KEYS = [
  ...PATIENT_KEYS,
  'StudyInstanceUID',
  'StudyDate',
  'StudyTime',
  'AccessionNumber',
  'StudyDescription',
  'ModalitiesInStudy',
  'ReferringPhysicianName',
];
const SERIES_KEYS = [
  ...STUDY_KEYS,
  'SeriesInstanceUID',
  'SeriesNumber',
  'SeriesDescription',
  'SeriesDate',
  'Modality',
  'BodyPartExamined',
];
const KEYS: Readonly<Record<Level, ReadonlySet<string>>> = {
  PATIENT: new Set(PATIENT_KEYS),
  STUDY: new Set(STUDY_KEYS),
  SERIES: new Set(SERIES_KEYS),
  IMAGE: new Set([...SERIES_KEYS, 'SOPInstanceUID', 'SOPClassUID', 'InstanceNumber']),
};

export interface QueryParts {
  /** Our own. */
  aeTitle: string;
  server: { client(): Promise<MedplumClient> };
  peers: { find(aeTitle: string): Peer | undefined; mayUse(aeTitle: string, service: PeerService): boolean };
  log: (event: string, details: Record<string, unknown>) => void;
}

/** Query (C-FIND, PS3.4 section C.4.1) from the record: what it says of patients and studies now. */
export class QueryService implements DimseService {
  readonly sopClassUids = [PATIENT_ROOT.find, STUDY_ROOT.find];
  readonly #parts: QueryParts;

  constructor(parts: QueryParts) {
    this.#parts = parts;
  }

  admits({ aeTitle }: Requester): boolean {
    return this.#parts.peers.mayUse(aeTitle, 'query-retrieve');
  }

  async *answer(message: DimseMessage, context: DimseContext): AsyncGenerator<DimseAnswer> {
    if (message.operation !== 'C-FIND') {
      throw new DimseError(DIMSE_STATUS.unrecognizedOperation, 'This SOP class knows C-FIND alone.');
    }
    const level = levelOf(message.sopClassUid, message.dataSet);
    let count = 0;
    for await (const answer of findAnswers(
      this.#matches(level, message, context),
      context.signal,
      MATCHES_MAX,
    )) {
      if (answer.status === DIMSE_STATUS.pending) count += 1;
      yield answer;
    }
    this.#parts.log('query answered', { peer: context.requester.aeTitle, level, matches: count });
  }

  async *#matches(
    level: Level,
    { dataSet: query }: DimseMessage,
    { requester, signal }: DimseContext,
  ): AsyncGenerator<DataSet> {
    const { aeTitle, server, peers } = this.#parts;
    const peer = peers.find(requester.aeTitle);
    const asked = { level, query, keys: KEYS[level], issuer: peer?.issuer, signal };
    const always = {
      SpecificCharacterSet: peer?.characterSet ?? UNICODE,
      QueryRetrieveLevel: level,
      RetrieveAETitle: aeTitle,
      InstanceAvailability: 'ONLINE',
    };
    try {
      for await (const found of findMatches(await server.client(), asked)) {
        yield { ...pickKeys(query, found), ...always };
      }
    } catch (error) {
      if (!(error instanceof ServerAwayError)) throw error;
      throw new DimseError(DIMSE_STATUS.unableToProcess, 'The record does not answer: try again.');
    }
  }
}
