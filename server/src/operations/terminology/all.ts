import type { TerminologyRecords } from '../../records/terminology.ts';
import type { Operation } from '../operation.ts';
import { batchValidateCode } from './batchValidateCode.ts';
import { closureOperation } from './closure.ts';
import { expandOperation } from './expand.ts';
import { lookupOperation } from './lookup.ts';
import { subsumesOperation } from './subsumes.ts';
import { translateOperation } from './translate.ts';
import { codeSystemValidateCode, valueSetValidateCode } from './validateCode.ts';

/** The operations of a terminology service (http://hl7.org/fhir/R4/terminology-service.html). */
export const terminologyOperations = (terminology: TerminologyRecords): Operation[] => [
  expandOperation(terminology),
  valueSetValidateCode(terminology),
  codeSystemValidateCode(terminology),
  batchValidateCode(terminology),
  lookupOperation(terminology),
  subsumesOperation(terminology),
  translateOperation(terminology),
  closureOperation(terminology),
];
