import type { SearchParameterDefinition } from '../../../fhir/definitions/types.ts';
import { someMembers } from '../../../fhir/json/members.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { Key } from '../../index/rows.ts';
import { asObject, asText } from '../../index/values/json.ts';
import { isPatientColumn } from '../conditions/patientColumn.ts';
import type { FoundReference } from './localReference.ts';
import { versionNumber } from '../../resource/versionNumber.ts';
import type { ReferenceWalks } from './referenceWalk.ts';

/** Versions of a canonical URL that are wanted; undefined: any. */
type Canonicals = Map<string, Set<string | undefined>>;

/** A resource whose neighbours are looked for. */
export interface Starting {
  type: string;
  id: string;
  /** Null where only references to the id are wanted. */
  content: string | null;
}

const CANONICAL: ReadonlySet<string> = new Set(['url', 'version']);

/** What is to be looked up in one type. */
export class WantedType {
  readonly ids = new Set<string>();
  /** Versions that references name, by id. */
  readonly versions = new Map<string, Set<number>>();
  readonly keys = new Set<Key>();
  readonly patients = new Set<Key>();
  /** Keys that canonicals share with other versions of their URL: what they find must be checked. */
  readonly canonicalKeys = new Set<Key>();
  readonly #canonicals: Canonicals = new Map();
  readonly #referrers: { parameter: SearchParameterDefinition; to: Canonicals }[] = [];

  addLocal(id: string, version: string | undefined): void {
    if (version === undefined) {
      this.ids.add(id);
      return;
    }
    const number = versionNumber(version);
    if (number === undefined) return;
    const versions = this.versions.get(id);
    if (versions) versions.add(number);
    else this.versions.set(id, new Set([number]));
  }

  addCanonical(url: string, version: string | undefined): void {
    put(this.#canonicals, url, version);
  }

  addReferrer(parameter: SearchParameterDefinition, to: Canonicals): void {
    this.#referrers.push({ parameter, to });
  }

  /** Whether a resource that a canonical key found is the version that is meant, or refers to it. */
  accepts(walks: ReferenceWalks, type: string, resource: unknown): boolean {
    const { url, version } = canonicalOf(resource);
    if (url !== undefined && names(this.#canonicals, url, version)) return true;
    return this.#referrers.some(({ parameter, to }) =>
      walks
        .of(
          type,
          parameter,
        )(resource)
        .some((found) => found.kind === 'canonical' && refersTo(to, found)),
    );
  }
}

/** What includes ask for, gathered for statements: by type, so that one look-up serves them all. */
export class Wanted {
  readonly types = new Map<string, WantedType>();
  readonly #index: IndexQuery;
  readonly #walks: ReferenceWalks;

  constructor(index: IndexQuery, walks: ReferenceWalks) {
    this.#index = index;
    this.#walks = walks;
  }

  /** `_include`: what the references lead to. */
  addTargets(references: readonly FoundReference[], targetType: string | undefined): void {
    for (const found of references) {
      if (found.kind === 'local') {
        if (targetType === undefined || targetType === found.type)
          this.#type(found.type).addLocal(found.id, found.version);
        continue;
      }
      for (const type of found.types) {
        if (targetType !== undefined && targetType !== type) continue;
        const wanted = this.#type(type);
        wanted.addCanonical(found.url, found.version);
        for (const key of this.#index.uriKeys(type, 'url', found.url)) wanted.canonicalKeys.add(key);
      }
    }
  }

  /** `_revinclude`: resources of the type that refer to one of these by the parameter. */
  addReferrers(type: string, parameter: SearchParameterDefinition, targets: readonly Starting[]): void {
    const wanted = this.#type(type);
    const inPatientColumn = isPatientColumn(this.#index, type, parameter);
    const paths = this.#index.referencePaths(type, parameter);
    for (const { type: target, id } of targets) {
      const self = this.#index.selfKey(target, id);
      if (inPatientColumn && target === 'Patient') wanted.patients.add(self);
      else {
        for (const path of paths)
          if (path.target === undefined || path.target === target) wanted.keys.add(self ^ path.path);
      }
    }
    this.#addCanonicalReferrers(type, parameter, targets, wanted);
  }

  #addCanonicalReferrers(
    type: string,
    parameter: SearchParameterDefinition,
    targets: readonly Starting[],
    wanted: WantedType,
  ): void {
    const slots = this.#index.plan(type, parameter)?.slots ?? [];
    if (!slots.some(({ slot }) => slot.resolved?.some((path) => path.type !== 'Reference') ?? true)) return;
    const named = this.#walks.canonicalTypes(parameter);
    const to: Canonicals = new Map();
    for (const target of targets) {
      if (!named.includes(target.type)) continue;
      const { url, version } = canonicalOf(
        target.content === null ? undefined : someMembers(target.content, CANONICAL),
      );
      if (url === undefined) continue;
      put(to, url, version);
      for (const key of this.#index.referenceKeys(type, parameter, url)) wanted.canonicalKeys.add(key);
    }
    if (to.size > 0) wanted.addReferrer(parameter, to);
  }

  #type(type: string): WantedType {
    let wanted = this.types.get(type);
    if (!wanted) this.types.set(type, (wanted = new WantedType()));
    return wanted;
  }
}

function put(canonicals: Canonicals, url: string, version: string | undefined): void {
  const versions = canonicals.get(url);
  if (versions) versions.add(version);
  else canonicals.set(url, new Set([version]));
}

/** A reference without a version is to any. */
function names(wanted: Canonicals, url: string, version: string | undefined): boolean {
  const versions = wanted.get(url);
  return versions !== undefined && (versions.has(undefined) || versions.has(version));
}

function refersTo(targets: Canonicals, found: { url: string; version?: string }): boolean {
  const versions = targets.get(found.url);
  return versions !== undefined && (found.version === undefined || versions.has(found.version));
}

function canonicalOf(resource: unknown): { url: string | undefined; version: string | undefined } {
  const object = asObject(resource);
  return { url: asText(object?.['url']), version: asText(object?.['version']) };
}
