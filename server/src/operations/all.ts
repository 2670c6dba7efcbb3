import type { Definitions } from '../fhir/definitions/types.ts';
import type { Accounts } from '../records/accounts.ts';
import type { AuditEvents } from '../records/auditLog/auditEvents.ts';
import type { DocumentRecords } from '../records/document/documents.ts';
import type { Erasures } from '../records/erasure/erasures.ts';
import type { EverythingRecords } from '../records/everything.ts';
import type { Jobs } from '../records/jobs/jobs.ts';
import type { IndexRecords } from '../records/searchParameters.ts';
import type { LastNRecords } from '../records/lastN.ts';
import type { MetaRecords } from '../records/meta.ts';
import type { Records } from '../records/records.ts';
import type { TerminologyRecords } from '../records/terminology.ts';
import type { ImportSources } from './import/sources.ts';
import { accessReportOperation } from './accessReport.ts';
import { accountOperations } from './accounts.ts';
import type { Emergencies } from '../records/emergencies/emergencies.ts';
import { breakGlassOperations } from './breakGlass.ts';
import { documentOperation } from './document.ts';
import { eraseOperation } from './erase.ts';
import { encounterEverything, patientEverything } from './everything.ts';
import { importOperation } from './import.ts';
import { lastNOperation } from './lastN.ts';
import type { MessageHandler } from './message/handlers.ts';
import { metaAddOperation, metaDeleteOperation, metaOperation } from './meta.ts';
import { processMessageOperation } from './processMessage.ts';
import { reindexOperation } from './reindex.ts';
import type { Operation } from './operation.ts';
import { statsOperation } from './stats.ts';
import { validateOperation } from './validate.ts';
import { terminologyOperations } from './terminology/all.ts';

/** The doors to the records that operations go through. */
export interface OperationRecords {
  records: Records;
  everything: EverythingRecords;
  documents: DocumentRecords;
  meta: MetaRecords;
  lastN: LastNRecords;
  index: IndexRecords;
  jobs: Jobs;
  terminology: TerminologyRecords;
  auditEvents: AuditEvents;
  accounts: Accounts;
  erasures: Erasures;
  emergencies: Emergencies;
}

/** What operations may do. */
export interface OperationSettings {
  /** Absolute URL of the FHIR base. */
  base: string;
  importSources: ImportSources;
  /** Those that act on the events of messages. */
  messageHandlers: readonly MessageHandler[];
}

/** Every operation that the server has; main.ts makes the registry of them. */
export function allOperations(
  doors: OperationRecords,
  definitions: Definitions,
  { base, importSources, messageHandlers }: OperationSettings,
): Operation[] {
  const { records, everything, documents, meta, lastN, index, jobs, terminology, auditEvents, accounts } =
    doors;
  return [
    patientEverything(everything, definitions),
    encounterEverything(everything, definitions),
    documentOperation(documents, records, base),
    metaOperation(meta),
    metaAddOperation(meta),
    metaDeleteOperation(meta),
    lastNOperation(lastN, records, definitions),
    statsOperation(records, base),
    accessReportOperation(auditEvents),
    ...accountOperations(accounts),
    eraseOperation(doors.erasures),
    ...breakGlassOperations(doors.emergencies),
    reindexOperation(index),
    importOperation(jobs, importSources, definitions),
    validateOperation(records, definitions),
    processMessageOperation(records, definitions, { base, handlers: messageHandlers }),
    ...terminologyOperations(terminology),
  ];
}
