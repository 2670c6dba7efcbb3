import type { Definitions } from '../fhir/definitions/types.ts';
import type { JsonObject } from '../fhir/resource.ts';
import { createLibrary } from './compile/library.ts';
import { isObject, NO_INDEX, ValidationState, type ObjectCheck } from './state.ts';
import type { Validator } from './validator.ts';

/**
 * A validator for the structure of resources. The checks of a type are compiled when it is first met, which takes
 * some milliseconds.
 */
export function createValidator(definitions: Definitions): Validator {
  const state = new ValidationState();
  const checkOf = createLibrary(definitions, checkResource);

  /** The check for a place where any resource may stand: finds out which one does. */
  function checkResource(...[value, at, depth]: Parameters<ObjectCheck>): void {
    const { resourceType } = value;
    if (typeof resourceType === 'string' && definitions.isResourceType(resourceType)) {
      return checkOf(resourceType)(value, at, depth);
    }
    at.enteringContained = false;
    if (resourceType === undefined) {
      const diagnostics = "A resource must say what it is: add 'resourceType'.";
      return at.report('resource-type-missing', depth, 'resourceType', NO_INDEX, diagnostics);
    }
    const diagnostics = "The value of 'resourceType' is not a resource type of FHIR R4: correct it.";
    at.report('resource-type-unknown', depth, 'resourceType', NO_INDEX, diagnostics);
  }

  return {
    validate(resource) {
      const object: JsonObject = isObject(resource) ? resource : {};
      const { resourceType } = object;
      const known = typeof resourceType === 'string' && definitions.isResourceType(resourceType);
      state.begin(known ? resourceType : 'Resource');
      checkResource(object, state, 0);
      return state.end();
    },
  };
}
