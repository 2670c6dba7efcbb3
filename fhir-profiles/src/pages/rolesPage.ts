import type { AccessPolicy, AccessPolicyResource } from '@medplum/fhirtypes';
import type { Role, RoleGroup } from '../roles.ts';
import { code, table } from './markdown.ts';

const NOTE =
  'Made from fhir-profiles/roles/ by `npx node scripts/docs/profiles.mjs`: change it there. What nothing here allows is denied. How policies are understood stands in [decision 0030](../decisions/0030-access-policies.md).';
const VARIABLES =
  '`%profile` is the Practitioner, Patient or RelatedPerson who is signed in, `%patient` the patient who that is or acts for, `%organization` the organisations to which he or she belongs. Others are parameters of the ProjectMembership.';
const READING: readonly string[] = ['search', 'read', 'vread', 'history'];
const COLUMNS = ['resources', 'may', 'which', 'except'];

/** The page that tells what each role may do and why. */
export function rolesPage(roles: readonly Role[]): string {
  return ['# Roles', NOTE, VARIABLES, ...roles.flatMap(rolePart)].join('\n\n') + '\n';
}

function rolePart({ role, purpose, policy, groups }: Role): string[] {
  const entries = [...(policy.resource ?? [])];
  return [
    `## ${policy.name}`,
    `${code(role)}, AccessPolicy ${code(policy.id)}. ${purpose}`,
    ...uses(policy),
    ...groups.flatMap((group) => groupPart(group, entries.splice(0, group.entries))),
  ];
}

/** What consents and emergencies go by. */
function uses({ extension = [] }: AccessPolicy): string[] {
  const named = (name: string) => extension.filter(({ url }) => url.endsWith(`/maxray-policy-${name}`));
  const purposes = named('purpose-of-use').map(({ valueCode = '' }) => code(valueCode));
  const breaksGlass = named('break-glass').some(({ valueBoolean }) => valueBoolean === true);
  return [
    ...(purposes.length > 0 ? [`For consents, the purpose of use is ${purposes.join(', ')}.`] : []),
    ...(breaksGlass
      ? [
          'In an emergency, the record of any patient may be opened ([decision 0038](../decisions/0038-break-glass.md)).',
        ]
      : []),
  ];
}

function groupPart({ title, why, types }: RoleGroup, entries: readonly AccessPolicyResource[]): string[] {
  const rows = new Map<string, { types: string[]; cells: string[] }>();
  for (const type of types) {
    for (const cells of typeCells(entries.filter(({ resourceType }) => resourceType === type))) {
      const key = cells.join('\n');
      const row = rows.get(key) ?? { types: [], cells };
      rows.set(key, row);
      row.types.push(type === '*' ? 'every type' : type);
    }
  }
  const lines = [...rows.values()].map((row) => [row.types.join(', '), ...row.cells]);
  return [`**${title}.** ${why}`, table(COLUMNS, lines)];
}

/** The cells for one type: once for entries that differ only in what they are about. */
function typeCells(entries: readonly AccessPolicyResource[]): string[][] {
  const merged = new Map<string, { may: string; which: string[]; except: string }>();
  for (const entry of entries) {
    const may = interactions(entry);
    const except = exceptions(entry);
    const key = `${may}\n${except}`;
    const cells = merged.get(key) ?? { may, which: [], except };
    merged.set(key, cells);
    cells.which.push(which(entry));
  }
  return [...merged.values()].map(({ may, which: some, except }) => [may, some.join(' or '), except]);
}

function interactions({ interaction = [] }: AccessPolicyResource): string {
  const reads = READING.every((one) => interaction.some((other) => other === one));
  const others = interaction.filter((one) => !reads || !READING.includes(one));
  return [...(reads ? ['read'] : []), ...others].join(', ');
}

const which = ({ criteria }: AccessPolicyResource): string =>
  criteria === undefined ? 'all' : code(criteria.slice(criteria.indexOf('?') + 1));

function exceptions({ hiddenFields, readonlyFields, writeConstraint = [] }: AccessPolicyResource): string {
  const sentences = writeConstraint.map(({ description = '' }) => description);
  if (hiddenFields) sentences.push(`Not shown: ${hiddenFields.join(', ')}.`);
  if (readonlyFields) sentences.push(`Not changed: ${readonlyFields.join(', ')}.`);
  return sentences.join(' ');
}
