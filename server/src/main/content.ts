import path from 'node:path';
import type { Config } from '../config.ts';
import type { Passwords } from '../identity/passwords.ts';
import type { InstalledPackages } from '../records/packages/installedPackages.ts';
import type { Records } from '../records/records.ts';
import type { IndexRecords } from '../records/searchParameters.ts';
import type { Log } from '../store/postgres/log.ts';
import type { Settings } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import { loadDemo } from './demo.ts';
import { makeDemoUsers } from './demoUsers.ts';
import { loadOwnProfiles } from './ownProfiles.ts';
import { loadPackages } from './packages.ts';
import { loadRolePolicies } from './roles.ts';

export interface ContentParts {
  config: Config;
  dataDir: string;
  store: Store;
  records: Records;
  index: IndexRecords;
  settings: Settings;
  installed: InstalledPackages;
  passwords: Passwords;
  log: Log;
  onProgress: (message: string) => void;
  stopping: AbortSignal;
}

/** Passwords of the demo's users, for its owner alone. */
export const demoUsersFile = (dataDir: string): string => path.join(dataDir, 'demo-users.json');

/** Stores what a server begins with: roles, the demo with its users, packages. */
export async function loadContent(parts: ContentParts): Promise<void> {
  const { config, dataDir, store, records, index, settings, passwords, onProgress, stopping } = parts;
  const isEmpty = (await store.types.existing()).length === 0;
  if (config.demo && (await loadDemo({ records, index, settings }, isEmpty, onProgress, stopping))) {
    await loadRolePolicies(records, settings, (message) => parts.log('warn', message));
    const made = await makeDemoUsers({ records, passwords, settings, file: demoUsersFile(dataDir) });
    for (const { email, password } of made) onProgress(`demo user: ${email}  password: ${password}`);
  } else if (config.roles) {
    await loadOwnProfiles({ records, index, settings }); // policies search by their parameters
    await loadRolePolicies(records, settings, (message) => parts.log('warn', message));
  }
  await loadPackages(parts, config.fhirPackages, onProgress);
}
