import type { JsonObject, Resource } from '../../fhir/resource.ts';

const ENTITY_KEPT: ReadonlySet<string> = new Set(['what', 'type', 'role', 'lifecycle', 'id']);
const AGENT_DROPPED: ReadonlySet<string> = new Set(['name', 'altId']);

/** An AuditEvent that a client stored, without texts: who did what to which resource is kept, what they are called is not. */
export function withoutTexts<T extends Resource>(event: T): T {
  const { text: _narrative, outcomeDesc: _outcome, ...rest } = event;
  const only = (items: unknown, keeps: (name: string) => boolean) =>
    (items as JsonObject[]).map((item) =>
      plainReferences(Object.fromEntries(Object.entries(item).filter(([name]) => keeps(name)))),
    );
  return {
    ...rest,
    ...(Array.isArray(event.entity) && { entity: only(event.entity, (name) => ENTITY_KEPT.has(name)) }),
    ...(Array.isArray(event.agent) && { agent: only(event.agent, (name) => !AGENT_DROPPED.has(name)) }),
  } as unknown as T;
}

export const isWithoutTexts = (event: Resource): boolean =>
  JSON.stringify(withoutTexts(event)) === JSON.stringify(event);

/** References without what is said beside them. */
function plainReferences(item: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      const { reference } = (value ?? {}) as { reference?: unknown };
      return [name, typeof reference === 'string' ? { reference } : value];
    }),
  );
}
