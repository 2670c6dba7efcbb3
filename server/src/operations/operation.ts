import type { Readable } from 'node:stream';
import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/resource.ts';
import type { SummaryMode } from '../fhir/search/ast.ts';
import type { Caller } from '../records/caller.ts';
import type { SearchHandling } from '../records/records.ts';
import type { SearchResult } from '../records/search.ts';
import type { OperationParameters } from './parameters.ts';

/** Where an operation is called: `[base]/$op`, `[base]/Type/$op`, `[base]/Type/id/$op`, `[base]/Type/id/_history/version/$op`. */
export type OperationLevel = 'system' | 'type' | 'instance' | 'version';

/** A call of an operation, its URL and parameters understood. */
export interface OperationRequest {
  caller: Caller;
  level: OperationLevel;
  /** At all levels but the system. */
  type?: string;
  /** At instance and version level; not checked to be a FHIR id. */
  id?: string;
  /** At version level; not checked to be one of ours. */
  versionId?: string;
  parameters: OperationParameters;
  /** Whether it was called by POST. */
  isPost?: boolean;
  /** What to do with parameters of a search that cannot be used. */
  handling: SearchHandling;
  /** Whether the caller wants the work to go on after the answer (`Prefer: respond-async`); never in a bundle. */
  respondAsync?: boolean;
  /** Languages that the caller prefers (the HTTP header Accept-Language). */
  acceptLanguage?: string;
  /** What of the HTTP request is needed by what goes on after its answer began; absent in a bundle. */
  http?: {
    authorization: string | undefined;
    lastEventId: string | undefined;
    address: string | undefined;
    requestId: string;
  };
  /** The body, where it is no resource and the operation takes such ({@link Operation.takesPlainJson}). */
  plainJson?: JsonObject;
  /** The body as it came, and the headers of the request ({@link Operation.rawBodyBytesMax}). */
  rawBody?: {
    contentType: string | undefined;
    bytes: Uint8Array;
    headers: Readonly<Record<string, string | string[] | undefined>>;
  };
}

/** What an operation answers. */
export type OperationAnswer =
  /** A resource as FHIR JSON text; `status` is 200 unless said otherwise. `stored`: where it was stored on the way. */
  | {
      kind: 'resource';
      status?: number;
      body: string;
      stored?: { type: string; id: string; version: number };
    }
  /** Nothing: it is done, and no answer was wanted. */
  | { kind: 'nothing' }
  /** A job that goes on: its id, and a sentence about it. */
  | { kind: 'accepted'; job: string; text: string }
  /** A text that need not be FHIR, of this type whatever was asked for. */
  | { kind: 'raw'; contentType: string; body: string }
  /** Bytes that are sent as they come, for as long as there are some. */
  | { kind: 'stream'; contentType: string; stream: Readable }
  /** A page of records: becomes a searchset Bundle with links to the pages before and after. */
  | OperationPage;

export interface OperationPage {
  kind: 'page';
  result: SearchResult;
  /** Parameters that were used, in order: what the links repeat. */
  used: readonly (readonly [string, string])[];
  /** Sealed position of this page (`_page`); absent on the first. */
  page?: string;
  /** Parameters that were left out, with lenient handling. */
  ignored?: readonly Issue[];
  summary?: SummaryMode;
  elements?: readonly string[];
  /** Everything that was written before is in the result: the time to ask from the next time. */
  asOf?: Date;
}

/** One operation (http://hl7.org/fhir/R4/operations.html). */
export interface Operation {
  /** Without the `$`. */
  name: string;
  /** Canonical URL of its OperationDefinition, for the CapabilityStatement. */
  definition: string;
  levels: readonly OperationLevel[];
  /** Resource types that have it at all levels but the system; absent: all. */
  types?: readonly string[];
  /**
   * Whether it changes anything: then it takes POST only (http://hl7.org/fhir/R4/operations.html#request). `by POST`: GET
   * changes nothing unless a parameter says so.
   */
  affectsState: boolean | 'by POST';
  /** Whether the body may be a JSON object that is no resource. */
  takesPlainJson?: boolean;
  /** Whether the body may be anything, up to so many bytes: it is not looked at. Such operations are not called in bundles. */
  rawBodyBytesMax?: number;
  /** Whether the body may be any resource, also a faulty one: what is wrong with it is the answer, with status 200. */
  takesAnyResource?: boolean;
  /** @throws FhirError for what cannot be done */
  run(request: OperationRequest): Promise<OperationAnswer>;
}

/** The operations of this server, found by name and place. */
export class OperationRegistry {
  readonly all: readonly Operation[];

  /** @throws Error when two have the same name at the same place */
  constructor(operations: readonly Operation[]) {
    this.all = operations;
    operations.forEach((operation, i) => {
      if (operations.slice(0, i).some((other) => meet(operation, other)))
        throw new Error(`Two operations have the same name: ${operation.name}`);
    });
  }

  /** The operation that is called by this name at this place. */
  find(name: string, level: OperationLevel, type?: string): Operation | undefined {
    return this.all.find((operation) => operation.name === name && isCallable(operation, level, type));
  }

  /** The operations that a resource type has, at type or instance level. */
  ofType(type: string): Operation[] {
    return this.all.filter(
      (operation) => isCallable(operation, 'type', type) || isCallable(operation, 'instance', type),
    );
  }
}

/** Whether both can be called by the same URL. */
function meet(one: Operation, other: Operation): boolean {
  if (one.name !== other.name || !one.levels.some((level) => other.levels.includes(level))) return false;
  const [types, otherTypes] = [one.types, other.types];
  return types === undefined || otherTypes === undefined || types.some((type) => otherTypes.includes(type));
}

/** Whether an operation exists at this level of this type. */
function isCallable(operation: Operation, level: OperationLevel, type?: string): boolean {
  if (!operation.levels.includes(level)) return false;
  return level === 'system' || operation.types === undefined || operation.types.includes(type!);
}
