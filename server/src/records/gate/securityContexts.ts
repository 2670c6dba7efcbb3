import type { Access, AccessInteraction } from '../../access/access.ts';
import { someMembers } from '../../fhir/json/members.ts';
import type { JsonObject, Resource } from '../../fhir/resource.ts';
import { localReference } from '../../store/search/include/localReference.ts';
import type { Store } from '../../store/store.ts';

/** The type whose content says nothing of whom it is about. */
export const BINARY = 'Binary';

const MEMBER = 'securityContext';
const MEMBERS: ReadonlySet<string> = new Set([MEMBER]);
const READING: ReadonlySet<AccessInteraction> = new Set(['read', 'vread', 'history', 'search']);

/** Of current versions with these ids, those that the interaction may touch. */
type VisibleIds = (
  access: Access,
  interaction: AccessInteraction,
  type: string,
  ids: readonly string[],
) => Promise<string[]>;

/**
 * Binary.securityContext (http://hl7.org/fhir/R4/binary.html#security): a Binary that names a resource is seen by whoever may see all of that
 * resource, and by nobody else; policies about Binary do not count for that. To make one, the resource has to be seen; to change or
 * delete it, that resource may be changed; both beside a policy that opens Binary.
 */
export class SecurityContexts {
  readonly #store: Store;
  readonly #visibleIds: VisibleIds;

  constructor(store: Store, visibleIds: VisibleIds) {
    this.#store = store;
    this.#visibleIds = visibleIds;
  }

  /** Whether what a stored Binary names allows it. Undefined: policies decide. @param content its text */
  decides(access: Access, interaction: AccessInteraction, content: string): Promise<boolean | undefined> {
    return this.decidesOf(access, interaction, someMembers(content, MEMBERS));
  }

  /** The same of one that is to be stored. */
  async decidesOf(
    access: Access,
    interaction: AccessInteraction,
    binary: JsonObject,
  ): Promise<boolean | undefined> {
    const context = binary[MEMBER];
    if (context === undefined) return undefined;
    if (!(await this.#allows(access, interaction, context))) return false;
    return READING.has(interaction) ? true : undefined;
  }

  /** What leads to nothing that is here, allows nothing. */
  async #allows(access: Access, interaction: AccessInteraction, context: unknown): Promise<boolean> {
    const contexts = access.ofSecurityContexts(interaction);
    const { reference } = context as { reference?: unknown };
    if (!contexts || typeof reference !== 'string') return false;
    const { definitions, index, reader } = this.#store;
    const named = localReference(definitions, index.ownBase, reference);
    if (named === undefined || named.type === BINARY) return false;
    const { type, id } = named;
    const content = (await reader.read(type, id))?.content;
    if (typeof content !== 'string') return false;
    const asked = interaction === 'update' || interaction === 'delete' ? 'update' : 'read';
    const decision = contexts.allowsText(type, asked, content);
    if (!(decision ?? (await this.#visibleIds(contexts, asked, type, [id])).length > 0)) return false;
    return (
      contexts.hidden(type, 'read').length === 0 ||
      contexts.hiddenIn(type, JSON.parse(content) as Resource, 'read').length === 0
    );
  }
}
