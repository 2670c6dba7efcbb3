import type { Resource } from '../../fhir/resource.ts';

const ORDER = 'ServiceRequest';
const XRAY_ORDER = 'https://maxray.example/fhir/StructureDefinition/maxray-xray-order';
/** SNOMED CT: Imaging. */
const IMAGING = { system: 'http://snomed.info/sct', code: '363679005' };
/** Nothing will be done any more. */
const OVER: readonly unknown[] = ['completed', 'revoked', 'entered-in-error'];

interface Concept {
  coding?: { system?: string; code?: string }[];
}

/** Is this an order for images: to be made, and not one of those that say what must not be done? */
export function isImagingOrder(resource: Resource): boolean {
  const { resourceType, intent, doNotPerform } = resource;
  if (resourceType !== ORDER || intent !== 'order' || doNotPerform === true) return false;
  return isOfImaging(resource) || claimsProfile(resource);
}

/** Its images are there, or there will be none. */
export const isOver = ({ status }: Resource): boolean => OVER.includes(status);

/**
 * Whether the numbers of an order may have to be looked after when it is written so. Says without asking the store: what replaces an order
 * can be anything by now.
 */
export const mayHaveNumbers = (kind: 'create' | 'update', resource: Resource): boolean =>
  kind === 'create' ? isImagingOrder(resource) : resource.resourceType === ORDER;

function isOfImaging({ category }: Resource): boolean {
  const concepts = (category ?? []) as Concept[];
  return concepts.some(({ coding }) =>
    coding?.some(({ system, code }) => system === IMAGING.system && code === IMAGING.code),
  );
}

function claimsProfile({ meta }: Resource): boolean {
  const profiles = (meta?.profile ?? []) as (string | null)[];
  return profiles.some((profile) => profile?.split('|', 1)[0] === XRAY_ORDER);
}
