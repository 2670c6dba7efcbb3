import type { Resource } from '../../fhir/resource.ts';
import { mayHaveNumbers } from '../orders/imagingOrder.ts';
import { studyUidsOf } from '../studies/studyUids.ts';

/** Whether it depends on other resources that a resource may be written so: it may have numbers or UIDs that are given once. */
export const dependsOnOthers = (kind: 'create' | 'update', resource: Resource): boolean =>
  mayHaveNumbers(kind, resource) || studyUidsOf(resource).length > 0;
