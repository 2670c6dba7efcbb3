import type { AccessPolicy } from '@medplum/fhirtypes';
import type { AssignedPolicy } from './grants.ts';

const URL = 'https://maxray.example/fhir/StructureDefinition/maxray-policy';
/** What whoever has the policy uses records for: a code of v3-ActReason, once for each purpose. */
export const PURPOSE_EXTENSION = `${URL}-purpose-of-use`;
/** Whether whoever has the policy may open the record of a patient in an emergency. */
export const BREAK_GLASS_EXTENSION = `${URL}-break-glass`;

/** A Bot that whoever has the policy may execute, as a reference; once for each. */
export const EXECUTE_EXTENSION = `${URL}-execute`;

/** Purposes for which policies are assigned; undefined where one does not say: then it may be any. */
export function purposesOf(policies: readonly AssignedPolicy[]): ReadonlySet<string> | undefined {
  const each = policies.map(({ policy }) => extensions(policy, PURPOSE_EXTENSION));
  if (each.length === 0 || each.some(({ length }) => length === 0)) return undefined;
  const codes = each.flat().map(({ valueCode }) => valueCode);
  return codes.every((code) => typeof code === 'string') ? new Set(codes) : undefined;
}

/** Whether one of the policies lets its owner open records in an emergency. */
export const mayBreakGlass = (policies: readonly AssignedPolicy[]): boolean =>
  policies.some(({ policy }) =>
    extensions(policy, BREAK_GLASS_EXTENSION).some(({ valueBoolean }) => valueBoolean === true),
  );

/** Ids of the Bots that the policies let their owner execute. */
export const executableBots = (policies: readonly AssignedPolicy[]): string[] =>
  policies.flatMap(({ policy }) =>
    extensions(policy, EXECUTE_EXTENSION).flatMap(({ valueReference }) => {
      const [type, id] = valueReference?.reference?.split('/') ?? [];
      return type === 'Bot' && id !== undefined ? [id] : [];
    }),
  );

const extensions = ({ extension = [] }: AccessPolicy, url: string) =>
  extension.filter((one) => one.url === url);
