import type { AccessInteraction, HiddenParameter } from '../../access/access.ts';
import { FhirError, errorIssue, fhirError } from '../../fhir/outcome.ts';

const VERBS: Readonly<Record<AccessInteraction, string>> = {
  create: 'create',
  read: 'read',
  vread: 'read versions of',
  history: 'see the history of',
  update: 'change',
  delete: 'delete',
  search: 'search',
};

const forbidden = (text: string, expression?: string): FhirError =>
  fhirError('forbidden', 'forbidden', text, expression);

/** Nothing of the type: said at once, whatever there is. */
export const notOfType = (type: string, interaction: AccessInteraction): FhirError =>
  forbidden(
    `You may not ${VERBS[interaction]} ${type} resources: ask an administrator for access. An app also needs a scope for it.`,
  );

/** A resource that may be seen, but not this. */
export const notThis = (type: string, interaction: AccessInteraction): FhirError =>
  forbidden(`You may not ${VERBS[interaction]} this ${type}: what you may do with it is limited.`);

/** Others may refer to the id already, and would be seen. */
export const idRefused = (type: string): FhirError =>
  forbidden(
    `You may not choose the id of a new ${type}: create it by POST, the server gives it one.`,
    `${type}.id`,
  );

/** Whoever may not do everything keeps no topics. */
export const topicRefused = (): FhirError =>
  forbidden(
    'Topics of Subscriptions are kept by administrators: ask one for it, or leave out the code SubscriptionTopic.',
    'Basic.code',
  );

/** See `narrow`. */
export const binariesByIdOnly = (): FhirError =>
  forbidden(
    'Only who may see everything searches Binary: read it by the id that stands in what refers to it.',
  );

/** A Binary that names what the caller may not see, or change. */
export const contextRefused = (): FhirError =>
  forbidden(
    'You may not write a Binary with this securityContext: name a resource of this server that you may see whole, and to change a Binary, also change.',
    'Binary.securityContext',
  );

/** Matching by what is hidden would tell it. */
export const hiddenBy = ({ type, code }: HiddenParameter): FhirError =>
  forbidden(
    `You may not search ${type} by ${code}, which looks at elements that are hidden from you: leave it out.`,
  );

/** What was sent touches elements that are hidden or may not be changed. */
export function elementsRefused(expressions: readonly string[]): FhirError {
  const issues = expressions.map((expression) =>
    errorIssue(
      'forbidden',
      'You may not set or change this element: send it as it was read, or leave it out.',
      expression,
    ),
  );
  return new FhirError('forbidden', issues);
}

/** Write constraints of the policies. */
export function constraintsBroken(type: string, expressions: readonly string[]): FhirError {
  const issues = expressions.map((text) =>
    errorIssue('business-rule', `You may write this ${type} only where this is true: ${text}`, type),
  );
  return new FhirError('forbidden', issues);
}
