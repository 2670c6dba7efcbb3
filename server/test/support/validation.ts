import type { Issue } from '../../src/fhir/outcome.ts';
import type { ValidationOptions, Validator } from '../../src/validation/validator.ts';

/** The issues of any JSON value, from a validator that has nobody to ask. */
export function issuesNow(validator: Validator, resource: unknown, options?: ValidationOptions): Issue[] {
  const issues = validator.validate(resource as Parameters<Validator['validate']>[0], options);
  if (!Array.isArray(issues)) throw new Error('the validator asked for something');
  return issues;
}
