import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { XmlFormat } from '../../fhir/xml/xmlFormat.ts';
import type { Caller } from '../../records/caller.ts';
import type { BodyLease } from './bodyRoom.ts';
import type { AnswerForm } from './negotiation.ts';
import type { Pieces } from './pieces.ts';

/** What an interaction gets: the request with its URL already understood. */
export interface FhirRequest {
  raw: IncomingMessage;
  method: string;
  caller: Caller;
  /** Where it comes from. */
  address: string | undefined;
  requestId: string;
  /** Decoded query pairs, in order. */
  query: readonly (readonly [string, string])[];
  type?: string;
  id?: string;
  versionId?: string;
  /** The resource in whose compartment is searched. */
  compartment?: { type: string; id: string };
  /** Name of the operation that is called. */
  operation?: string;
  /** Id of a job, and one of its files. */
  job?: string;
  file?: string;
  /** How the answer is to be written; a search that is sent as a form may change it. */
  form: AnswerForm;
  /** What a body in XML is read with. */
  xml: XmlFormat;
  /** Room for what is read of the body. */
  body: BodyLease;
  /** The body, where it was read already. */
  received?: Buffer;
  /** Says that the request costs more units of rate limits than its URL tells. */
  charge(units: number): void;
  /** Reports a defect of the server that a part of the answer tells of. */
  onDefect(error: unknown): void;
}

/** What an interaction answers; format, compression and common headers are added. */
export interface FhirResponse {
  status: number;
  headers?: Record<string, string>;
  /** FHIR JSON text, whole or in pieces; becomes XML where that is wanted. */
  body?: string | Pieces;
  /** Raw bytes (Binary), sent as they are. */
  stream?: Readable;
}

/** One interaction of the FHIR HTTP interface. */
export type Interaction = (request: FhirRequest) => Promise<FhirResponse>;
