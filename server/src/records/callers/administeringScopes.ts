import { coveredByAny, INTERACTIONS, parseResourceScope } from '../../fhir/smart/scope.ts';

/**
 * Whether the scopes of a token leave an administrator what administrators do (SMART App Launch 2.2, "Scopes and Launch Context": an app gets no more than they say).
 * To erase, to read the log, to have a bot run is about no one type of resource, so that no narrower scope names it: those do that name everything.
 *
 * @param isUser whether somebody has signed in; else it is a client on its own behalf
 */
export function letAdminister(scopes: readonly string[], isUser: boolean): boolean {
  const granted = scopes.flatMap((text) => parseResourceScope(text) ?? []);
  const context = isUser ? 'user' : 'system';
  return coveredByAny(granted, { context, type: '*', interactions: new Set(INTERACTIONS) });
}
