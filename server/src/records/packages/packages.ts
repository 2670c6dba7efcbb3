import { FhirError, fhirError, type Issue } from '../../fhir/outcome.ts';
import type { Resource } from '../../fhir/resource.ts';
import type { Caller } from '../caller.ts';
import type { IncomingResource } from '../prepare.ts';
import type { Records, TransactionOperation } from '../records.ts';
import type { InstalledPackage, InstalledPackages } from './installedPackages.ts';
import { packageResources, readManifest, type PackageResource } from './packageContent.ts';
import type { PackageFiles } from './packageFiles.ts';
import { isBuiltIn, packageText, type PackageId, type PackageWish } from './packageName.ts';
import type { PackageSources } from './packageSources.ts';
import { isStored } from './storedDefinition.ts';

/** Resources that are written together; of search parameters more, since each time the index gets another plan. */
const BATCH_MAX = 50;
const PARAMETERS_MAX = 500;
/** Packages that one may bring along, those that they bring along included. */
export const DEPENDENCIES_MAX = 100;

/**
 * What is the publisher's to answer for: rules beyond the structure. US Core itself has extensions where R4 does not allow them.
 */
const PUBLISHERS_RULES =
  /^(extension-(context|unknown|value|count|part|modifier)|narrative-|invariant|binding-|definition-)/;
const isPublishers = ({ details }: Issue): boolean => PUBLISHERS_RULES.test(details?.coding?.[0]?.code ?? '');

/** What became of a package. */
export interface PackageResult extends PackageId {
  /** Resources that were written; the others were there already. */
  written: number;
  unchanged: number;
  /** Resources that are no valid FHIR, and files that are no JSON, with what is wrong: they are left out. */
  refused: { resource: string; reason: string }[];
  /** SearchParameters among them, which need an index before they can be searched by. */
  searchParameters: number;
}

export interface AddReport {
  packages: PackageResult[];
  /** Packages that others need and that could not be had, and why. */
  missing: { name: string; reason: string }[];
}

/** Loads FHIR packages (http://hl7.org/fhir/R4/packages.html) into a store as resources. */
export class Packages {
  readonly #records: Records;
  readonly #installed: InstalledPackages;
  readonly #sources: PackageSources;

  constructor(records: Records, installed: InstalledPackages, sources: PackageSources) {
    this.#records = records;
    this.#installed = installed;
    this.#sources = sources;
  }

  list(): Promise<InstalledPackage[]> {
    return this.#installed.all();
  }

  /**
   * Loads a package with those that it needs. What is there already stays as it is; another version of it does as well.
   *
   * @param onProgress told of each package when it begins
   * @throws FhirError when the package cannot be had or read; one that it needs is reported instead
   */
  async add(
    caller: Caller,
    wanted: PackageWish | PackageFiles,
    onProgress: (text: string) => void = () => undefined,
  ): Promise<AddReport> {
    const report: AddReport = { packages: [], missing: [] };
    const files = typeof wanted === 'function' ? wanted : await this.#sources.find(wanted);
    const seen = new Set<string>();
    const waiting = await this.#addOne(caller, files, report, onProgress);
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const name = packageText(next);
      if (seen.has(name) || isBuiltIn(next)) continue;
      seen.add(name);
      try {
        if (seen.size > DEPENDENCIES_MAX)
          throw fhirError('unprocessable', 'too-costly', `There are more than ${DEPENDENCIES_MAX} packages.`);
        const found = await this.#sources.find(next);
        waiting.push(...(await this.#addOne(caller, found, report, onProgress)));
      } catch (error) {
        if (!(error instanceof FhirError) || error.category === 'busy') throw error;
        report.missing.push({ name, reason: error.message });
      }
    }
    return report;
  }

  /** @returns the packages that it needs */
  async #addOne(
    caller: Caller,
    files: PackageFiles,
    report: AddReport,
    onProgress: (text: string) => void,
  ): Promise<PackageWish[]> {
    const manifest = await readManifest(files);
    const { name, version, guide, dependencies } = manifest;
    if (report.packages.some((one) => packageText(one) === packageText(manifest))) return [];
    onProgress(`loading ${packageText(manifest)} ...`);
    const result: PackageResult = {
      name,
      version,
      written: 0,
      unchanged: 0,
      refused: [],
      searchParameters: 0,
    };
    report.packages.push(result);
    const resources = new Set<string>();
    const parameters: TransactionOperation[] = [];
    const others: TransactionOperation[] = [];
    const flush = async (batch: TransactionOperation[]): Promise<void> => {
      if (batch.length > 0) await this.#records.transact(caller, batch);
      result.written += batch.length;
      batch.length = 0;
    };
    for await (const resource of packageResources(files)) {
      if ('reason' in resource) {
        result.refused.push({ resource: resource.name, reason: resource.reason });
        continue;
      }
      const key = `${resource.type}/${resource.id}`;
      if (resources.has(key)) continue; // the same canonical and version a second time
      const operation = await this.#operation(caller, resource, result);
      if (operation === 'refused') continue;
      resources.add(key);
      const isParameter = resource.type === 'SearchParameter';
      if (isParameter) result.searchParameters += 1;
      const [batch, max] = isParameter ? [parameters, PARAMETERS_MAX] : [others, BATCH_MAX];
      if (operation === 'unchanged') result.unchanged += 1;
      else if (batch.push(operation) >= max) await flush(batch);
    }
    await flush(others);
    await flush(parameters);
    await this.#installed.write({
      name,
      version,
      ...(guide === undefined ? {} : { guide }),
      resources: [...resources],
      dependencies,
    });
    return dependencies;
  }

  async #operation(
    caller: Caller,
    { type, id, body }: PackageResource,
    result: PackageResult,
  ): Promise<TransactionOperation | 'unchanged' | 'refused'> {
    if (await isStored(this.#records, caller, body.value as Resource)) return 'unchanged';
    try {
      return { kind: 'update', type, id, resource: await this.#records.check(body, type) };
    } catch (error) {
      if (!(error instanceof FhirError) || error.category === 'busy') throw error;
      const refusal = error.issues.find((issue) => !isPublishers(issue));
      if (refusal === undefined) return { kind: 'update', type, id, resource: body as IncomingResource };
      result.refused.push({ resource: `${type}/${id}`, reason: refusal.diagnostics });
      return 'refused';
    }
  }

  /**
   * Deletes what a package has brought and no other has.
   *
   * @returns how many resources were deleted
   * @throws FhirError `not-found` when it is not loaded, `conflict` when another package needs it
   */
  async remove(caller: Caller, id: PackageId): Promise<number> {
    const known = await this.#installed.find(id);
    if (known === undefined)
      throw fhirError(
        'not-found',
        'not-found',
        `The package ${packageText(id)} is not loaded: see the list of packages.`,
      );
    const others = (await this.#installed.all()).filter((one) => packageText(one) !== packageText(id));
    const needing = others.filter(({ dependencies }) => dependencies.some((one) => needs(one, id, others)));
    if (needing.length > 0)
      throw fhirError(
        'conflict',
        'conflict',
        `The package ${packageText(id)} is needed by ${needing.map(packageText).join(', ')}: remove these first.`,
      );
    const shared = new Set(others.flatMap(({ resources }) => resources));
    const own = known.resources.filter((resource) => !shared.has(resource));
    let deleted = 0;
    for (const resource of own) {
      const [type = '', resourceId = ''] = resource.split('/');
      if (await this.#records.delete(caller, type, resourceId)) deleted += 1;
    }
    await this.#installed.remove(id);
    return deleted;
  }
}

/** Whether a dependency means this package; another version that fits as well would do. */
const needs = (wish: PackageWish, id: PackageId, others: readonly InstalledPackage[]): boolean =>
  wish.name === id.name && (wish.version === id.version || !others.some(({ name }) => name === id.name));
