import { expect, test } from '@jest/globals';
import { createIndexQuery } from '../../../../src/store/index/query.ts';
import { ReferenceWalks } from '../../../../src/store/search/include/referenceWalk.ts';
import { r4Definitions } from '../../../support/definitions.ts';

const definitions = await r4Definitions();
const walks = new ReferenceWalks(definitions, createIndexQuery(definitions, new Uint8Array(16)));

test.each(['Patient', 'Observation', 'Encounter', 'Condition', 'MedicationRequest'])(
  '%s refers to others by references only',
  (type) => expect(walks.haveCanonicals(type)).toBe(false),
);

test.each(['QuestionnaireResponse', 'PlanDefinition', 'CarePlan', 'Bundle'])(
  '%s also by canonicals, or by what stands in their place',
  (type) => expect(walks.haveCanonicals(type)).toBe(true),
);
