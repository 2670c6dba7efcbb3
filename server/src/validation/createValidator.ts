import type { Definitions } from '../fhir/definitions/types.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { JsonObject, Resource } from '../fhir/resource.ts';
import { checkBundle } from './bundles/checkBundle.ts';
import { createLibrary } from './compile/library.ts';
import { createInvariants } from './invariants/createInvariants.ts';
import type { InvariantsAt } from './invariants/invariant.ts';
import { checkQuestionnaireResponse } from './questionnaires/askQuestionnaire.ts';
import { checkQuestionnaire } from './questionnaires/checkQuestionnaire.ts';
import { createResponseExpressions } from './questionnaires/expressions.ts';
import type { Ports } from './ports.ts';
import { createProfilePass } from './profilePass.ts';
import { checkDefinition } from './profiles/definition/checkDefinition.ts';
import type { Profiles } from './profiles/profile.ts';
import { askAll } from './questions.ts';
import {
  isObject,
  NO_INDEX,
  PROFILES_NEEDED_MAX,
  ValidationState,
  type Findings,
  type ObjectCheck,
  type Scope,
} from './state.ts';
import type { ValidationMode, ValidationOptions, Validator } from './validator.ts';
import { checkCodeSystem } from './vocabularies/checkCodeSystem.ts';
import { checkValueSet } from './vocabularies/checkValueSet.ts';

/** Profiles may name profiles: so many times a validation starts anew to have them all. */
const PREPARATIONS_MAX = 10;

/** What a validator is made of besides R4's definitions; what is absent is not checked. */
export interface ValidatorParts {
  /** Default: `base`. */
  mode?: ValidationMode;
  ports?: Ports;
  invariants?: InvariantsAt;
  profiles?: Profiles;
}

/** A validator. The checks of a type are compiled when it is first met, which takes some milliseconds. */
export function createValidator(definitions: Definitions, parts: ValidatorParts = {}): Validator {
  const { mode: defaultMode = 'base', ports = {}, profiles } = parts;
  const state = new ValidationState();
  const { invariants = () => [] } = parts;
  const expressions = parts.invariants && createInvariants(definitions);
  const responseExpressions = expressions && createResponseExpressions(expressions);
  const isExpression = expressions && ((text: string) => expressions.selectionOf(text) !== undefined);
  const wholeCheckOf = createLibrary(definitions, checkResource, {
    invariants,
    extensions: { expressions, profiles },
  });
  const structureCheckOf = createLibrary(definitions, checkResource, { structureOnly: true });
  const profilePass = createProfilePass(profiles);

  /** The check for a place where any resource may stand: finds out which one does. */
  function checkResource(...[value, at, depth]: Parameters<ObjectCheck>): void {
    const { resourceType } = value;
    if (typeof resourceType === 'string' && definitions.isResourceType(resourceType)) {
      const { resource, resourceDepth, container, bundle, elementIds } = at;
      at.elementIds = undefined;
      at.resource = value;
      at.resourceDepth = depth;
      if (!at.enteringContained) at.container = value;
      if (resourceType === 'Bundle') at.bundle = value;
      if (at.mode === 'structure') structureCheckOf(resourceType)(value, at, depth);
      else checkWhole(resourceType, value, at, depth);
      at.resource = resource;
      at.resourceDepth = resourceDepth;
      at.container = container;
      at.bundle = bundle;
      at.elementIds = elementIds;
      return;
    }
    at.enteringContained = false;
    if (resourceType === undefined) {
      const diagnostics = "A resource must say what it is: add 'resourceType'.";
      return at.report('resource-type-missing', depth, 'resourceType', NO_INDEX, diagnostics);
    }
    const diagnostics = "The value of 'resourceType' is not a resource type of FHIR R4: correct it.";
    at.report('resource-type-unknown', depth, 'resourceType', NO_INDEX, diagnostics);
  }

  function checkWhole(resourceType: string, ...[value, at, depth]: Parameters<ObjectCheck>): void {
    const errors = resourceType === 'StructureDefinition' ? at.errorCount : 0;
    wholeCheckOf(resourceType)(value, at, depth);
    if (resourceType === 'StructureDefinition') {
      if (at.errorCount === errors) checkDefinition(at, depth, value, isExpression);
    } else if (resourceType === 'Bundle') checkBundle(at, depth, value, definitions.isResourceType);
    else if (resourceType === 'Questionnaire') checkQuestionnaire(at, depth, value);
    else if (resourceType === 'QuestionnaireResponse') {
      checkQuestionnaireResponse(at, depth, value, responseExpressions);
    }
    if (at.thorough) checkVocabulary(resourceType, value, at, depth);
    if (at.mode === 'base') return;
    profilePass.claimed(value, at, depth);
    if (at.thorough && resourceType === 'Observation') profilePass.implied(value, at, depth);
  }

  function checkVocabulary(resourceType: string, ...[value, at, depth]: Parameters<ObjectCheck>): void {
    if (resourceType === 'ValueSet') checkValueSet(at, depth, value);
    else if (resourceType === 'CodeSystem') checkCodeSystem(at, depth, value);
  }

  function pass(resource: JsonObject, scope: Scope, asked: readonly string[] | undefined): Findings {
    const { resourceType } = resource;
    const known = typeof resourceType === 'string' && definitions.isResourceType(resourceType);
    state.begin(known ? resourceType : 'Resource', scope);
    checkResource(resource, state, 0);
    if (known && asked !== undefined) profilePass.asked(resource, state, asked);
    return state.end();
  }

  async function passPrepared(
    resource: JsonObject,
    scope: Scope,
    asked: readonly string[] | undefined,
    first: Findings,
  ): Promise<Issue[]> {
    let findings = first;
    for (let i = 0; i < PREPARATIONS_MAX && !isSettled(findings); i++) {
      const { profilesNeeded, facts } = findings;
      if (profilesNeeded.size > 0) await profiles?.prepare([...profilesNeeded]);
      await facts?.settle();
      findings = pass(resource, { ...scope, facts }, asked);
    }
    if (findings.facts?.settled === false) {
      findings.facts.close();
      findings = pass(resource, { ...scope, facts: findings.facts }, asked);
    }
    const { questions, issues, profilesNeeded } = findings;
    if (profilesNeeded.size > 0) issues.push(tooManyProfiles(scope));
    return questions.length === 0 ? issues : askAll(questions, ports, issues);
  }

  return {
    validate(resource: Resource, options: ValidationOptions = {}) {
      const object: JsonObject = isObject(resource) ? resource : {};
      const { thorough = false } = options;
      const { mode = thorough && defaultMode !== 'strict' ? 'profiles' : defaultMode } = options;
      const scope = { mode, thorough, ports, profiles };
      const findings = pass(object, scope, options.profiles);
      if (isSettled(findings) && findings.questions.length === 0) return findings.issues;
      return passPrepared(object, scope, options.profiles, findings);
    },
  };
}

/** Whether what a run has found counts, since it needed nothing that was not there. */
const isSettled = ({ profilesNeeded, facts }: Findings): boolean =>
  profilesNeeded.size === 0 && facts?.settled !== false;

const PROFILES_LOOKED_FOR_MAX = PREPARATIONS_MAX * PROFILES_NEEDED_MAX;

/** Of what was not looked for nobody knows whether it holds. */
const tooManyProfiles = ({ mode }: Scope): Issue => ({
  severity: mode === 'strict' ? 'error' : 'warning',
  code: 'too-costly',
  diagnostics: `The resource names more than ${PROFILES_LOOKED_FOR_MAX} profiles and extensions, or profiles that lead too far: not all were checked. Split it into several resources.`,
});
