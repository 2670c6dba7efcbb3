import type { AccessPolicyResource } from '@medplum/fhirtypes';
import { FhirError } from '../../fhir/outcome.ts';
import type { AccessInteraction, Reach } from '../access.ts';
import type { AccessContext } from '../context.ts';
import { compartmentCondition, readCriteria } from '../criteria/criteria.ts';
import { fill } from '../criteria/fill.ts';
import { readTemplate, type CriteriaTemplate } from '../criteria/template.ts';
import { deciderOf, type Decider } from '../decide.ts';
import { distinct, elementPaths, type ElementPath } from '../elements/elementPaths.ts';
import { PolicyFault } from '../faults.ts';
import type { Variables } from '../grants.ts';
import { allOf } from '../reach.ts';
import { compileConstraint } from './constraint.ts';
import type { Rule } from './rule.ts';

/** Rules about every type but those that administer. */
export const EVERY_TYPE = '*';

const READING: readonly AccessInteraction[] = ['read', 'vread', 'history', 'search'];
const ALL: readonly AccessInteraction[] = [...READING, 'create', 'update', 'delete'];
/** What an answer cannot be without. */
const NEVER_HIDDEN = ['resourceType', 'id', 'meta'];

/** An entry of a policy as it is written, its criteria read. */
export interface WrittenRule {
  entry: AccessPolicyResource;
  template: CriteriaTemplate | undefined;
  /** AccessPolicy.compartment, which holds what is created: `Type/id` or `%variable`. */
  createdIn: CriteriaTemplate | undefined;
  /** AccessPolicy.resource.compartment. */
  within: CriteriaTemplate | undefined;
}

/** Reads the parts of an entry that do not depend on variables. @throws PolicyFault */
export function readRule(entry: AccessPolicyResource, createdIn: CriteriaTemplate | undefined): WrittenRule {
  const { resourceType, criteria, compartment } = entry;
  const template = criteria === undefined ? undefined : readTemplate(criteria, resourceType);
  return { entry, template, createdIn, within: compartment && readCompartment(compartment.reference) };
}

/** A compartment as criteria: its reference may be a variable. @throws PolicyFault */
export function readCompartment(reference: string | undefined): CriteriaTemplate {
  if (reference === undefined) throw new PolicyFault('A compartment must be named by a reference: Type/id.');
  return readTemplate(`*?_compartment=${reference}`, EVERY_TYPE);
}

/**
 * The rule that an entry makes for a type.
 *
 * @throws PolicyFault where it makes none: then it allows nothing of the type
 */
export function compileRule(
  context: AccessContext,
  type: string,
  written: WrittenRule,
  variables: Variables,
): Rule {
  const { entry, template, createdIn, within } = written;
  const filled = (criteria: CriteriaTemplate | undefined): Reach =>
    criteria ? readCriteria(context, type, fill(criteria, variables)) : true;
  const reach = allOf([filled(template), filled(within)]);
  const interactions = interactionsOf(entry);
  const createReach = interactions.has('create') ? allOf([reach, filled(createdIn)]) : false;
  const fields = (names: readonly string[] | undefined) => fieldsOf(context, type, entry, names ?? []);
  const hidden = fields(entry.hiddenFields);
  if (hidden.some(([name]) => NEVER_HIDDEN.includes(name!))) {
    throw new PolicyFault('hiddenFields names id or meta, which no resource is shown without.');
  }
  return {
    interactions,
    reach,
    createReach,
    decide: decider(context, type, reach),
    decideCreate: decider(context, type, createReach),
    hidden,
    readonly: fields(entry.readonlyFields),
    constraints: (entry.writeConstraint ?? []).map((one) =>
      compileConstraint(context.paths, type, one, variables),
    ),
  };
}

/** None named: all. `readonly` leaves only what reads. */
export function interactionsOf({
  interaction,
  readonly,
}: AccessPolicyResource): ReadonlySet<AccessInteraction> {
  const named = new Set<AccessInteraction>(interaction ?? ALL);
  return readonly ? new Set(READING.filter((one) => named.has(one))) : named;
}

/** Rules about every type name what some of them have. */
function fieldsOf(
  { definitions }: AccessContext,
  type: string,
  { resourceType }: AccessPolicyResource,
  names: readonly string[],
): ElementPath[] {
  return distinct(
    names.flatMap((name) => {
      const paths = elementPaths(definitions, type, name);
      if (paths.length > 0 || resourceType === EVERY_TYPE) return paths;
      throw new PolicyFault(
        `${type} has no element '${name}': name one, such as 'name.family' or 'value[x]'.`,
      );
    }),
  );
}

function decider({ index }: AccessContext, type: string, reach: Reach): Decider {
  try {
    return deciderOf(index, type, reach);
  } catch (error) {
    if (error instanceof FhirError) throw new PolicyFault(error.message);
    throw error;
  }
}

/** In R4's compartment of the patient. @throws PolicyFault for types that are not in it */
export const ofPatient = (context: AccessContext, type: string, id: string): Reach =>
  compartmentCondition(context, type, `Patient/${id}`);
