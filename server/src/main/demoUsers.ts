import { demoUsers, officeStaff, type DemoUser } from '@maxray/seed';
import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Passwords } from '../identity/passwords.ts';
import { LOCAL_CALLER } from '../records/caller.ts';
import type { Records } from '../records/records.ts';
import type { Settings } from '../store/settings.ts';
import { putOperation } from './putOperation.ts';
import { PROJECT_ID } from './roles.ts';

const SETTING = 'demo-users';
/** Without what looks alike. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 79 bits. */
const PASSWORD_CHARS = 16;

export interface DemoUserDoors {
  records: Records;
  passwords: Passwords;
  settings: Settings;
  /** Where the passwords are written, for its owner alone. */
  file: string;
}

/**
 * Makes a user for each role of the demo clinic, once, each with a random password that only the file has.
 *
 * @returns the users with their passwords, where they were made now
 */
export async function makeDemoUsers(doors: DemoUserDoors): Promise<{ email: string; password: string }[]> {
  const { records, passwords, settings, file } = doors;
  if ((await settings.read(SETTING)) !== undefined) return [];
  const users = demoUsers();
  const resources = [...officeStaff(), ...users.flatMap(accountOf)] as { resourceType: string; id: string }[];
  await records.transact(LOCAL_CALLER, resources.map(putOperation));
  const made = users.map(({ id, email, policy }) => ({ id, email, role: policy, password: newPassword() }));
  for (const { id, password } of made) await passwords.set(id, password);
  writeFileSync(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  await settings.write(SETTING, 'made');
  return made;
}

function accountOf(one: DemoUser): object[] {
  const { id, firstName, lastName, email, policy, profile, parameters = {}, isAdministrator } = one;
  const parameter = Object.entries(parameters).map(([name, valueReference]) => ({ name, valueReference }));
  const user = { resourceType: 'User', id, firstName, lastName, email };
  const membership = {
    resourceType: 'ProjectMembership',
    id,
    project: { reference: `Project/${PROJECT_ID}` },
    user: { reference: `User/${id}`, display: `${firstName} ${lastName}` },
    profile: { reference: profile, display: `${firstName} ${lastName}` },
    access: [{ policy: { reference: `AccessPolicy/${policy}` }, ...(parameter.length > 0 && { parameter }) }],
    ...(isAdministrator === true && { admin: true }),
  };
  return [user, membership];
}

const newPassword = (): string =>
  Array.from({ length: PASSWORD_CHARS }, () => LETTERS[randomInt(LETTERS.length)]).join('');
