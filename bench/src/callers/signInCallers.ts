import { loadRoles } from '@maxray/fhir-profiles';
import type { BenchCase } from '../cases/case.ts';
import type { DataPlan } from '../data/plan.ts';
import { sendResource } from '../processes/sendResource.ts';
import { signIn } from '../processes/signIn.ts';
import type { Place, Target } from '../processes/target.ts';
import type { BenchCaller } from './caller.ts';

/** All memberships are of one. */
const PROJECT = { resourceType: 'Project', id: 'bench', name: 'Benchmark' };

/** The server with tokens of the callers that the cases need, whose accounts it then has; an older one needs none. */
export const signInCallers = async (
  server: Target,
  cases: readonly BenchCase[],
  plan: DataPlan,
): Promise<Target> => {
  if (server.authorization === undefined) return server;
  const callers = new Map(
    cases.flatMap((bench) => (bench.callers?.(plan) ?? []).map((each) => [each.id, each])),
  );
  if (callers.size > 0)
    await storePolicies(server, new Set([...callers.values()].map(({ policy }) => policy)));
  const authorizations: Record<string, string> = {};
  for (const caller of callers.values()) authorizations[caller.id] = await signInOne(server, caller);
  return { ...server, callers: authorizations };
};

/** The store that is measured has nothing but the data: no role, no profile. */
const storePolicies = async (place: Place, ids: ReadonlySet<string>): Promise<void> => {
  await sendResource(place, 'PUT', `/Project/${PROJECT.id}`, PROJECT);
  for (const { policy } of loadRoles().filter((role) => ids.has(role.policy.id)))
    await sendResource(place, 'PUT', `/AccessPolicy/${policy.id}`, policy);
};

const signInOne = async (place: Place, { id, policy, profile }: BenchCaller): Promise<string> => {
  const account = `ClientApplication/${id}`;
  await sendResource(place, 'PUT', `/${account}`, { resourceType: 'ClientApplication', id, name: id });
  await sendResource(place, 'PUT', `/ProjectMembership/${id}`, {
    resourceType: 'ProjectMembership',
    id,
    project: { reference: `Project/${PROJECT.id}` },
    user: { reference: account },
    profile: { reference: profile },
    access: [{ policy: { reference: `AccessPolicy/${policy}` } }],
  });
  const authorization = await signIn(place.port, { id, secret: await newSecret(place, account) });
  if (authorization === undefined) throw new Error(`the server signs in its administrator, but not ${id}`);
  return authorization;
};

const newSecret = async (place: Place, account: string): Promise<string> => {
  const answer = await sendResource(place, 'POST', `/${account}/$rotate-secret`, {
    resourceType: 'Parameters',
  });
  const { parameter = [] } = answer as { parameter?: { name: string; valueString?: string }[] };
  const secret = parameter.find(({ name }) => name === 'secret')?.valueString;
  if (secret === undefined) throw new Error(`$rotate-secret of ${account} answers no secret`);
  return secret;
};
