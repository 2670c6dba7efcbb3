import { setImmediate } from 'node:timers/promises';
import type { Definitions } from '../../../fhir/definitions/types.ts';
import { someMembers } from '../../../fhir/json/members.ts';
import type { Include } from '../../../fhir/search/ast.ts';
import type { IndexQuery } from '../../index/query.ts';
import type { PageResource } from './includeRun.ts';
import { localReferences, toCurrent } from './localReference.ts';
import { referenceTexts } from './referenceTexts.ts';
import { mayReferTo, type ReferenceWalk, type ReferenceWalks } from './referenceWalk.ts';
import { Wanted, type Starting } from './wanted.ts';

/** Characters that are parsed before others get their turn: about 10 ms. */
export const PARSED_CHARS_MAX = 1_000_000;

export interface GatherParts {
  definitions: Definitions;
  index: IndexQuery;
  walks: ReferenceWalks;
  /** Resource types that have tables. */
  existingTypes(): Promise<string[]>;
}

/** Tells what resources lead to, for one round of look-ups. */
export type Gather = (resources: readonly PageResource[]) => Promise<Wanted>;

/** What is followed from the resources of a type. */
interface Followed {
  walks: { walk: ReferenceWalk; targetType: string | undefined }[];
  /** Elements that the walks look at; undefined: they may look at all. */
  members: ReadonlySet<string> | undefined;
}

/** What the includes ask for. */
export function gatherIncludes(parts: GatherParts, includes: readonly Include[]): Gather {
  const { index, walks } = parts;
  const forward = includes.filter(({ reverse }) => !reverse);
  const byType = new Map<string, Followed>();
  const followedFrom = (type: string): Followed => {
    let followed = byType.get(type);
    if (!followed) byType.set(type, (followed = followedOf(walks, forward, type)));
    return followed;
  };
  return async (resources) => {
    const wanted = new Wanted(index, walks);
    await inTurns(resources, (i) => {
      const { type, content } = resources[i]!;
      const followed = followedFrom(type);
      if (content === null || followed.walks.length === 0) return;
      const resource = followed.members ? someMembers(content, followed.members) : JSON.parse(content);
      for (const { walk, targetType } of followed.walks) wanted.addTargets(walk(resource), targetType);
    });
    for (const include of includes)
      if (include.reverse) await addReferrers(parts, wanted, include, resources);
    return wanted;
  };
}

function followedOf(walks: ReferenceWalks, includes: readonly Include[], type: string): Followed {
  const followed: Followed = { walks: [], members: new Set() };
  for (const { sourceType, parameter, targetType } of includes) {
    if (sourceType !== '*' && sourceType !== type) continue;
    const { walk, members } = walks.along(type, parameter);
    followed.walks.push({ walk, targetType });
    followed.members = followed.members && members?.union(followed.members);
  }
  return followed;
}

/** All that the resources refer to: by search parameters, by other references, and as attachments. The current versions of it. */
export function gatherReferences({ definitions, index, walks }: GatherParts): Gather {
  return async (resources) => {
    const wanted = new Wanted(index, walks);
    const texts = { references: new Set<string>(), urls: new Set<string>() };
    await inTurns(resources, (i) => {
      const { type, content } = resources[i]!;
      if (content === null) return;
      // References are found in the text; what canonicals name takes a look at the elements.
      if (walks.haveCanonicals(type))
        wanted.addTargets(walks.of(type)(JSON.parse(content)).map(toCurrent), undefined);
      const { references, urls } = referenceTexts(content);
      for (const text of references) texts.references.add(text);
      for (const text of urls) texts.urls.add(text);
    });
    const distinct = { references: [...texts.references], urls: [...texts.urls] };
    wanted.addTargets(localReferences(definitions, index.ownBase, distinct).map(toCurrent), undefined);
    return wanted;
  };
}

async function addReferrers(
  { walks, existingTypes }: GatherParts,
  wanted: Wanted,
  { sourceType, parameter, targetType }: Include,
  starting: readonly Starting[],
): Promise<void> {
  const targets = targetType === undefined ? starting : starting.filter(({ type }) => type === targetType);
  if (targets.length === 0) return;
  const types = sourceType === '*' ? await existingTypes() : [sourceType];
  for (const type of types) {
    for (const one of parameter === undefined ? walks.parameters(type) : [parameter]) {
      const allowed = targets.filter((target) => mayReferTo(one, target.type));
      if (allowed.length > 0) wanted.addReferrers(type, one, allowed);
    }
  }
}

/** Visits the resources, with pauses in which other requests get their turn. */
async function inTurns(resources: readonly PageResource[], visit: (i: number) => void): Promise<void> {
  let chars = 0;
  for (const [i, { content }] of resources.entries()) {
    visit(i);
    if ((chars += content?.length ?? 0) < PARSED_CHARS_MAX) continue;
    chars = 0;
    await setImmediate();
  }
}
