import { coveredByAny, INTERACTIONS, parseResourceScope } from '../../fhir/smart/scope.ts';

/**
 * Whether the scopes of a token leave an administrator what administrators do (SMART App Launch 2.2, "Scopes and Launch Context": an app gets no more than they say).
 * To erase, to read the log, to have a bot run is about no one type of resource, so that no narrower scope names it: those do that name everything.
 *
 * @param isUser whether somebody has signed in; else it is a client on its own behalf
 */
export function letAdminister(scopes: readonly string[], isUser: boolean): boolean {
  const context = isUser ? 'user' : 'system';
  return coveredByAny(scopesIn(scopes), { context, type: '*', interactions: new Set(INTERACTIONS) });
}

/** Whether scopes let anything of patients be read. */
export const letReadPatients = (scopes: readonly string[]): boolean =>
  scopesIn(scopes).some(
    ({ type, interactions }) => (type === '*' || type === 'Patient') && interactions.has('read'),
  );

/** Whether scopes let bots be run, which act with rights of their own: those do that are for every resource. */
export const letRunBots = (scopes: readonly string[]): boolean =>
  scopesIn(scopes).some(
    ({ type, interactions, query }) => type === '*' && interactions.has('update') && query === undefined,
  );

const scopesIn = (scopes: readonly string[]) => scopes.flatMap((text) => parseResourceScope(text) ?? []);
