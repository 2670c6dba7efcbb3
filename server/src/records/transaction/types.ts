import type { Patch } from '../../fhir/patch/patch.ts';
import type { ExpectedVersion, StoredVersion } from '../../store/resource/types.ts';
import type { IncomingResource } from '../prepare.ts';
import type { Criteria } from './criteria.ts';

interface Entry {
  type: string;
  /** Where the operation stands, for errors: `Bundle.entry[3]`; absent: it is alone. */
  at?: string;
}

interface Named {
  /** What other entries refer to it by. */
  fullUrl?: string;
  /** The fullUrl is an address on this server. */
  hasOwnAddress?: boolean;
}

interface Incoming extends Entry, Named {
  /** Its structure has been checked. */
  resource: IncomingResource;
  /** It is an entry of a transaction: what it refers to by placeholders must be others of them. */
  isEntry?: boolean;
}

/** The resource that is meant: by its id, or the one that satisfies criteria. */
type Target = { id: string; criteria?: undefined } | { criteria: Criteria; id?: undefined };

/** By ifMatch, or 0 by ifNoneMatch: *. */
interface Expecting {
  expectedVersion?: ExpectedVersion;
}

export type CreateOperation = Incoming & { kind: 'create'; ifNoneExist?: Criteria };
export type UpdateOperation = Incoming & Expecting & Target & { kind: 'update' };
export type PatchOperation = Entry & Named & Expecting & Target & { kind: 'patch'; patch: Patch };
export type DeleteOperation = Entry & Expecting & Target & { kind: 'delete' };
/** Of the current version, or of the given one. */
export type ReadOperation = Entry & { kind: 'read'; id: string; versionId?: string };

/** One entry of a transaction, its URL understood. */
export type TransactionOperation =
  CreateOperation | UpdateOperation | PatchOperation | DeleteOperation | ReadOperation;

/** What became of an operation; in the order of the operations. */
export type TransactionResult =
  | {
      /** `kept`: it was there already and was not changed. */
      outcome: 'created' | 'updated' | 'kept';
      type: string;
      id: string;
      version: number;
      lastUpdated: Date;
      /** The stored text. */
      content: string;
    }
  /** The versions that the deletions made; none where nothing was there. */
  | { outcome: 'deleted'; type: string; deletions: { id: string; version: number; lastUpdated: Date }[] }
  | { outcome: 'read'; type: string; found: StoredVersion & { content: string } };

/** FHIRPath of a part of an operation's entry; undefined where it is alone. */
export const expressionOf = ({ at }: Entry, part?: string): string | undefined =>
  at === undefined || part === undefined ? at : `${at}.${part}`;

/** FHIRPaths of the preconditions of an operation's entry about versions. */
export const preconditions = (operation: Entry) => ({
  ifMatch: expressionOf(operation, 'request.ifMatch'),
  ifNoneMatch: expressionOf(operation, 'request.ifNoneMatch'),
});
