import type { JsonObject } from '../../fhir/resource.ts';
import { isObject, type ValidationState } from '../state.ts';

/** What a Reference element may point at. */
export interface ReferenceTargets {
  /** Resource types; absent: any. */
  allowed?: ReadonlySet<string>;
  isType: (name: string) => boolean;
}

const ID = '[A-Za-z0-9.-]{1,64}';
/** http://hl7.org/fhir/R4/references.html#literal: type and id, perhaps a version; before them a base in an absolute one. */
const RELATIVE = new RegExp(`^([A-Za-z]+)/(${ID})(?:/_history/${ID})?(?:#\\S+)?$`);
const RESTFUL = new RegExp(`^https?://.*/([A-Za-z]+)/${ID}(?:/_history/${ID})?(?:#.*)?$`, 's');
/** A search in place of an id, in transactions (http://hl7.org/fhir/R4/http.html#trules), perhaps with the base of a server. */
const CONDITIONAL = /^(?:https?:\/\/[^?]+\/)?([A-Za-z]+)\?/;
const DEFINITIONS = 'http://hl7.org/fhir/StructureDefinition/';
const ABSTRACT: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*:/;
const UUID = /^urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const OID = /^urn:oid:[0-2](?:\.(?:0|[1-9]\d*))+$/;

/** The value of a Reference element: its form, what it points at, and that `type` says the same. */
export function checkReference(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  value: JsonObject,
  targets: ReferenceTargets,
): void {
  const { reference } = value;
  state.names[depth] = name;
  state.indexes[depth] = index;
  const type = saidType(state, depth, value.type, targets);
  if (type !== undefined && targets.allowed?.has(type) === false) wrongType(state, depth, targets.allowed);
  if (typeof reference !== 'string' || reference === '') return;
  const found = targetType(state, depth, reference, targets);
  if (found === undefined) return;
  if (targets.allowed?.has(found) === false) return wrongType(state, depth, targets.allowed);
  if (type !== undefined && type !== found) {
    const diagnostics =
      "'type' names another resource type than the reference leads to: correct one of them.";
    state.report('reference-type', depth + 1, 'type', -1, diagnostics);
  }
}

/**
 * The resource type that `type` names: a URL relative to that of R4's definitions (http://hl7.org/fhir/R4/references-definitions.html#Reference.type),
 * also written in full. Of other URLs, which logical models have, nobody knows; another name is a fault.
 */
function saidType(
  state: ValidationState,
  depth: number,
  type: unknown,
  { isType }: ReferenceTargets,
): string | undefined {
  if (typeof type !== 'string' || type === '') return undefined;
  const name = type.startsWith(DEFINITIONS) ? type.slice(DEFINITIONS.length) : type;
  if (isType(name)) return name;
  if (SCHEME.test(name) || ABSTRACT.has(name)) return undefined;
  state.report(
    'reference-type',
    depth + 1,
    'type',
    -1,
    "'type' names no resource type of FHIR R4: write the name of one, or leave it out.",
  );
  return undefined;
}

/** The type of the resource that a reference leads to; undefined where that is unknown, or a fault is reported. */
function targetType(
  state: ValidationState,
  depth: number,
  reference: string,
  targets: ReferenceTargets,
): string | undefined {
  if (reference.startsWith('#')) return containedType(state, depth, reference);
  const relative = RELATIVE.exec(reference);
  if (relative && targets.isType(relative[1]!)) {
    askExistence(state, depth, reference, relative[1]!, relative[2]!);
    return relative[1];
  }
  const criteria = CONDITIONAL.exec(reference)?.[1];
  if (criteria !== undefined && targets.isType(criteria)) return criteria;
  const inside = typeOf(state.resolve(reference));
  if (inside !== undefined) return inside;
  if (!SCHEME.test(reference) || isBadUrn(reference)) {
    badForm(state, depth);
    return undefined;
  }
  if (state.thorough && reference.startsWith('urn:')) warnOfDangling(state, depth);
  const restful = RESTFUL.exec(reference)?.[1];
  if (restful === undefined || !targets.isType(restful)) return undefined;
  const own = ownPart(reference, state.ownBase);
  if (own?.[1] === restful) askExistence(state, depth, own[0], restful, own[2]!);
  return restful;
}

/** Of an absolute reference to a resource of this server: what is relative in it. */
function ownPart(reference: string, base: string | undefined): RegExpExecArray | undefined {
  if (base === undefined || !reference.startsWith(`${base}/`)) return undefined;
  return RELATIVE.exec(reference.slice(base.length + 1)) ?? undefined;
}

/** Nobody but the Bundle itself can say what a URN is. What the first entry of a document lacks is an error of the Bundle. */
function warnOfDangling(state: ValidationState, depth: number): void {
  const { bundle, container } = state;
  if (bundle === undefined || !BROUGHT_ALONG.has(bundle.type)) return;
  if (bundle.type === 'document' && container.resourceType === 'Composition') return;
  const text =
    'No entry of the Bundle has this URN as its fullUrl, and nobody else can resolve it: add the entry, or correct the reference.';
  state.report('bundle-reference', depth + 1, 'reference', -1, text, 'warning');
}

/** Types of Bundle that bring what their URNs refer to. */
const BROUGHT_ALONG: ReadonlySet<unknown> = new Set(['collection', 'transaction', 'document', 'message']);

function containedType(state: ValidationState, depth: number, reference: string): string | undefined {
  const resource = state.resolve(reference);
  if (resource) return typeOf(resource);
  if (isPatch(state.container)) return undefined;
  const diagnostics =
    'There is no contained resource with this id: add it, or refer to one that is there (ref-1).';
  state.report('reference-contained', depth, state.names[depth]!, state.indexes[depth]!, diagnostics);
  return undefined;
}

/** The values of a FHIRPath Patch go into another resource: there it is seen what they lead to (http://hl7.org/fhir/R4/fhirpatch.html). */
function isPatch({ resourceType, parameter }: JsonObject): boolean {
  if (resourceType !== 'Parameters' || !Array.isArray(parameter)) return false;
  return parameter.some((one: unknown) => isObject(one) && one.name === 'operation');
}

/** A canonical that names a contained resource (http://hl7.org/fhir/R4/references.html#canonical). */
export function checkContainedCanonical(
  state: ValidationState,
  depth: number,
  name: string,
  index: number,
  canonical: string,
): void {
  if (state.resolve(canonical) || isPatch(state.container)) return;
  const diagnostics =
    'There is no contained resource with this id: add it, or name the canonical URL of one that is not contained.';
  state.report('canonical-contained', depth, name, index, diagnostics);
}

function askExistence(
  state: ValidationState,
  depth: number,
  reference: string,
  type: string,
  id: string,
): void {
  if (!state.asksReferences || state.resolve(reference) !== undefined) return;
  state.askReference({ type, id }, depth + 1, 'reference', -1, (exists, report) => {
    const text =
      'The resource that the reference names is not here: store it first, or correct the reference.';
    if (!exists) report('reference-unknown', text);
  });
}

function typeOf(resource: JsonObject | undefined): string | undefined {
  return isObject(resource) && typeof resource.resourceType === 'string' ? resource.resourceType : undefined;
}

function isBadUrn(reference: string): boolean {
  if (reference.startsWith('urn:uuid:')) return !UUID.test(reference);
  return reference.startsWith('urn:oid:') && !OID.test(reference);
}

function badForm(state: ValidationState, depth: number): void {
  const diagnostics =
    "The reference has no form that FHIR knows: write Type/id, an absolute URL, urn:uuid: or urn:oid:, or '#' and the id of a contained resource.";
  state.report('reference-format', depth, state.names[depth]!, state.indexes[depth]!, diagnostics);
}

function wrongType(state: ValidationState, depth: number, allowed: ReadonlySet<string>): void {
  const types = [...allowed].join(', ');
  const diagnostics = `'${state.names[depth]!}' may not refer to a resource of this type: refer to one of ${types}.`;
  state.report('reference-target', depth, state.names[depth]!, state.indexes[depth]!, diagnostics);
}
