import type { Access, AccessInteraction, Reach } from '../../access/access.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { HistoryEntry } from '../../store/history/types.ts';
import type { StoredVersion } from '../../store/resource/types.ts';
import type { Store } from '../../store/store.ts';
import type { Caller } from '../caller.ts';
import { live, notFound } from '../liveVersion.ts';
import type { TokenMeanings } from '../tokenMeanings.ts';
import { Decisions } from './decisions.ts';
import { namedLists, narrowed, type Narrowable } from './narrow.ts';
import { notOfType } from './refusals.ts';
import { Satisfying } from './satisfies.ts';
import { BINARY } from './securityContexts.ts';
import { shown } from './shown.ts';
import { Visibility, type StoredResource } from './visibility.ts';

type Live = StoredVersion & { content: string };

/**
 * What a caller may see of what is stored. What may not be seen is as if it were not there; only where nothing of a type may be
 * seen is that said (403).
 */
export class Gate {
  readonly #store: Store;
  readonly #visibility: Visibility;
  readonly #satisfying: Satisfying;
  readonly #decisions = new Decisions();

  constructor(store: Store, meanings?: TokenMeanings) {
    this.#store = store;
    this.#satisfying = new Satisfying(store);
    this.#visibility = new Visibility(store, meanings);
  }

  /** @throws FhirError `forbidden` where the caller may do it with no resource of the type */
  requireOffered({ access }: Caller, type: string, interaction: AccessInteraction): void {
    if (access !== 'unrestricted') requireOffered(access, type, interaction);
  }

  /** Before anything else is said of what was sent under an id. @throws FhirError `forbidden` where the caller may store nothing of the type */
  requireWritable(caller: Caller, type: string): void {
    const { access } = caller;
    if (access === 'unrestricted' || access.condition(type, 'create') !== false) return;
    this.requireOffered(caller, type, 'update');
  }

  /** The version as the caller may see it. @throws FhirError `not-found`, `gone`, `forbidden` */
  async seen(
    { access }: Pick<Caller, 'access'>,
    interaction: 'read' | 'vread',
    type: string,
    id: string,
    found: StoredVersion | undefined,
  ): Promise<Live> {
    if (access === 'unrestricted') return live(type, id, found);
    requireOffered(access, type, interaction);
    if (!found) throw notFound(type, id);
    const isSeen = this.#isSeen(access, interaction, type, found);
    // What is known at once, as with nearly every read, is not waited for.
    if (isSeen !== true && !(await isSeen)) throw notFound(type, id);
    const { content, ...rest } = live(type, id, found);
    return { ...rest, content: shown(access, interaction, type, content) };
  }

  /** A search that finds only what the caller may see, and by nothing else. */
  async narrowed<T extends Narrowable>({ access }: Pick<Caller, 'access'>, query: T): Promise<T> {
    if (access === 'unrestricted') return query;
    const named = namedLists(query);
    const lists = await this.#visibility.visibleIds(access, 'search', 'List', named);
    return narrowed(access, query, new Set(lists));
  }

  /** Those of the resources that a search may bring, as the caller may see them. */
  async visible<T extends StoredResource>({ access }: Caller, resources: readonly T[]): Promise<T[]> {
    if (access === 'unrestricted') return [...resources];
    const current = resources.filter(({ past }) => past === undefined);
    const visible = await this.#visibility.visible(access, 'search', current);
    const shown = visible.map((one) => this.#shown(access, 'search', one));
    if (current.length === resources.length) return shown;
    const past = await this.#visiblePast(access, resources);
    // In the order in which they came; what is shown of a resource is another object.
    const shownOf = new Map([...past, ...visible.map((one, i) => [one, shown[i]!] as const)]);
    return resources.flatMap((one) => shownOf.get(one) ?? []);
  }

  /** Past versions that a search brings along are those that could be read: who sees them may search, and see versions. */
  async #visiblePast<T extends StoredResource>(
    access: Access,
    resources: readonly T[],
  ): Promise<(readonly [T, T])[]> {
    const found: (readonly [T, T])[] = [];
    for (const one of resources) {
      if (one.past === undefined || !(await this.#isSeenAsPast(access, one.type, one.past))) continue;
      const shown = PAST_FOUND.reduce((so, interaction) => this.#shown(access, interaction, so), one);
      found.push([one, shown]);
    }
    return found;
  }

  async #isSeenAsPast(access: Access, type: string, past: StoredVersion): Promise<boolean> {
    for (const interaction of PAST_FOUND)
      if (!(await this.#isSeenOfPast(access, interaction, type, past))) return false;
    return true;
  }

  /** Resources that are known to be visible, without what is hidden in them. */
  shown<T extends StoredResource>({ access }: Caller, resources: readonly T[]): readonly T[] {
    if (access === 'unrestricted') return resources;
    return resources.map((one) => this.#shown(access, 'search', one));
  }

  /** Versions that the caller may see, as they may be seen. A deletion shows where the version before it does. */
  async history({ access }: Caller, entries: readonly HistoryEntry[]): Promise<HistoryEntry[]> {
    if (access === 'unrestricted') return [...entries];
    const seen: HistoryEntry[] = [];
    for (const entry of entries)
      if (await this.#isSeen(access, 'history', entry.type, entry))
        seen.push(this.#shown(access, 'history', entry));
    return seen;
  }

  /** The version as a notification may show it now: where it may be read, and so may the current one. A deletion has no content. */
  async told(
    { access }: Pick<Caller, 'access'>,
    type: string,
    version: StoredVersion,
  ): Promise<StoredVersion | undefined> {
    if (access === 'unrestricted') return version;
    if (!(await this.#isSeenOfPast(access, 'read', type, version))) return undefined;
    return this.#shown(access, 'read', { ...version, type });
  }

  /** By its own content, and that of the current version: what has gone out of reach takes its past with it. */
  #isSeen(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: StoredVersion,
  ): boolean | Promise<boolean> {
    return interaction === 'read'
      ? this.#isWithin(access, interaction, type, version)
      : this.#isSeenOfPast(access, interaction, type, version);
  }

  async #isSeenOfPast(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: StoredVersion,
  ): Promise<boolean> {
    if (access.condition(type, interaction) === true && type !== BINARY) return true;
    const current = await this.#store.reader.read(type, version.id);
    const isPast = current !== undefined && current.version !== version.version;
    if (!(await this.#isWithin(access, interaction, type, version, isPast))) return false;
    return !isPast || this.#isWithin(access, interaction, type, current);
  }

  /**
   * Where the content does not tell, as the database says: of the current version by its rows, of a past one by what it refers to, since the current one
   * may be about somebody else.
   */
  #isWithin(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: StoredVersion,
    isPast = false,
  ): boolean | Promise<boolean> {
    if (!isLive(version) || type === BINARY)
      return this.#isBinaryOrPastWithin(access, interaction, type, version, isPast);
    return this.#decided(access, interaction, type, version, isPast);
  }

  async #isBinaryOrPastWithin(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: StoredVersion,
    isPast: boolean,
  ): Promise<boolean> {
    const content = version.content ?? (await this.#before(type, version));
    if (content === undefined) return false;
    if (type === BINARY) {
      const byContext = await this.#visibility.contexts.decides(access, interaction, content);
      if (byContext !== undefined) return byContext;
    }
    return this.#decided(access, interaction, type, { ...version, content }, isPast);
  }

  #decided(
    access: Access,
    interaction: AccessInteraction,
    type: string,
    version: Live,
    isPast: boolean,
  ): boolean | Promise<boolean> {
    const { id, content } = version;
    const decision = this.#decisions.of(access, interaction, type, version, () =>
      access.allowsText(type, interaction, content),
    );
    if (decision !== undefined) return decision;
    if (isPast) return this.#wasWithin(access.condition(type, interaction), type, id, content);
    return this.#visibility.visibleIds(access, interaction, type, [id]).then((visible) => visible.length > 0);
  }

  async #wasWithin(reach: Reach, type: string, id: string, content: string): Promise<boolean> {
    if (typeof reach === 'boolean') return reach;
    return this.#satisfying.satisfies({ type, id, resource: JSON.parse(content) as Resource }, reach);
  }

  /** What a deletion deleted. */
  async #before(type: string, { id, version }: StoredVersion): Promise<string | undefined> {
    const before = await this.#store.reader.readVersion(type, id, version - 1);
    return before?.content ?? undefined;
  }

  #shown<T extends StoredResource>(access: Access, interaction: AccessInteraction, resource: T): T {
    const { type, content } = resource;
    return content === null ? resource : { ...resource, content: shown(access, interaction, type, content) };
  }
}

const PAST_FOUND = ['search', 'vread'] as const;

const isLive = (version: StoredVersion): version is Live => version.content !== null;

/** Binaries may be opened by what they name, too, whatever policies say of their type. */
function requireOffered(access: Access, type: string, interaction: AccessInteraction): void {
  if (access.condition(type, interaction) !== false) return;
  const isByContext = type === BINARY && OF_CONTEXTS.has(interaction);
  if (!isByContext || !access.ofSecurityContexts(interaction)) throw notOfType(type, interaction);
}

const OF_CONTEXTS: ReadonlySet<AccessInteraction> = new Set(['read', 'vread', 'history']);
