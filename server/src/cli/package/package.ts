import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { readConfig } from '../../config.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { packageSources } from '../../main/packages.ts';
import { LOCAL_CALLER } from '../../records/caller.ts';
import { Cursors } from '../../records/cursors.ts';
import { InstalledPackages } from '../../records/packages/installedPackages.ts';
import { archiveFiles } from '../../records/packages/packageFiles.ts';
import { isArchive, isExact, packageText, parsePackageWish } from '../../records/packages/packageName.ts';
import { Packages, type AddReport } from '../../records/packages/packages.ts';
import { Records } from '../../records/records.ts';
import { Settings } from '../../store/settings.ts';
import { createValidator } from '../../validation/createValidator.ts';
import { openStoreForTools, type OpenedStore } from '../openStore.ts';

const USAGE = `maxray package add FILE.tgz|NAME@VERSION...   load FHIR packages with those that they need
maxray package list                            the packages that are loaded
maxray package remove NAME@VERSION             delete what only this package has brought`;

/** Lines about resources that were left out. */
const REFUSED_SHOWN_MAX = 20;
const SECRET_BYTES = 32;

/**
 * `maxray package`: implementation guides of the store; servers may go on working, and know of it within a second.
 *
 * @returns exit code: 0 when all was done
 */
export async function runPackage(
  [command, ...args]: string[],
  say: (line: string) => void,
  tenant?: string,
): Promise<number> {
  const isFine =
    command === 'add' ? args.length > 0 : command === 'remove' ? args.length === 1 : args.length === 0;
  if (!isFine || !['add', 'list', 'remove'].includes(command ?? '')) {
    say(USAGE);
    return command === '--help' ? 0 : 2;
  }
  const opened = await openStoreForTools(readConfig(process.env), tenant);
  try {
    const packages = packagesOf(opened);
    if (command === 'add') return await add(packages, args, say);
    if (command === 'list') return await list(packages, say);
    return await remove(packages, args[0]!, say);
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    say(error.message);
    return 1;
  } finally {
    await opened.close();
  }
}

function packagesOf({ store, database, schema }: OpenedStore): Packages {
  const { definitions } = store;
  const cursors = new Cursors(randomBytes(SECRET_BYTES));
  const records = new Records(store, { validator: createValidator(definitions), cursors });
  return new Packages(records, new InstalledPackages(new Settings(database, schema)), packageSources());
}

async function add(
  packages: Packages,
  names: readonly string[],
  say: (line: string) => void,
): Promise<number> {
  let code = 0;
  for (const name of names) {
    const wanted = isArchive(name) ? archiveFiles(path.resolve(name)) : parsePackageWish(name);
    code = Math.max(code, tell(await packages.add(LOCAL_CALLER, wanted, say), say));
  }
  return code;
}

function tell({ packages, missing }: AddReport, say: (line: string) => void): number {
  let searchParameters = 0;
  for (const one of packages) {
    say(`${packageText(one)}: ${one.written} resources stored, ${one.unchanged} were there already`);
    const { refused } = one;
    for (const { resource, reason } of refused.slice(0, REFUSED_SHOWN_MAX))
      say(`  ${resource} is left out: ${reason}`);
    if (refused.length > REFUSED_SHOWN_MAX) say(`  ${refused.length - REFUSED_SHOWN_MAX} more are left out`);
    if (one.written > 0) searchParameters += one.searchParameters;
  }
  for (const { name, reason } of missing) say(`${name} is needed, but was not loaded: ${reason}`);
  if (searchParameters > 0)
    say(
      `${searchParameters} search parameters came along: npx maxray reindex makes those that are new searchable`,
    );
  return packages.some(({ refused }) => refused.length > 0) ? 1 : 0;
}

async function list(packages: Packages, say: (line: string) => void): Promise<number> {
  const all = await packages.list();
  for (const one of all) say(`${packageText(one)}: ${one.resources.length} resources`);
  if (all.length === 0) say('No package is loaded.');
  return 0;
}

async function remove(packages: Packages, name: string, say: (line: string) => void): Promise<number> {
  const wish = parsePackageWish(name);
  if (!isExact(wish)) {
    say(`Say which version of ${wish.name}: NAME@VERSION`);
    return 2;
  }
  const deleted = await packages.remove(LOCAL_CALLER, { name: wish.name, version: wish.version! });
  say(`${packageText(wish)}: ${deleted} resources deleted`);
  return 0;
}
