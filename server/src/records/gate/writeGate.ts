import type { Access, AccessInteraction } from '../../access/access.ts';
import { parseExact } from '../../fhir/json/parse.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Store } from '../../store/store.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import { isTopic } from '../events/topicCode.ts';
import { notFound } from '../liveVersion.ts';
import type { IncomingResource } from '../prepare.ts';
import { requireShownParameters } from './askedOfEvents.ts';
import {
  constraintsBroken,
  contextRefused,
  elementsRefused,
  idRefused,
  notOfType,
  notThis,
  topicRefused,
} from './refusals.ts';
import { BINARY } from './securityContexts.ts';
import { Satisfying, type Proposed } from './satisfies.ts';
import type { TokenMeanings } from '../tokenMeanings.ts';
import { Visibility } from './visibility.ts';

/** The current version of what is to be changed. */
export interface Before {
  id: string;
  version: number;
  content: string;
}

/** Its resources open others: whoever makes one under an id that others refer to already would see those. */
const OPENING = 'Patient';

/** What a caller with limits may write: a write satisfies the policy before and after. */
export class WriteGate {
  readonly #store: Store;
  readonly #visibility: Visibility;
  readonly #satisfying: Satisfying;

  constructor(store: Store, meanings?: TokenMeanings) {
    this.#store = store;
    this.#visibility = new Visibility(store, meanings);
    this.#satisfying = new Satisfying(store);
  }

  /**
   * @param id absent: the server is to choose it
   * @throws FhirError `forbidden`
   */
  async checkCreate(access: Access, resource: IncomingResource, id?: string): Promise<void> {
    const type = resource.value.resourceType;
    requireNoTopic(access, resource.value);
    requireShownParameters(this.#store, access, resource.value);
    const { refused } = access.checkWrite(type, undefined, resource.value);
    if (refused.length > 0) throw elementsRefused(refused);
    await this.#requireAfter(access, 'create', {
      type,
      resource: resource.value,
      ...(id !== undefined && { id }),
    });
    requireConstraints(access, type, undefined, resource.value);
  }

  /**
   * A write under an id, over whatever is there. What was deleted stays whose it was: who could not change it makes nothing new in its place, and so
   * opens neither its past nor what refers to it.
   *
   * @param isChosen whether the id is the caller's choice
   * @returns what is to be written @throws FhirError `forbidden`, `not-found`
   */
  async checkPut(
    access: Access,
    id: string,
    found: StoredVersion | undefined,
    resource: IncomingResource,
    isChosen: boolean,
  ): Promise<IncomingResource> {
    const type = resource.value.resourceType;
    if (found && found.content !== null)
      return this.checkUpdate(access, { ...found, content: found.content }, resource);
    if (found) await this.#requirePast(access, type, found);
    else if (isChosen && type === OPENING && access.condition(type, 'create') !== true) throw idRefused(type);
    await this.checkCreate(access, resource, id);
    return resource;
  }

  /** @returns the resource with what is hidden from the caller in its place @throws FhirError `forbidden`, `not-found` */
  async checkUpdate(access: Access, before: Before, resource: IncomingResource): Promise<IncomingResource> {
    const type = resource.value.resourceType;
    await this.#requireBefore(access, type, before);
    const plain = JSON.parse(before.content) as Resource;
    requireNoTopic(access, plain, resource.value);
    requireShownParameters(this.#store, access, resource.value);
    const checked = access.checkWrite(type, plain, resource.value);
    if (checked.refused.length > 0) throw elementsRefused(checked.refused);
    const exact = access.checkWrite(type, parseExact(before.content) as Resource, resource.exact).resource;
    await this.#requireAfter(access, 'update', { type, id: before.id, resource: checked.resource });
    requireConstraints(access, type, plain, checked.resource);
    return { value: checked.resource, exact };
  }

  /** Whether it may be deleted; what may not be read is not there. @throws FhirError `forbidden` for what may be read only */
  async mayDelete(access: Access, type: string, before: Before): Promise<boolean> {
    if (access.condition(type, 'delete') === false) throw notOfType(type, 'delete');
    if (await this.#touches(access, 'delete', type, before)) {
      requireNoTopic(access, JSON.parse(before.content) as Resource);
      return true;
    }
    if (await this.#touches(access, 'read', type, before)) throw notThis(type, 'delete');
    return false;
  }

  /** What may not be read is not there; what may be read, but not changed, is forbidden. */
  async #requireBefore(access: Access, type: string, before: Before): Promise<void> {
    const interaction = 'update';
    if (access.condition(type, interaction) === false) throw notOfType(type, interaction);
    if (await this.#touches(access, interaction, type, before)) return;
    throw (await this.#touches(access, 'read', type, before))
      ? notThis(type, interaction)
      : notFound(type, before.id);
  }

  /** By what was deleted, as it was. @throws FhirError `not-found` */
  async #requirePast(access: Access, type: string, { id, version }: StoredVersion): Promise<void> {
    const reach = access.condition(type, 'update');
    if (reach === true) return;
    const last = await this.#store.reader.readVersion(type, id, version - 1);
    if (reach === false || !last || last.content === null) throw notFound(type, id);
    const resource = JSON.parse(last.content) as Resource;
    const decision = access.allows(type, 'update', resource);
    if (!(decision ?? (await this.#satisfying.satisfies({ type, id, resource }, reach))))
      throw notFound(type, id);
  }

  async #touches(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    { id, content }: Before,
  ): Promise<boolean> {
    if (type === BINARY) {
      const byContext = await this.#visibility.contexts.decides(access, interaction, content);
      if (byContext !== undefined) return byContext;
    }
    const decision = access.allowsText(type, interaction, content);
    if (decision !== undefined) return decision;
    return (await this.#visibility.visibleIds(access, interaction, type, [id])).length > 0;
  }

  async #requireAfter(access: Access, interaction: 'create' | 'update', proposed: Proposed): Promise<void> {
    const { type, resource } = proposed;
    const reach = access.condition(type, interaction);
    if (reach === false) throw notOfType(type, interaction);
    if (type === BINARY) await this.#requireContext(access, interaction, resource);
    if (reach === true) return;
    const decision = access.allows(type, interaction, resource);
    if (!(decision ?? (await this.#satisfying.satisfies(proposed, reach)))) throw notThis(type, interaction);
  }

  async #requireContext(access: Access, interaction: 'create' | 'update', resource: Resource): Promise<void> {
    if ((await this.#visibility.contexts.decidesOf(access, interaction, resource)) === false)
      throw contextRefused();
  }
}

/** Topics decide who is told of what: they are kept by those who may do everything. */
function requireNoTopic(access: Access, ...resources: Resource[]): void {
  if (resources.some(isTopic) && !access.unlimited) throw topicRefused();
}

function requireConstraints(
  access: Access,
  type: string,
  before: Resource | undefined,
  after: Resource,
): void {
  const violated = access.violated(type, before, after);
  if (violated.length > 0) throw constraintsBroken(type, violated);
}
