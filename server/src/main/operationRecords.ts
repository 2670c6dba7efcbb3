import { type OperationRecords } from '../operations/all.ts';
import { Accounts, type AccountKeeper } from '../records/accounts.ts';
import type { AuditEvents } from '../records/auditLog/auditEvents.ts';
import type { Binaries } from '../records/binaries.ts';
import type { Cursors } from '../records/cursors.ts';
import { DocumentRecords } from '../records/document/documents.ts';
import type { ErasedImages } from '../records/erasure/erasedImages.ts';
import { Erasures } from '../records/erasure/erasures.ts';
import { Emergencies } from '../records/emergencies/emergencies.ts';
import { EverythingRecords } from '../records/everything.ts';
import type { Jobs } from '../records/jobs/jobs.ts';
import { IndexRecords } from '../records/searchParameters.ts';
import { LastNRecords } from '../records/lastN.ts';
import { MetaRecords } from '../records/meta.ts';
import type { Records } from '../records/records.ts';
import { TerminologyRecords } from '../records/terminology.ts';
import type { BlobStore } from '../store/blob/blobStore.ts';
import { type Store } from '../store/store.ts';
import type { Terminology } from '../terminology/terminology.ts';

export interface DoorParts {
  records: Records;
  binaries: Binaries;
  cursors: Cursors;
  jobs: Jobs;
  base: string;
  terminology: Terminology;
  auditEvents: AuditEvents;
  accounts: AccountKeeper;
  blobs: BlobStore;
  /** Absent: there is no archive whose images are those of the store. */
  images?: ErasedImages;
  /** How long a record stays open in an emergency. */
  breakGlassMinutes: number;
}

/** What operations reach the records by. */
export function operationRecords(
  store: Store,
  {
    records,
    binaries,
    cursors,
    jobs,
    base,
    terminology,
    auditEvents,
    accounts,
    blobs,
    images,
    breakGlassMinutes,
  }: DoorParts,
): OperationRecords {
  return {
    records,
    everything: new EverythingRecords(store, records, cursors),
    documents: new DocumentRecords(store, { records, binaries }, store.definitions, base),
    meta: new MetaRecords(store, records),
    lastN: new LastNRecords(store, records, cursors, terminology.meanings),
    index: new IndexRecords(store),
    jobs,
    auditEvents,
    accounts: new Accounts(records, accounts),
    erasures: new Erasures(store, records, blobs, base, images),
    emergencies: new Emergencies({ store, records, minutes: breakGlassMinutes }),
    terminology: new TerminologyRecords(terminology, records),
  };
}
